import { expect, test } from 'vitest';
import { SqlError, WarehouseBusyError } from '../../../functions/errors.ts';
import type { Engine } from '../../../functions/ports.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { warehouseRecall } from '../../../local/warehouse/warehouse-recall.ts';
import { kismetDailyCallMetrics } from '../../../schemas/tables/kismet.ts';
import { solumCalls } from '../../../schemas/tables/solum.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { testWarehouse } from '../../helpers/warehouse.ts';

async function warehouse(): Promise<{ readonly engine: Engine; readonly folder: string }> {
  const folder = await temporaryFolder();
  const engine = testWarehouse(folder).open();
  await engine.prepare([solumCalls, kismetDailyCallMetrics]);
  return { engine, folder };
}

test('reads keys, days and deletion times of one account', async () => {
  const { engine, folder } = await warehouse();
  const standard = "DATE '2026-01-02', TIMESTAMP '2026-01-03', TIMESTAMP '2026-01-04'";
  await engine.execute(
    `INSERT INTO callhouse.kismet_daily_call_metrics (account, scope, scope_id, date, _part_on, _first_seen_at, _changed_at, _deleted_at, _seq, _load_id)
     VALUES ('north', 'user', '7', DATE '2026-01-02', ${standard}, NULL, 5, 'a'), ('south', 'user', '8', DATE '2026-01-02', ${standard}, TIMESTAMP '2026-01-05', 6, 'b')`,
  );
  const memory = warehouseRecall({ store: fsStore(folder), open: () => engine });
  const at = (day: string) => Date.parse(`${day}T00:00:00Z`);
  const expected = { partOn: '2026-01-02', firstSeenAt: at('2026-01-03') };
  expect(await memory.readBack(kismetDailyCallMetrics, 'north')).toEqual([
    { ...expected, key: ['user', '7', '2026-01-02'], deletedAt: undefined, seq: 5 },
  ]);
  expect(await memory.readBack(kismetDailyCallMetrics, 'south')).toMatchObject([
    { deletedAt: at('2026-01-05'), seq: 6 },
  ]);
  expect(await memory.readBack(solumCalls, 'north')).toEqual([]);
  await memory.close();
});

test('returns undefined if there is no warehouse, or no such table in it', async () => {
  const folder = await temporaryFolder();
  const store = fsStore(folder);
  expect(await warehouseRecall({ store, open: () => undefined }).readBack(solumCalls, 'default')).toBeUndefined();
  const engine = testWarehouse(folder).open();
  const memory = warehouseRecall({ store, open: () => engine });
  expect(await memory.readBack(solumCalls, 'default')).toBeUndefined();
  await memory.close();
});

test('if the warehouse is busy, the progress shows whether the account was ever loaded', async () => {
  let asked = 0;
  const engine = {
    query: () => {
      asked += 1;
      return Promise.reject(new WarehouseBusyError('held'));
    },
  } as unknown as Engine;
  const store = fsStore(await temporaryFolder());
  const memory = warehouseRecall({ store, open: () => engine });
  // No progress at all: the lake may have been lost, and the warehouse full.
  await expect(memory.readBack(solumCalls, 'default')).rejects.toBeInstanceOf(WarehouseBusyError);
  await store.put('progress/w/kalem/default/calls.json', Buffer.from('{}'));
  expect(await memory.readBack(solumCalls, 'default')).toBeUndefined();
  await store.put('progress/w/solum/default/calls.json', Buffer.from('{}'));
  await expect(memory.readBack(solumCalls, 'default')).rejects.toBeInstanceOf(WarehouseBusyError);
  expect(await memory.readBack(solumCalls, 'north')).toBeUndefined();
  expect(asked).toBe(1);
  expect(new SqlError('x').exitCode).toBe(2);
});

test('a load waits until a table is read back, and runs with the warehouse closed', async () => {
  const events: string[] = [];
  const engine = {
    query: async () => {
      events.push('read');
      return { columns: [], rows: [] };
    },
    close: async () => void events.push('close'),
  } as unknown as Engine;
  const memory = warehouseRecall({ store: fsStore(await temporaryFolder()), open: () => engine });
  await Promise.all([
    memory.readBack(solumCalls, 'default'),
    memory.whileClosed(async () => {
      events.push('load');
      await Promise.resolve();
      events.push('loaded');
    }),
    memory.readBack(solumCalls, 'default'),
  ]);
  await memory.close();
  expect(events).toEqual(['read', 'close', 'load', 'loaded', 'read', 'close']);
});
