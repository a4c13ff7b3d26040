import type { Commit } from '../../../functions/lake/commit.ts';
import { readCommitsAfter } from '../../../functions/lake/commit-log.ts';
import { joinKey } from '../../../functions/lake/digest.ts';
import type { StreamId } from '../../../functions/lake/objects.ts';
import type { Ports } from '../../../functions/ports.ts';
import { stagedColumns } from '../../../schemas/layout.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';

/** A row of a table, by its columns. */
export type Row = Readonly<Record<string, Value>>;

/** Commits of a stream, oldest first. */
export async function commitsOf({ store }: Pick<Ports, 'store'>, id: StreamId): Promise<readonly Commit[]> {
  const commits: Commit[] = [];
  for await (const commit of readCommitsAfter(store, id, 0)) commits.push(commit);
  return commits;
}

/** The latest committed row of each key of a table. Commits are in order, and so are the rows of one. */
export async function committedRows(
  ports: Pick<Ports, 'store' | 'readParquet'>,
  commits: readonly Commit[],
  table: Table,
): Promise<ReadonlyMap<string, Row>> {
  const names = stagedColumns(table);
  const rows = new Map<string, Row>();
  for (const { key } of commits.flatMap(({ staged }) => staged.filter((file) => file.table === table.name))) {
    const columns = await ports.readParquet((await ports.store.get(key)) ?? new Uint8Array(), names);
    for (let at = 0; at < (columns[0]?.length ?? 0); at += 1) {
      const row = Object.fromEntries(names.map((name, n) => [name, columns[n]?.[at] ?? null]));
      const id = joinKey(table.key.map((name) => row[name]));
      rows.set(id, row['_op'] === 'upsert' ? row : { ...rows.get(id), _deleted_at: row['_deleted_at'] ?? null });
    }
  }
  return rows;
}
