import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkTables } from '../../../functions/check/check-tables.ts';
import { readProgress, writeProgress } from '../../../functions/lake/load-progress.ts';
import { progressKey, storedJson } from '../../../functions/lake/objects.ts';
import { load } from '../../../functions/load/load.ts';
import { mergeBatch } from '../../../functions/load/merge-batch.ts';
import { hyparquetWriter } from '../../../functions/parquet/hyparquet.ts';
import type { Engine } from '../../../functions/ports.ts';
import { renameRows } from '../../../functions/rotate/rename-rows.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import type { DuckdbEngine } from '../../../local/warehouse/duckdb-engine.ts';
import { DATABASES } from '../../../schemas/derive/databases.ts';
import {
  type Change,
  calls,
  commitVersions,
  expectedOf,
  REMOVAL,
  readVersions,
  STREAM,
  upsert,
} from '../../helpers/call-versions.ts';
import { noLog, type TestWarehouse, testWarehouse } from '../../helpers/warehouse.ts';

const changes = fc.array(
  fc.record<Change>({
    id: fc.constantFrom('a', 'b', `~${'0'.repeat(32)}`),
    op: fc.constantFrom('upsert', 'upsert', 'upsert', 'delete', 'blank'),
    state: fc.constantFrom('Open', 'All-Done', 'Jane Doe', null),
    topic: fc.constantFrom('billing', null),
    isHidden: fc.boolean(),
  }),
  { maxLength: 3 },
);

/** One warehouse for all tests; each has accounts of its own. */
let home: TestWarehouse;
let engine: DuckdbEngine;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'callhouse-'));
  home = testWarehouse(folder);
  engine = home.open();
  await engine.prepare([calls]);
  return async () => {
    await engine.close();
    await rm(folder, { recursive: true });
  };
});

const loadInto = (accounts: readonly string[], into: Engine = engine) =>
  load(
    { streams: [{ ...STREAM, tables: [calls] }], accounts: { nova: accounts } },
    { store: home.store, engine: into, log: noLog, now: Date.now },
  );

const commitAll = (account: string, all: readonly (readonly Change[])[]) => commitVersions(home.store, account, all);
const versionsOf = (account: string) => readVersions(engine, account);

describe('call_versions', () => {
  test('are the same however commits are ordered, batched, split into merges and repeated', async () => {
    let made = 0;
    const property = fc.asyncProperty(
      fc.array(changes, { minLength: 6, maxLength: 6 }),
      fc.integer({ min: 1, max: 3 }),
      fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
      async (six, filesPerMerge, order) => {
        made += 1;
        const own = `any${made}`;
        const expected = expectedOf(six);
        const commits = await commitAll(own, six);
        const target = {
          ...{ id: 'any', databases: DATABASES, isRewritten: () => false },
          engine: { ...engine, filesPerMerge },
        };
        for (const n of [...order, 3]) await mergeBatch(commits.slice(n, n + 1), [calls], target);
        expect(await versionsOf(own)).toEqual(expected);
        const again = await loadInto([own]);
        expect(again).toMatchObject({ exitCode: 0, commits: 6 });
        expect(again.changed['callhouse.call_versions'] ?? 0).toBe(0);
        expect(await versionsOf(own)).toEqual(expected);
      },
    );
    await fc.assert(property, { numRuns: 5 });
  }, 60_000);

  test('are complete after a load that was killed before any of its statements, without transactions', async () => {
    const three = [[upsert('Open')], [upsert('All-Done')], [REMOVAL]];
    for (let kill = 1; kill < 40; kill += 1) {
      const own = `killed${kill}`;
      await commitAll(own, three);
      let statements = 0;
      const killed: Engine = {
        ...engine,
        atomically: (work) => work(),
        execute: (sql) => {
          statements += 1;
          return statements === kill ? Promise.reject(new TypeError('killed')) : engine.execute(sql);
        },
      };
      await loadInto([own], killed).catch(() => {});
      const isWhole = statements < kill;
      await loadInto([own], killed);
      expect(await versionsOf(own), `killed before statement ${kill}`).toEqual(expectedOf(three));
      if (isWhole) return expect(kill).toBeGreaterThan(6);
    }
    throw new Error('the load never ends');
  }, 30_000);

  test('are made again by a replay alone, for commits whose staged rows it made again', async () => {
    const own = 'rewritten';
    const hidden = { ...upsert('Open'), isHidden: true };
    const before = await commitAll(own, [[hidden], [upsert('All-Done')], [hidden]]);
    await loadInto([own]);
    for (const { key } of before.flatMap(({ staged }) => staged)) await home.store.delete(key);
    const shown = [[upsert('Open')], [upsert('All-Done')], [upsert('Open')]];
    const commits = await commitAll(own, shown);
    const target = { id: 'any', databases: DATABASES, engine };
    await mergeBatch(commits, [calls], { ...target, isRewritten: () => false });
    expect(await versionsOf(own)).toEqual(expectedOf([[hidden], [upsert('All-Done')], [hidden]]));
    await mergeBatch(commits, [calls], { ...target, isRewritten: ({ n }) => n < 3 });
    expect(await versionsOf(own)).toEqual(expectedOf([[upsert('Open')], [upsert('All-Done')], [hidden]]));
  });
});

test('a load ends with 4 if somebody wrote a version twice', async () => {
  const own = 'twice';
  await commitAll(own, [[upsert('Open')]]);
  expect(await loadInto([own])).toMatchObject({ exitCode: 0 });
  await engine.execute(
    "INSERT INTO callhouse.call_versions SELECT * FROM callhouse.call_versions WHERE account = 'twice'",
  );
  await commitAll(own, [[upsert('Open')], [upsert('All-Done')]]);
  expect(await loadInto([own])).toMatchObject({
    exitCode: 4,
    faults: ['call_versions, account twice: 1 keys occur more than once; expected none'],
  });
  const results = await checkTables(
    { streams: [{ ...STREAM, tables: [calls] }], accounts: { nova: [own] } },
    { engine },
  );
  const found = results.filter(({ account, subject }) => account === own && subject === 'call_versions');
  expect(found).toEqual([expect.objectContaining({ check: 'keys', source: 'nova', found: 1 })]);
});

test('a rotation of the hash key renames keys that are hashes, of its account and source alone', async () => {
  const [earlier, present] = ['0', '1'].map((digit) => `~${digit.repeat(32)}`) as [string, string];
  const accounts = ['renamed', 'unnamed'];
  for (const account of accounts) await commitAll(account, [[{ ...upsert('Open'), id: earlier }], [upsert('Open')]]);
  await loadInto(accounts);
  await engine.execute(
    `INSERT INTO callhouse.call_versions VALUES ('other', 'renamed', '${earlier}', 1, TIMESTAMP '2026-03-01', NULL, NULL, false)`,
  );
  const request = { table: calls, account: 'renamed', columns: ['id'] };
  const ports = { store: home.store, parquet: hyparquetWriter(), engine, now: Date.now, random: Math.random };
  for (let run = 0; run < 2; run += 1) await renameRows(request, new Map([[earlier, present]]), ports);
  const { rows } = await engine.query(
    `SELECT source, account, call_id FROM callhouse.call_versions WHERE account IN ('renamed', 'unnamed') ORDER BY ALL`,
  );
  expect(rows).toEqual([
    ['nova', 'renamed', 'a'],
    ['nova', 'renamed', present],
    ['nova', 'unnamed', 'a'],
    ['nova', 'unnamed', earlier],
    ['other', 'renamed', earlier],
  ]);
});

describe('a warehouse that was made before call_versions', () => {
  test('gets the versions of what is still staged at its next load, once', async () => {
    const account = 'earlier';
    const id = { ...STREAM, account };
    const two = [[upsert('Open')], [upsert('All-Done')]];
    await commitAll(account, two);
    await loadInto([account]);
    await engine.execute("DELETE FROM callhouse.call_versions WHERE account = 'earlier'");
    const identity = await engine.identity();
    // As the version before wrote it.
    const progress = { version: 1, n: 2, loadId: 'earlier-1' } as const;
    await home.store.put(progressKey(identity, id), storedJson(progress), { replace: true });
    expect(await loadInto([account])).toMatchObject({ exitCode: 0, commits: 2 });
    expect(await versionsOf(account)).toEqual(expectedOf(two));
    const loaded = { ...progress, versions: { nova_calls: 2 } };
    expect(await readProgress(home.store, identity, id, noLog)).toEqual(loaded);
    expect(await loadInto([account])).toMatchObject({ exitCode: 0, commits: 0 });
  });

  test('goes on where that load was cut, and does not take what it holds for unloaded', async () => {
    const store = memoryStore();
    const id = { ...STREAM, account: 'cut' };
    await writeProgress(store, 'w', id, { version: 1, n: 9, loadId: 'nine' });
    await writeProgress(store, 'w', id, { version: 1, n: 4, loadId: 'four', versions: { nova_calls: 4 } });
    expect(await readProgress(store, 'w', id, noLog)).toEqual({
      ...{ version: 1, n: 9, loadId: 'nine', versions: { nova_calls: 4 } },
    });
  });
});
