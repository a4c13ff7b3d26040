import { describe, expect, onTestFinished, test } from 'vitest';
import { commitKey, progressKey } from '../../../functions/lake/objects.ts';
import { load } from '../../../functions/load/load.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { commitRun } from '../../helpers/staging.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { noLog, testWarehouse } from '../../helpers/warehouse.ts';

const ID = { source: 'sample', account: 'default', stream: 'calls' };
const OTHER = { ...ID, stream: 'others' };
const STREAMS = [ID, OTHER].map(({ source, stream }) => ({ source, stream, tables: [sampleCalls] }));
const NOTHING = { commits: 0, changed: {}, error: undefined, exitCode: 0 };

async function setUp() {
  const warehouse = testWarehouse(await temporaryFolder());
  const engine = warehouse.open();
  onTestFinished(() => engine.close());
  const plan = { streams: STREAMS, accounts: { sample: ['default'] } };
  const run = (other = engine) => load(plan, { store: warehouse.store, engine: other, log: noLog, now: Date.now });
  return { warehouse, run, rowsOf: async (sql: string) => (await engine.query(sql)).rows };
}

const one = (id: string, more = {}) => [{ table: sampleCalls, rows: [{ id, order: 1n, ...more }] }];

describe('a log that is not the one that was loaded', () => {
  test('a missing commit is an error, also at the beginning, and its rows are loaded once it is back', async () => {
    const { warehouse, run, rowsOf } = await setUp();
    const { store } = warehouse;
    const digests = ['digests/sample/default/calls/000000000001-load-calls-1.jsonl.gz'];
    for (const n of [1, 2, 3]) await commitRun(store, ID, { n, rows: one(`call-${n}`), digests });
    for (const n of [1, 2]) {
      const key = commitKey(ID, n);
      const whole = (await store.get(key)) ?? new Uint8Array();
      await store.delete(key);
      const result = await run();
      expect(result).toMatchObject({ exitCode: 4, changed: {} });
      expect(result.error).toContain(`sample.calls: ${key} is missing in`);
      expect(result.error).toContain('restore it from a copy, or move');
      await store.put(key, whole);
    }
    expect(await run()).toMatchObject({ exitCode: 0, commits: 3 });
    expect(await rowsOf('SELECT count(*) FROM callhouse.sample_calls')).toEqual([[3]]);
  });

  test('a commit that follows the last loaded one is missing', async () => {
    const { warehouse, run } = await setUp();
    await commitRun(warehouse.store, ID, { n: 1, rows: one('a') });
    await run();
    await commitRun(warehouse.store, ID, { n: 3, rows: one('c') });
    expect((await run()).error).toContain(`sample.calls: ${commitKey(ID, 2)} is missing in`);
  });

  test('a log that was begun again below the saved progress is loaded from its first commit', async () => {
    const { warehouse, run, rowsOf } = await setUp();
    const { store } = warehouse;
    await commitRun(store, ID, { n: 1, rows: one('a', { status: 'old' }) });
    for (const n of [2, 3, 4]) await commitRun(store, ID, { n });
    await run();
    for (const n of [1, 2, 3, 4]) await store.delete(commitKey(ID, n));
    expect(await run(), 'before the next extraction').toEqual(NOTHING);
    // The numbers go on above those of the rows, not above those of the commits.
    await commitRun(store, ID, { n: 2, loadId: 'again-2', rows: one('a', { status: 'new' }) });
    expect(await run()).toMatchObject({ exitCode: 0, commits: 1 });
    expect(await rowsOf('SELECT status FROM callhouse.sample_calls')).toEqual([['new']]);
    expect(await run()).toEqual(NOTHING);
    for (const n of [3, 4]) await commitRun(store, ID, { n, loadId: `again-${n}`, rows: one(`call-${n}`) });
    expect(await run()).toMatchObject({ exitCode: 0, commits: 2 });
  });

  test.each([
    { restores: 'with its progress', progress: true },
    { restores: 'without its progress', progress: false },
  ])(
    'a lake that was restored from an older copy $restores is refused, until the warehouse is new',
    async ({ progress }) => {
      const { warehouse, run, rowsOf } = await setUp();
      const { store } = warehouse;
      await commitRun(store, ID, { n: 1, rows: one('a', { status: 'new' }) });
      await run();
      const [[id]] = (await rowsOf('SELECT id FROM callhouse_staging._warehouse')) as [[string]];
      const saved = (await store.get(progressKey(id, ID))) ?? new Uint8Array();
      await commitRun(store, ID, { n: 2, rows: one('a', { status: 'second' }) });
      await run();
      await store.delete(commitKey(ID, 2));
      if (progress) await store.put(progressKey(id, ID), saved, { replace: true });
      else await store.delete(progressKey(id, ID));
      await commitRun(store, ID, { n: 2, loadId: 'other-2', rows: one('a', { status: 'third' }) });
      await commitRun(store, OTHER, { n: 1, rows: one('b') });
      const result = await run();
      expect(result).toMatchObject({ exitCode: 4, commits: 1 });
      expect(result.error).toContain('sample.calls: the warehouse has rows of commits that');
      const fresh = warehouse.open({ path: `${warehouse.path}.new` });
      onTestFinished(() => fresh.close());
      expect(await run(fresh)).toMatchObject({ exitCode: 0, commits: 3 });
      expect((await fresh.query('SELECT status FROM callhouse.sample_calls ORDER BY 1')).rows).toEqual([
        ['third'],
        [null],
      ]);
    },
  );
});
