import { describe, expect, test } from 'vitest';
import { readProgress } from '../../../functions/lake/load-progress.ts';
import { load } from '../../../functions/load/load.ts';
import type { Engine, Store } from '../../../functions/ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { commitRun } from '../../helpers/staging.ts';
import { useAthena } from '../../helpers/use-athena.ts';
import { noLog } from '../../helpers/warehouse.ts';

const idOf = (account: string, stream = 'calls') => ({ source: 'sample', account, stream });
const PLAN = {
  streams: [{ ...idOf('any'), tables: [sampleCalls] }],
  accounts: { sample: ['east', 'north', 'west'] },
};
const row = (id: string) => [{ table: sampleCalls, rows: [{ id, order: 1n }] }];
const day = (n: number) => `2026-03-0${n}T12:00:00.000Z`;

const athena = useAthena();
const { open } = athena;
const run = (store: Store, { engine = open(), now = Date.now }: { engine?: Engine; now?: () => number } = {}) =>
  load(PLAN, { store, engine, log: noLog, now });
const merges = (table: string) =>
  athena.server.executions.map(({ sql }) => sql).filter((sql) => sql.startsWith(`MERGE INTO "callhouse"."${table}"`));
/** An engine whose statements that contain the text fail with the error. */
const failing = (text: string, error: Error): Engine => {
  const engine = open();
  return {
    ...engine,
    execute: async (sql, token) => (sql.includes(text) ? Promise.reject(error) : engine.execute(sql, token)),
  };
};

/** A commit of each account: that of `north` is the oldest. */
async function threeAccounts() {
  const store = memoryStore();
  for (const [account, at] of [
    ['east', day(3)],
    ['north', day(1)],
    ['west', day(2)],
  ] as const)
    await commitRun(store, idOf(account), { n: 1, at, loadId: `${account}-1`, rows: row('a') });
  return store;
}

describe('a load on Athena', () => {
  test('changes loads once, and notes the bytes that each account scanned', async () => {
    const store = await threeAccounts();
    expect(await run(store)).toMatchObject({ commits: 3, exitCode: 0 });
    expect(merges('loads')).toHaveLength(1);
    for (const account of PLAN.accounts.sample)
      expect(merges('loads')[0]).toMatch(new RegExp(`'${account}-1'.*CAST\\(20 AS bigint\\), false\\)`));
    expect(merges('rejects')).toEqual([]);
  });

  test('begins with the account that is furthest behind, and never merges two accounts into one table at once', async () => {
    await run(await threeAccounts());
    const order = merges('sample_calls').map((sql) => /t\."account" = '(\w+)'/.exec(sql)?.[1]);
    expect(order).toEqual(['north', 'west', 'east']);
  });

  test('gives the bytes of a batch to its last commit, so that sums are right', async () => {
    const store = memoryStore();
    for (const n of [1, 2]) await commitRun(store, idOf('east'), { n, rows: row(String(n)) });
    await run(store);
    expect(merges('loads')[0]).toMatch(/'load-calls-1'.*CAST\(0 AS bigint\), false\)/);
    expect(merges('loads')[0]).toMatch(/'load-calls-2'.*CAST\(20 AS bigint\), false\)/);
  });

  test('asks with one statement what the warehouse holds', async () => {
    const store = await threeAccounts();
    await run(store);
    athena.server.executions.length = 0;
    for (const account of PLAN.accounts.sample)
      await commitRun(store, idOf(account), { n: 2, at: day(4), loadId: `${account}-2` });
    const held = PLAN.accounts.sample.map((account) => [`${account}-1`]);
    athena.server.scripts = [{ columns: [['load_id', 'varchar']], rows: held }];
    expect(await run(store)).toMatchObject({ commits: 3, exitCode: 0 });
    expect(athena.server.executions.map(({ sql }) => sql.split('\n', 1)[0])).toEqual([
      `SELECT load_id, '' AS stream, 0 AS seq FROM "callhouse"."loads" WHERE load_id IN ('east-1', 'north-1', 'west-1') ` +
        `UNION ALL SELECT DISTINCT t."_load_id", l.source || '/' || l.account || '/' || l.stream, t."_seq" ` +
        `FROM "callhouse"."sample_calls" t JOIN "callhouse"."loads" l ON l.load_id = t."_load_id" ` +
        ['east', 'north', 'west']
          .map((name, n) => `${n === 0 ? 'WHERE ' : ''}t."account" = '${name}' AND t."_seq" > 1`)
          .join(' OR '),
      'MERGE INTO "callhouse"."loads" t',
    ]);
  });

  test('saves several times if it takes long, so that a killed run repeats minutes at most', async () => {
    let clock = 0;
    const now = () => {
      clock += 100_000;
      return clock;
    };
    await run(await threeAccounts(), { now });
    expect(merges('loads').length).toBeGreaterThan(1);
  });

  test('saves no progress if the bookkeeping fails, and says since when nothing is loaded', async () => {
    const store = await threeAccounts();
    athena.server.scripts = Array.from({ length: 8 }, (_, n) =>
      n < 7 ? {} : { states: ['FAILED'], reason: 'HIVE_X: no' },
    );
    expect(await run(store)).toMatchObject({
      exitCode: 5,
      behind: { ...idOf('north'), since: day(1) },
    });
    expect((await readProgress(store, 'athena-callhouse', idOf('west'), noLog)).n).toBe(0);
    expect(await run(store)).toMatchObject({ commits: 3, exitCode: 0 });
    expect((await readProgress(store, 'athena-callhouse', idOf('west'), noLog)).n).toBe(1);
  });

  test('loads and saves the other accounts although one meets a bug, which is then thrown', async () => {
    const store = await threeAccounts();
    await expect(run(store, { engine: failing(`'west'`, new TypeError('a bug')) })).rejects.toThrow('a bug');
    const saved = PLAN.accounts.sample.map(
      async (account) => (await readProgress(store, 'athena-callhouse', idOf(account), noLog)).n,
    );
    expect(await Promise.all(saved)).toEqual([1, 1, 0]);
  });
});
