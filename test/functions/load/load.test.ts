import { rm } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readProgress } from '../../../functions/lake/load-progress.ts';
import { commitKey, progressKey } from '../../../functions/lake/objects.ts';
import { load } from '../../../functions/load/load.ts';
import type { Engine } from '../../../functions/ports.ts';
import type { LoadResult } from '../../../functions/results.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { commitRun, days } from '../../helpers/staging.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { noLog, type TestWarehouse, testWarehouse } from '../../helpers/warehouse.ts';

const ID = { source: 'sample', account: 'default', stream: 'calls' };
const OTHER = { ...ID, stream: 'others' };
const STREAMS = [ID, OTHER].map(({ source, stream }) => ({ source, stream, tables: [sampleCalls] }));
const NOTHING: LoadResult = { commits: 0, changed: {}, error: undefined, exitCode: 0 };
const bytes = (text: string) => new TextEncoder().encode(text);

interface Setup {
  readonly warehouse: TestWarehouse;
  readonly engine: Engine;
  readonly run: (options?: {
    readonly accounts?: readonly string[];
    readonly engine?: Engine;
    readonly signal?: AbortSignal;
  }) => Promise<LoadResult>;
  readonly rowsOf: (sql: string) => Promise<readonly (readonly unknown[])[]>;
}

async function setUp(): Promise<Setup> {
  const warehouse = testWarehouse(await temporaryFolder());
  const engine = warehouse.open();
  onTestFinished(() => engine.close());
  const run: Setup['run'] = ({ accounts = ['default'], engine: other = engine, signal } = {}) =>
    load(
      { streams: STREAMS, accounts: { sample: accounts } },
      { store: warehouse.store, engine: other, log: noLog, now: Date.now, signal },
    );
  return { warehouse, engine, run, rowsOf: async (sql) => (await engine.query(sql)).rows };
}

const one = (id: string, more = {}) => [{ table: sampleCalls, rows: [{ id, order: 1n, ...more }] }];

describe('load', () => {
  test('creates tables and views even if there are no commits', async () => {
    const { run, rowsOf } = await setUp();
    expect(await run()).toEqual(NOTHING);
    expect(await rowsOf('SELECT count(*) FROM calls')).toEqual([[0]]);
  });

  test('has clauses for removals in the statements of a batch with removals alone', async () => {
    const { warehouse, engine, run } = await setUp();
    const statements: string[] = [];
    const execute: Engine['execute'] = (sql, token) => {
      statements.push(sql);
      return engine.execute(sql, token);
    };
    await commitRun(warehouse.store, ID, { n: 1, rows: one('a') });
    await run();
    await commitRun(warehouse.store, ID, { n: 2, rows: one('a', { status: 'changed' }) });
    await commitRun(warehouse.store, ID, { n: 3, rows: one('a', { _op: 'delete' }) });
    await run({ engine: { ...engine, execute } });
    const merges = statements.filter((sql) => sql.includes('"sample_calls" t'));
    expect(merges.map((sql) => sql.includes("<> 'upsert'"))).toEqual([false, false, true, true]);
  });

  test('merges each commit once', async () => {
    const { warehouse, run, rowsOf } = await setUp();
    await commitRun(warehouse.store, ID, { n: 1, rows: one('a', { status: 'new' }) });
    await commitRun(warehouse.store, ID, { n: 2, rows: one('a', { status: 'done', notes: '1' }) });
    expect(await run()).toEqual({
      ...NOTHING,
      commits: 2,
      changed: { 'callhouse_phi.sample_calls': 1, 'callhouse.sample_calls': 1 },
    });
    expect(await rowsOf('SELECT id, status, _seq FROM callhouse.sample_calls')).toEqual([['a', 'done', 2]]);
    expect(await rowsOf('SELECT id, notes FROM callhouse_phi.sample_calls')).toEqual([['a', '1']]);
    expect(await run()).toEqual(NOTHING);
  });

  test('keeps _first_seen_at of a row, and clears _deleted_at when the record returns', async () => {
    const { warehouse, run, rowsOf } = await setUp();
    const at = (day: number) => `2026-03-0${day}T12:00:00.000Z`;
    const part = { _part_on: days('2026-03-01') };
    await commitRun(warehouse.store, ID, { n: 1, at: at(1), rows: one('a', { ...part, status: 'new' }) });
    await commitRun(warehouse.store, ID, { n: 2, at: at(2), rows: one('a', { ...part, _op: 'delete' }) });
    await run();
    const select = 'SELECT status, _first_seen_at, _changed_at, _deleted_at, _part_on FROM callhouse.sample_calls';
    expect(await rowsOf(select)).toEqual([['new', new Date(at(1)), new Date(at(2)), new Date(at(2)), '2026-03-01']]);
    await commitRun(warehouse.store, ID, { n: 3, at: at(3), rows: one('a', { ...part, status: 'back' }) });
    await run();
    expect(await rowsOf(select)).toEqual([['back', new Date(at(1)), new Date(at(3)), null, '2026-03-01']]);
  });

  test('keeps the rows of two accounts apart', async () => {
    const { warehouse, run, rowsOf } = await setUp();
    await commitRun(warehouse.store, ID, { n: 1, rows: one('a', { status: 'x' }) });
    await commitRun(
      warehouse.store,
      { ...ID, account: 'north' },
      { n: 1, loadId: 'north-1', rows: one('a', { status: 'y' }) },
    );
    expect((await run()).commits).toBe(1);
    expect((await run({ accounts: ['default', 'north'] })).commits).toBe(1);
    const rows = await rowsOf('SELECT account, status FROM callhouse.sample_calls ORDER BY 1');
    expect(rows).toEqual([
      ['default', 'x'],
      ['north', 'y'],
    ]);
  });

  test('divides rows of many years among statements and loses none', async () => {
    const { warehouse, run, rowsOf } = await setUp();
    const years = [1970, 1999, 2024, 2026];
    const rows = years.map((year) => ({ id: String(year), order: 1n, _part_on: days(`${year}-06-30`) }));
    await commitRun(warehouse.store, ID, { n: 1, rows: [{ table: sampleCalls, rows }] });
    expect((await run()).changed).toEqual({ 'callhouse_phi.sample_calls': 4, 'callhouse.sample_calls': 4 });
    expect(await rowsOf('SELECT id FROM callhouse.sample_calls ORDER BY 1')).toEqual(
      years.map((year) => [String(year)]),
    );
  });

  test('keeps the later of two rows of one key in one commit, however many statements there are', async () => {
    const { warehouse, engine, run, rowsOf } = await setUp();
    const part = (status: string, row: bigint) =>
      one('a', { status, _row: row })[0] ?? { table: sampleCalls, rows: [] };
    await commitRun(warehouse.store, ID, { n: 1, rows: [part('first', 1n), part('second', 2n), part('third', 3n)] });
    expect((await run({ engine: { ...engine, filesPerMerge: 1 } })).changed).toEqual({
      'callhouse_phi.sample_calls': 1,
      'callhouse.sample_calls': 1,
    });
    expect(await rowsOf('SELECT status FROM callhouse.sample_calls')).toEqual([['third']]);
  });

  test('writes one row per commit to loads, and rejects summed by reason', async () => {
    const { warehouse, run, rowsOf } = await setUp();
    const reject = { table: 'sample_calls', column: 'cost', reason: 'not a number', count: 2 };
    await commitRun(warehouse.store, ID, {
      n: 1,
      status: 'partial',
      rejects: [reject, reject, { ...reject, reason: 'too long' }],
    });
    expect((await run()).commits).toBe(1);
    expect(await rowsOf('SELECT load_id, source, account, stream, status FROM loads')).toEqual([
      ['load-calls-1', 'sample', 'default', 'calls', 'partial'],
    ]);
    expect(await rowsOf('SELECT column_name, reason, count FROM rejects ORDER BY reason')).toEqual([
      ['cost', 'not a number', 4],
      ['cost', 'too long', 2],
    ]);
    expect(await rowsOf('SELECT last_status, last_ok_at FROM freshness')).toEqual([['partial', null]]);
  });

  test('replays the commits of a loader that was killed before it saved its progress, which changes nothing', async () => {
    const { warehouse, engine, run } = await setUp();
    await commitRun(warehouse.store, ID, { n: 1, rows: one('a') });
    await run();
    await warehouse.store.delete(progressKey(await engine.identity(), ID));
    expect(await run()).toEqual({
      ...NOTHING,
      commits: 1,
      changed: { 'callhouse_phi.sample_calls': 0, 'callhouse.sample_calls': 0 },
    });
  });

  test('leaves no row of a batch that fails, and loads it completely the next time', async () => {
    const { warehouse, engine, run, rowsOf } = await setUp();
    await commitRun(warehouse.store, ID, { n: 1, rows: one('a') });
    const failing: Engine = {
      ...engine,
      execute: async (sql) => {
        if (sql.includes('"loads"')) throw new Error('killed');
        return engine.execute(sql);
      },
    };
    await expect(run({ engine: failing })).rejects.toThrow('killed');
    expect(await rowsOf('SELECT id FROM callhouse_phi.sample_calls')).toEqual([]);
    expect((await run()).changed).toEqual({ 'callhouse_phi.sample_calls': 1, 'callhouse.sample_calls': 1 });
  });

  test('rebuilds an emptied warehouse from the staged files', async () => {
    const { warehouse, engine, run, rowsOf } = await setUp();
    await commitRun(warehouse.store, ID, { n: 1, rows: one('a') });
    await run();
    await engine.close();
    await rm(warehouse.path);
    expect((await run()).commits).toBe(1);
    expect(await rowsOf('SELECT id FROM callhouse.sample_calls')).toEqual([['a']]);
  });

  test('brings an older copy of the warehouse up to date', async () => {
    const { warehouse, run, rowsOf, engine } = await setUp();
    await commitRun(warehouse.store, ID, { n: 1, rows: one('a') });
    await run();
    await engine.execute('DELETE FROM callhouse.sample_calls');
    await engine.execute('DELETE FROM callhouse.loads');
    await commitRun(warehouse.store, ID, { n: 2, rows: one('b') });
    expect((await run()).commits).toBe(2);
    expect(await rowsOf('SELECT id FROM callhouse.sample_calls ORDER BY 1')).toEqual([['a'], ['b']]);
  });

  test.each([
    { says: 'is not JSON', body: '{' },
    { says: 'has another shape', body: '{"version":1}' },
  ])('reports a commit that $says, and loads the other streams', async ({ body }) => {
    const { warehouse, run } = await setUp();
    await commitRun(warehouse.store, ID, { n: 1, rows: one('a') });
    await warehouse.store.put(commitKey(ID, 2), bytes(body));
    await commitRun(warehouse.store, OTHER, { n: 1, rows: one('b') });
    const result = await run();
    expect(result).toMatchObject({ exitCode: 4, changed: { 'callhouse.sample_calls': 1 } });
    expect(result.error).toMatch(
      /^sample\.calls: commits\/sample\/default\/calls\/000000000002\.json in .* cannot be read/,
    );
    expect((await run()).changed).toEqual({});
  });

  test('rejects a commit that was moved to another place of the log', async () => {
    const { warehouse, run } = await setUp();
    await commitRun(warehouse.store, ID, { n: 1, rows: one('a') });
    const moved = await warehouse.store.get(commitKey(ID, 1));
    await warehouse.store.put(commitKey(OTHER, 1), moved ?? bytes(''));
    expect(await run()).toMatchObject({ commits: 1, exitCode: 4 });
  });

  test('loads from the first commit if saved progress cannot be read', async () => {
    const { warehouse, engine, run } = await setUp();
    await commitRun(warehouse.store, ID, { n: 1, rows: one('a') });
    await run();
    await warehouse.store.put(progressKey(await engine.identity(), ID), bytes('{'), { replace: true });
    expect(await run()).toMatchObject({ commits: 1, exitCode: 0 });
    expect(await readProgress(warehouse.store, await engine.identity(), ID, noLog)).toMatchObject({ n: 1 });
  });

  test('stops between two batches when it is interrupted', async () => {
    const { warehouse, run } = await setUp();
    await commitRun(warehouse.store, ID, { n: 1, rows: one('a') });
    expect(await run({ signal: AbortSignal.abort() })).toMatchObject({ commits: 0 });
    expect(await run()).toMatchObject({ commits: 1 });
  });

  test('reports that staged files are not loaded while another program holds the warehouse', async () => {
    const { warehouse, run, engine } = await setUp();
    await engine.identity();
    expect(await run({ engine: warehouse.open({ lockWaitMs: 0 }) })).toMatchObject({
      exitCode: 6,
      error: expect.stringContaining('staged, not loaded'),
    });
  });
});
