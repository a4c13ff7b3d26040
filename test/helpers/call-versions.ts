import type { Commit } from '../../functions/lake/commit.ts';
import type { Engine, Store } from '../../functions/ports.ts';
import { code, id, text } from '../../schemas/column.ts';
import { defineTable } from '../../schemas/table.ts';
import { commitRun, days, type StagedRow } from './staging.ts';

/** The stream whose calls have versions, of any account. */
export const STREAM = { source: 'nova', stream: 'calls' };
/** Its table. */
export const calls = defineTable({
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

/** What a commit stages of a call. */
export interface Change {
  readonly id: string;
  readonly op: 'upsert' | 'delete' | 'blank';
  readonly state: string | null;
  readonly topic: string | null;
  readonly isHidden: boolean;
}

const PART = days('2026-02-27');
const rowOf = ({ id: key, op, state, topic, isHidden }: Change): StagedRow =>
  op === 'upsert'
    ? {
        ...{ id: key, state, topic, notes: 'SECRET', _op: op, _part_on: PART },
        _hidden: isHidden || state === 'Jane Doe' ? ',state,' : '',
      }
    : { id: key, _op: op, _part_on: PART, _hidden: '' };

/** Stages a commit of each list of changes, one file a row. */
export async function commitVersions(store: Store, account: string, all: readonly (readonly Change[])[]) {
  const commits: Commit[] = [];
  for (const [n, commit] of all.entries()) {
    const rows = commit.map((change, row) => ({ table: calls, rows: [{ ...rowOf(change), _row: BigInt(row) }] }));
    const run = { n: n + 1, at: AT(n), loadId: `${account}-${n}`, rows };
    commits.push(await commitRun(store, { ...STREAM, account }, run));
  }
  return commits;
}

/** The versions of one account, by the promise alone. */
export function expectedOf(all: readonly (readonly Change[])[]): readonly string[] {
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

/** The versions of an account in the warehouse. */
export async function readVersions(engine: Engine, account: string): Promise<readonly string[]> {
  const { rows } = await engine.query(
    `SELECT source, call_id, seq, seen_at, status, category, is_removed FROM callhouse.call_versions WHERE account = '${account}'`,
  );
  const asText = (value: unknown) => (value instanceof Date ? value.toISOString() : value);
  return rows.map((row) => JSON.stringify(row.map(asText))).sort();
}

/** A call in a state. */
export const upsert = (state: string): Change => ({ id: 'a', op: 'upsert', state, topic: null, isHidden: false });
/** Its removal. */
export const REMOVAL: Change = { id: 'a', op: 'delete', state: null, topic: null, isHidden: false };
