import type { Commit, Reject } from '../../functions/lake/commit.ts';
import { commitKey, type StreamId, stagedKey } from '../../functions/lake/objects.ts';
import { hyparquetWriter } from '../../functions/parquet/hyparquet.ts';
import type { StagedFile, Store } from '../../functions/ports.ts';
import { layoutOf } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { emptyCommit } from './empty-commit.ts';

/** A staged row; omitted columns are null or have the value that the pipeline would set. */
export type StagedRow = Readonly<Record<string, Value>>;

const DAY_MS = 86_400_000;

/** Milliseconds of an instant. */
export function ms(instant: string): number {
  return Date.parse(instant);
}

/** Days since the epoch of `YYYY-MM-DD`. */
export function days(day: string): number {
  return Date.parse(day) / DAY_MS;
}

/** The staged files and the commit of one run. */
export interface RunOptions {
  readonly n: number;
  readonly at?: string;
  readonly loadId?: string;
  readonly rows?: readonly { readonly table: Table; readonly rows: readonly StagedRow[] }[];
  readonly rejects?: readonly Reject[];
  readonly status?: Commit['status'];
  readonly digests?: readonly string[];
}

/** Writes the rows into one Parquet file and returns its entry for the commit. */
export async function stageRows(
  store: Store,
  table: Table,
  id: StreamId,
  run: RunOptions,
  rows: readonly StagedRow[],
  part = 0,
): Promise<StagedFile> {
  const { at = '2026-03-01T00:00:00.000Z', n } = run;
  const loadId = run.loadId ?? `load-${id.stream}-${n}`;
  const full = rows.map(
    (row, index): StagedRow => ({
      account: id.account,
      _part_on: days(at.slice(0, 10)),
      _first_seen_at: ms(at),
      _changed_at: ms(at),
      _deleted_at: row['_op'] === undefined || row['_op'] === 'upsert' ? null : ms(at),
      _seq: BigInt(n),
      _load_id: loadId,
      _op: 'upsert',
      _row: BigInt(index),
      _hidden: '',
      ...row,
    }),
  );
  const columns = layoutOf(table).map(({ name }) => full.map((row) => row[name] ?? null));
  const key = stagedKey(table.name, id.account, { day: at.slice(0, 10), name: loadId, part });
  await store.put(key, await hyparquetWriter().write(table, columns));
  const parts = full.map((row) => new Date(Number(row['_part_on']) * DAY_MS).toISOString().slice(0, 10)).sort();
  const deletes = full.filter((row) => row['_op'] !== 'upsert').length;
  return { table: table.name, key, rows: rows.length, deletes, partFrom: parts[0] ?? '', partTo: parts.at(-1) ?? '' };
}

/** Stages rows and writes the commit that makes them count. */
export async function commitRun(store: Store, id: StreamId, run: RunOptions): Promise<Commit> {
  const { n, at = '2026-03-01T00:00:00.000Z', rejects = [], status = 'ok', digests = [] } = run;
  const staged: StagedFile[] = [];
  for (const [part, { table, rows }] of (run.rows ?? []).entries())
    staged.push(await stageRows(store, table, id, run, rows, part));
  const commit = emptyCommit(id, n, new Date(at), {
    loadId: run.loadId ?? `load-${id.stream}-${n}`,
    runId: `run-${n}`,
    status,
    staged,
    rejects: [...rejects],
    digests: [...digests],
    counts: { requests: 1, records: 2, vendorTotal: null, changed: 2, unchanged: 0, deleted: 0, rejected: 0 },
  });
  await store.put(commitKey(id, n), new TextEncoder().encode(JSON.stringify(commit)));
  return commit;
}
