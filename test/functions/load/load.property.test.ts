import { rm } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { progressKey } from '../../../functions/lake/objects.ts';
import { load } from '../../../functions/load/load.ts';
import type { Engine, Store } from '../../../functions/ports.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { commitRun, days, type StagedRow } from '../../helpers/staging.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { noLog, testWarehouse } from '../../helpers/warehouse.ts';

const ID = { source: 'sample', account: 'default', stream: 'calls' };
const PLAN = { streams: [{ ...ID, tables: [sampleCalls] }], accounts: { sample: ['default'] } };

interface Change {
  readonly id: string;
  readonly op: 'upsert' | 'delete' | 'blank';
  readonly value: number;
  /** Value of a row of the same key that the commit has before this one, as a record that a list shows twice. */
  readonly before?: number | undefined;
}

type Step = { readonly commit: readonly Change[] } | { readonly load: true } | { readonly rewindTo: number };

interface Expected {
  status: string;
  notes: string | null;
  seq: number;
  deleted: boolean;
}

const changes = fc.uniqueArray(
  fc.record<Change>({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    op: fc.constantFrom('upsert', 'upsert', 'upsert', 'delete', 'blank'),
    value: fc.integer({ min: 0, max: 99 }),
    before: fc.option(fc.integer({ min: 0, max: 99 }), { nil: undefined, freq: 3 }),
  }),
  { selector: ({ id }) => id, maxLength: 4 },
);
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ commit: changes }) },
    { weight: 2, arbitrary: fc.constant({ load: true as const }) },
    { weight: 1, arbitrary: fc.record({ rewindTo: fc.nat(8) }) },
  ),
  { minLength: 1, maxLength: 10 },
);

/** What the table must hold after these commits, by the promise alone. */
function expectedAfter(commits: readonly (readonly Change[])[]) {
  const rows = new Map<string, Expected>();
  commits.forEach((commit, index) => {
    for (const { id, op, value } of commit) {
      const row = rows.get(id);
      const seq = index + 1;
      if (op === 'upsert') rows.set(id, { status: `v${value}`, notes: `n${value}`, seq, deleted: false });
      else if (row) rows.set(id, { ...row, notes: op === 'blank' ? null : row.notes, seq, deleted: true });
    }
  });
  return rows;
}

// The rows' own days spread over years: several statements a batch.
const stagedRow = ({ id, op, value }: Change): StagedRow => ({
  ...{ id, order: 1n, _op: op, _part_on: days('2010-01-31') + id.charCodeAt(0) * 400 - 38_800 },
  ...(op === 'upsert' ? { status: `v${value}`, notes: `n${value}` } : {}),
});

const stagedRows = (change: Change): readonly StagedRow[] =>
  change.op === 'upsert' && change.before !== undefined
    ? [stagedRow({ ...change, value: change.before }), stagedRow(change)]
    : [stagedRow(change)];

async function rewind(store: Store, engine: Engine, n: number): Promise<void> {
  const body = new TextEncoder().encode(JSON.stringify({ version: 1, n }));
  await store.put(progressKey(await engine.identity(), ID), body, { replace: true });
}

async function readTwins(engine: Engine) {
  const safe = await engine.query(
    'SELECT id, status, _seq, _deleted_at IS NOT NULL FROM callhouse.sample_calls ORDER BY id',
  );
  const phi = await engine.query(
    'SELECT id, notes, _seq, _deleted_at IS NOT NULL FROM callhouse_phi.sample_calls ORDER BY id',
  );
  return { safe: safe.rows, phi: phi.rows };
}

async function run(history: readonly Step[], filesPerMerge: number, folder: string): Promise<void> {
  const { store, open } = testWarehouse(folder);
  const engine: Engine = { ...open(), filesPerMerge };
  const loadNow = () => load(PLAN, { store, engine, log: noLog, now: Date.now });
  const commits: (readonly Change[])[] = [];
  let loaded = 0;
  for (const step of history) {
    if ('commit' in step) {
      commits.push(step.commit);
      const rows = step.commit.length > 0 ? [{ table: sampleCalls, rows: step.commit.flatMap(stagedRows) }] : [];
      await commitRun(store, ID, { n: commits.length, rows });
    } else if ('load' in step) {
      await loadNow();
      loaded = commits.length;
    } else {
      await rewind(store, engine, Math.min(step.rewindTo, loaded));
    }
  }
  await loadNow();
  const expected = [...expectedAfter(commits)].sort(([a], [b]) => (a < b ? -1 : 1));
  const twins = {
    safe: expected.map(([id, { status, seq, deleted }]) => [id, status, seq, deleted]),
    phi: expected.map(([id, { notes, seq, deleted }]) => [id, notes, seq, deleted]),
  };
  expect(await readTwins(engine)).toEqual(twins);
  await rewind(store, engine, 0);
  const replayed = await loadNow();
  expect(replayed.commits).toBe(commits.length);
  expect(Object.values(replayed.changed).every((rows) => rows === 0)).toBe(true);
  expect(await readTwins(engine)).toEqual(twins);
  await engine.close();
}

describe('load', () => {
  test('builds the same table however commits are divided among loads and repeated, and a replay changes nothing', async () => {
    const folder = await temporaryFolder();
    let count = 0;
    const property = fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (history, filesPerMerge) => {
      const own = `${folder}/${count++}`;
      await run(history, filesPerMerge, own);
      await rm(own, { recursive: true });
    });
    await fc.assert(property, { numRuns: 25 });
  }, 120_000);
});
