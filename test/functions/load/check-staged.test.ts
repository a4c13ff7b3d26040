import { describe, expect, onTestFinished, test } from 'vitest';
import { readProgress } from '../../../functions/lake/load-progress.ts';
import { progressKey } from '../../../functions/lake/objects.ts';
import { load } from '../../../functions/load/load.ts';
import type { Engine, Store } from '../../../functions/ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { commitRun, days, type StagedRow } from '../../helpers/staging.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { useAthena } from '../../helpers/use-athena.ts';
import { noLog, testWarehouse } from '../../helpers/warehouse.ts';

const ID = { source: 'sample', account: 'default', stream: 'calls' };
const OTHER = { ...ID, stream: 'others' };
const PLAN = {
  streams: [ID, OTHER].map(({ source, stream }) => ({ source, stream, tables: [sampleCalls] })),
  accounts: { sample: ['default'] },
};
const DAY = 86_400_000;

const loadWith = (store: Store, engine: Engine) => load(PLAN, { store, engine, log: noLog, now: Date.now });
const rowsOf = (...rows: readonly StagedRow[]) => rows.map((row) => ({ table: sampleCalls, rows: [row] }));
const row = (id: string): StagedRow => ({ id, order: 1n, _part_on: days('2026-03-01') });

/** Commits of three days, the second with two staged files. */
async function commitThree(store: Store) {
  const at = (n: number) => new Date(Date.parse('2026-03-01T00:00:00Z') + n * DAY).toISOString();
  return {
    first: await commitRun(store, ID, { n: 1, at: at(1), rows: rowsOf(row('a')) }),
    second: await commitRun(store, ID, { n: 2, at: at(2), rows: rowsOf(row('b'), row('c')) }),
    third: await commitRun(store, ID, { n: 3, at: at(3), rows: rowsOf(row('d')) }),
  };
}

describe('a missing staged file, on DuckDB', () => {
  async function open() {
    const { store, open: openWarehouse } = testWarehouse(await temporaryFolder());
    const engine = openWarehouse();
    onTestFinished(() => engine.close());
    const ids = async () => {
      const { rows } = await engine.query('SELECT id FROM callhouse.sample_calls ORDER BY 1');
      return rows.flat().join('');
    };
    return { store, engine, ids, run: () => loadWith(store, engine) };
  }

  test.each([0, 1])(
    'is reported by name if it was never loaded, and the other streams are loaded (file %i)',
    async (n) => {
      const { store, ids, run } = await open();
      const { second } = await commitThree(store);
      await commitRun(store, OTHER, { n: 1, rows: rowsOf(row('x')) });
      const key = second.staged[n]?.key ?? '';
      const body = (await store.get(key)) ?? new Uint8Array();
      await store.delete(key);
      const result = await run();
      expect(result).toMatchObject({ exitCode: 5, commits: 1, changed: { 'callhouse.sample_calls': 1 } });
      expect(result.error).toMatch(
        new RegExp(`^sample\\.calls: staged file ${key} is missing in .*commit 2.*Restore the file`),
      );
      expect(await ids()).toBe('x');
      expect(await run()).toMatchObject({ exitCode: 5, commits: 0, changed: {} });
      await store.put(key, body);
      expect(await run()).toMatchObject({ exitCode: 0, commits: 3 });
      expect(await ids()).toBe('abcdx');
    },
  );

  test('is skipped in a replay if it was loaded before, and later commits are loaded', async () => {
    const { store, engine, ids, run } = await open();
    const { first, second } = await commitThree(store);
    await run();
    await store.delete(progressKey(await engine.identity(), ID));
    for (const { key } of [first.staged[0], second.staged[1]].flatMap((file) => file ?? [])) await store.delete(key);
    await commitRun(store, ID, { n: 4, rows: rowsOf(row('e')) });
    expect(await run()).toMatchObject({ exitCode: 0, commits: 4, changed: { 'callhouse.sample_calls': 1 } });
    expect(await ids()).toBe('abcde');
    expect(await readProgress(store, await engine.identity(), ID, noLog)).toMatchObject({ n: 4 });
  });

  test('is reported for another warehouse that never loaded it', async () => {
    const { store, run } = await open();
    const { first } = await commitThree(store);
    await run();
    await store.delete(first.staged[0]?.key ?? '');
    const other = testWarehouse(await temporaryFolder()).open();
    onTestFinished(() => other.close());
    expect(await loadWith(store, other)).toMatchObject({ exitCode: 5, commits: 0, changed: {} });
  });
});

describe('a missing staged file, on Athena', () => {
  const athena = useAthena();
  const { open } = athena;
  const statements = () => athena.server.executions.map(({ sql }) => sql.split('\n', 1)[0]);
  const loadIds = (...ids: readonly string[]) => ({
    columns: [['load_id', 'varchar']] as const,
    rows: ids.map((id) => [id]),
  });

  /** Answer to the first statement: the tables have no rows that are newer than the saved progress. */
  const NEWER_ROWS = {};

  test('is reported if its commit is not in loads; nothing is merged and progress does not move', async () => {
    const store = memoryStore();
    const { first, second } = await commitThree(store);
    for (const { staged } of [first, second]) await store.delete(staged[0]?.key ?? '');
    athena.server.scripts = [NEWER_ROWS, loadIds(first.loadId)];
    const result = await loadWith(store, open());
    expect(result).toMatchObject({ exitCode: 5, commits: 0, changed: {} });
    expect(result.error).toContain(`sample.calls: staged file ${second.staged[0]?.key} is missing in memory`);
    expect(athena.server.executions.map(({ sql }) => sql).slice(1)).toEqual([
      `SELECT load_id FROM "callhouse"."loads" WHERE load_id IN ('${first.loadId}', '${second.loadId}')`,
    ]);
    expect([...store.objects.keys()].filter((key) => key.startsWith('progress/'))).toEqual([]);
  });

  test('is skipped if its commit is in loads; the other files are merged and progress moves', async () => {
    const store = memoryStore();
    const { first, second, third } = await commitThree(store);
    for (const { staged } of [first, second]) for (const { key } of staged) await store.delete(key);
    athena.server.scripts = [NEWER_ROWS, loadIds(first.loadId, second.loadId)];
    expect(await loadWith(store, open())).toMatchObject({ exitCode: 0, commits: 3, error: undefined });
    const merges = athena.server.executions.filter(({ sql }) => sql.includes('callhouse_staging'));
    expect(merges).toHaveLength(2);
    for (const { sql } of merges) {
      expect(sql).toContain(`'${third.loadId}'`);
      expect(sql).not.toContain(`'${first.loadId}'`);
    }
    expect(await readProgress(store, 'athena-callhouse', ID, noLog)).toMatchObject({ n: 3 });
  });

  test('causes no query if every file exists', async () => {
    const store = memoryStore();
    await commitThree(store);
    expect(await loadWith(store, open())).toMatchObject({ exitCode: 0, commits: 3 });
    expect(statements().filter((sql) => sql?.includes('load_id IN'))).toEqual([]);
  });
});
