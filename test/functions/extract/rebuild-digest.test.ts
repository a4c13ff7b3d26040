import { describe, expect, test } from 'vitest';
import { rebuildDigest } from '../../../functions/extract/rebuild-digest.ts';
import type { ReadBackRow, Store } from '../../../functions/ports.ts';
import { DAY_MS, dayText } from '../../../functions/time.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { id } from '../../../schemas/column.ts';
import { defineTable, type Removal, type Table } from '../../../schemas/table.ts';
import { kismetCallParticipants, kismetCalls, kismetDailyCallMetrics } from '../../../schemas/tables/kismet.ts';
import { solumCalls } from '../../../schemas/tables/solum.ts';
import { commitsOf, type FoldedRow, foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { KISMET_ENV } from '../../helpers/kismet.ts';
import { makePorts } from '../../helpers/ports.ts';
import { kismetServer } from '../../helpers/recorded-vendors.ts';
import { runSource } from '../../helpers/run-source.ts';

const row = (key: readonly string[], seq: number, more: Partial<ReadBackRow> = {}): ReadBackRow => ({
  key,
  partOn: '2025-12-31',
  firstSeenAt: 5,
  deletedAt: undefined,
  seq,
  ...more,
});
const recalling = (tables: Readonly<Record<string, readonly ReadBackRow[]>>) =>
  makePorts({ readBackFromWarehouse: async ({ name }) => tables[name] });

describe('a rebuilt digest', () => {
  test('has the keys, days and marks of the warehouse, and no content', async () => {
    const ports = recalling({
      solum_calls: [row(['a'], 3), row(['b'], 9, { deletedAt: 7, partOn: 'garbled', firstSeenAt: DAY_MS })],
    });
    const rebuilt = await rebuildDigest(ports, [solumCalls], 'default');
    expect(Object.fromEntries(rebuilt?.digest.entries.recent ?? [])).toEqual({
      a: { contentHash: '', partOn: 20_453, firstSeenAt: 5 },
      b: { contentHash: '', partOn: 1, firstSeenAt: DAY_MS, deletedAt: 7 },
    });
    expect(rebuilt?.seq).toBe(9);
    expect(ports.lines.map(({ level, fields }) => [level, fields])).toEqual([
      ['warn', { source: 'solum', account: 'default' }],
    ]);
  });

  test('spells days in keys as days since the epoch', async () => {
    const ports = recalling({ kismet_daily_call_metrics: [row(['user', '101', '2025-12-31'], 1)] });
    const rebuilt = await rebuildDigest(ports, [kismetDailyCallMetrics], 'default');
    expect([...(rebuilt?.digest.entries.recent.keys() ?? [])]).toEqual(['user\u001f101\u001f20453']);
  });

  test('has the children that are deleted with their record, and the next number is above theirs', async () => {
    const ports = recalling({
      kismet_calls: [row(['4'], 3), row(['5'], 4)],
      kismet_call_participants: [
        row(['4', 'User', '2'], 8, { firstSeenAt: 6 }),
        row(['4', 'Guest', '1'], 2, { deletedAt: 1 }),
      ],
    });
    const rebuilt = await rebuildDigest(ports, [kismetCalls, kismetCallParticipants], 'default');
    expect(rebuilt?.digest.entries.get('4')?.children).toBe(
      '[["kismet_call_participants\\u001f4\\u001fUser\\u001f2","",20453,6],["kismet_call_participants\\u001f4\\u001fGuest\\u001f1","",20453,5,1]]',
    );
    expect(rebuilt?.digest.entries.get('5')).not.toHaveProperty('children');
    expect(rebuilt?.seq).toBe(8);
  });

  test('finds the record of a child by any path of its key, and has no child that is not deleted with it', async () => {
    const key = (path: string | readonly [string, ...string[]]) =>
      id({ path: path as string, nullable: false, doc: 'K.' });
    const own = { source: 'unit', doc: 'Rows.' };
    const calls = defineTable({ ...own, name: 'calls', key: ['id'], columns: { id: key(['call_id', 'id']) } });
    const columns = { n: key('n'), call_id: key('^id') };
    const child = (name: string, removal: Removal) =>
      defineTable({ ...own, name, removal, key: ['n', 'call_id'], explode: () => [], columns });
    const ports = recalling({ calls: [row(['c'], 1)], turns: [row(['t', 'c'], 2)], logs: [row(['l', 'c'], 9)] });
    const rebuilt = await rebuildDigest(
      ports,
      [calls, child('turns', 'with-parent'), child('logs', 'never')],
      'default',
    );
    expect(rebuilt?.digest.entries.get('c')?.children).toBe('[["turns\\u001ft\\u001fc","",20453,5]]');
    expect(rebuilt?.seq).toBe(2);
  });

  const NONE: readonly Readonly<Record<string, readonly ReadBackRow[]>>[] = [{ solum_calls: [] }, {}];
  test.each(NONE)('does not exist if the warehouse has no record: %o', async (tables) => {
    expect(await rebuildDigest(recalling(tables), [solumCalls], 'default')).toBeUndefined();
    expect(await rebuildDigest(makePorts(), [solumCalls], 'default')).toBeUndefined();
  });
});

describe('after the loss of the commit log', () => {
  const TABLES = ['kismet_calls', 'kismet_call_participants'];
  const person = (id: number) => ({ id, participant_type: 'User', name: `Person ${id}` });
  const call = (id: number, people: readonly object[]) => ({
    id,
    participants: people,
    created_at: '2026-10-31T00:00:00Z',
  });

  /** A warehouse that holds what was staged so far. */
  async function warehouseOf(store: Store) {
    const tables = await foldSource(store, 'kismet');
    const recalled = (table: Table, found: FoldedRow): ReadBackRow => ({
      key: table.key.map((name) => String(found[name])),
      partOn: dayText(Number(found['_part_on'])),
      firstSeenAt: Number(found['_first_seen_at']),
      deletedAt: found['_deleted_at'] === null ? undefined : Number(found['_deleted_at']),
      seq: Number(found['_seq']),
    });
    return async (table: Table) => [...rowsOf(tables, table.name).values()].map((found) => recalled(table, found));
  }
  const daysOf = async (store: Store) => {
    const tables = await foldSource(store, 'kismet');
    return Object.fromEntries(
      TABLES.map((name) => [
        name,
        [...rowsOf(tables, name)].map(([key, found]) => [key, found['_part_on'], found['_first_seen_at']]).sort(),
      ]),
    );
  };

  test('records and their children keep their days, and the next number is above both', async () => {
    const people = [person(1), person(2)];
    const calls = { 101: [call(4, people)] };
    const server = await kismetServer({
      users: [{ id: 101 }],
      calls,
      audits: {},
      metrics: { organization: { total_calls: {} }, 101: { total_calls: {} } },
    });
    const run = (store: Store, day: number, recall?: Awaited<ReturnType<typeof warehouseOf>>) =>
      runSource(
        'kismet',
        { at: `2026-11-${String(day).padStart(2, '0')}T09:00:00Z`, url: server.url },
        makePorts({ store, env: KISMET_ENV, ...(recall ? { readBackFromWarehouse: recall } : {}) }),
      );
    const store = memoryStore();
    await run(store, 1);
    // A participant alone changes in a later commit.
    people[1] = { ...person(2), name: 'Renamed' };
    await run(store, 2);
    const before = await daysOf(store);
    const id = { source: 'kismet', account: 'default', stream: 'calls' };
    const last = (await commitsOf(store, id)).at(-1)?.n ?? 0;
    const anew = memoryStore();
    expect((await run(anew, 9, await warehouseOf(store))).exitCode).toBe(0);
    expect(await daysOf(anew)).toEqual(before);
    expect((await commitsOf(anew, id))[0]?.n).toBe(last + 1);
  });
});
