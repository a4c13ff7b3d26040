import { describe, expect, test } from 'vitest';
import { findSuperseded } from '../../../functions/load/find-superseded.ts';
import { folderDayOf } from '../../../functions/load/months.ts';
import { DATABASES } from '../../../schemas/derive/databases.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { type StagedRow, stageRows } from '../../helpers/staging.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { testWarehouse } from '../../helpers/warehouse.ts';

const ID = { source: 'sample', account: 'default', stream: 'calls' };
const ROW = { account: 'default', _part_on: '2026-03-01', _seq: 1, _load_id: 'x' };

/** @param held ids that a table of the warehouse holds */
async function find(rows: readonly StagedRow[], held: { readonly in: string; readonly id: string }[] = []) {
  const { store, open } = testWarehouse(await temporaryFolder());
  const engine = open();
  await engine.prepare([sampleCalls]);
  for (const { in: table, id } of held)
    await engine.execute(
      `INSERT INTO ${table} (account, id, "order", _part_on, _first_seen_at, _changed_at, _seq, _load_id) VALUES ('${ROW.account}', '${id}', 1, '2026-03-01', now(), now(), 1, 'x')`,
    );
  const file = await stageRows(store, sampleCalls, ID, { n: 2 }, rows);
  const scope = {
    account: 'default',
    loadIds: ['load-calls-2'],
    days: [folderDayOf(file)],
    removals: file.deletes > 0,
    files: [file],
  };
  const target = { id: 'w', databases: DATABASES, engine, isRewritten: () => false };
  try {
    return await findSuperseded(sampleCalls, scope, target);
  } finally {
    await engine.close();
  }
}

const row = (id: string, more: StagedRow = {}): StagedRow => ({ id, order: 1n, ...more });

describe('findSuperseded', () => {
  test('returns no place if each new key is staged once', async () => {
    expect(await find([row('a'), row('b')])).toEqual([]);
  });

  test('returns the places of rows that are not the latest of their key', async () => {
    const places = await find([row('a'), row('b'), row('a'), row('a', { _seq: 1n, _row: 9n })]);
    expect(places?.map(({ seq, row }) => `${seq}:${row}`).sort()).toEqual(['1:9', '2:0']);
  });

  test.each(['callhouse.sample_calls', 'callhouse_phi.sample_calls'])(
    'returns undefined if %s alone holds one of the keys',
    async (table) => {
      expect(await find([row('a'), row('b')], [{ in: table, id: 'b' }])).toBeUndefined();
      expect(await find([row('a'), row('b')], [{ in: table, id: 'c' }])).toEqual([]);
    },
  );

  test('returns undefined if two rows have one place, which would leave out both', async () => {
    expect(await find([row('a'), row('b', { _row: 0n })])).toBeUndefined();
  });

  test('returns undefined if a row marks one as deleted', async () => {
    expect(await find([row('a'), row('b', { _op: 'delete' })])).toBeUndefined();
  });

  test('returns undefined if so many rows are superseded that the statement would be long', async () => {
    const rows = Array.from({ length: 1001 }, () => row('a'));
    expect(await find(rows)).toBeUndefined();
    expect(await find(rows.slice(2))).toHaveLength(998);
  });
});
