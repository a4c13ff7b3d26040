import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Commit } from '../../../functions/lake/commit.ts';
import { readProgress, writeProgress } from '../../../functions/lake/load-progress.ts';
import { progressKey, storedJson } from '../../../functions/lake/objects.ts';
import { load } from '../../../functions/load/load.ts';
import { mergeBatch } from '../../../functions/load/merge-batch.ts';
import type { Engine } from '../../../functions/ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import type { DuckdbEngine } from '../../../local/warehouse/duckdb-engine.ts';
import { code, id, text } from '../../../schemas/column.ts';
import { DATABASES } from '../../../schemas/derive/databases.ts';
import { defineTable } from '../../../schemas/table.ts';
import { commitRun, days, type StagedRow } from '../../helpers/staging.ts';
import { noLog, type TestWarehouse, testWarehouse } from '../../helpers/warehouse.ts';

const STREAM = { source: 'nova', stream: 'calls' };
const calls = defineTable({
  name: 'nova_calls',
  source: 'nova',
  doc: 'Calls.',
  key: ['id'],
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    state: code('Open', 'All-Done')({ path: 'state', doc: 'State.' }),
    topic: code('billing')({ path: 'topic', doc: 'Topic.' }),
    notes: text({ path: 'notes', doc: 'Notes.' }),
  },
  history: ['status', 'category'],
  calls: { call_id: 'id', status: 'state', category: 'topic', started_at: 'NULL' },
});
const AT = (n: number) => new Date(Date.parse('2026-02-27T12:00:00Z') + n * 86_400_000).toISOString();

interface Change {
  readonly id: string;
  readonly op: 'upsert' | 'delete' | 'blank';
  readonly state: string | null;
  readonly topic: string | null;
  readonly isHidden: boolean;
}

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

const PART = days('2026-02-27');
const rowOf = ({ id: key, op, state, topic, isHidden }: Change): StagedRow =>
  op === 'upsert'
    ? {
        ...{ id: key, state, topic, notes: 'SECRET', _op: op, _part_on: PART },
        _hidden: isHidden || state === 'Jane Doe' ? ',state,' : '',
      }
    : { id: key, _op: op, _part_on: PART, _hidden: '' };

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

/** Stages a commit of each list of changes, one file a row. */
async function commitAll(account: string, all: readonly (readonly Change[])[]) {
  const commits: Commit[] = [];
  for (const [n, commit] of all.entries()) {
    const rows = commit.map((change, row) => ({ table: calls, rows: [{ ...rowOf(change), _row: BigInt(row) }] }));
    const run = { n: n + 1, at: AT(n), loadId: `${account}-${n}`, rows };
    commits.push(await commitRun(home.store, { ...STREAM, account }, run));
  }
  return commits;
}

/** The versions of one account, by the promise alone. */
function expectedOf(all: readonly (readonly Change[])[]): readonly string[] {
  const rows = all.flatMap((commit, n) => {
    const last = new Map(commit.map((change) => [change.id, change]));
    return [...last.values()].map(({ id: key, op, state, topic, isHidden }) => {
      const isGone = op !== 'upsert';
      const words: Readonly<Record<string, string>> = { Open: 'open', 'All-Done': 'all_done' };
      const status = isGone || isHidden || state === null ? null : (words[state] ?? null);
      return JSON.stringify(['nova', key, n + 1, AT(n), status, isGone ? null : topic, isGone]);
    });
  });
  return rows.sort();
}

async function versionsOf(account: string): Promise<readonly string[]> {
  const { rows } = await engine.query(
    `SELECT source, call_id, seq, seen_at, status, category, is_removed FROM callhouse.call_versions WHERE account = '${account}'`,
  );
  const asText = (value: unknown) => (value instanceof Date ? value.toISOString() : value);
  return rows.map((row) => JSON.stringify(row.map(asText))).sort();
}

const upsert = (state: string): Change => ({ id: 'a', op: 'upsert', state, topic: null, isHidden: false });
const REMOVAL: Change = { id: 'a', op: 'delete', state: null, topic: null, isHidden: false };

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
