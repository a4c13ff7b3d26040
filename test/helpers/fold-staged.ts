import { type Commit, commitSchema } from '../../functions/lake/commit.ts';
import { commitPrefix, type StreamId } from '../../functions/lake/objects.ts';
import type { Store } from '../../functions/ports.ts';
import { findSource } from '../../functions/source/registry.ts';
import { layoutOf } from '../../schemas/layout.ts';
import type { Value } from '../../schemas/value.ts';
import { readByHyparquet } from './read-parquet.ts';

/** A row as it is after a MERGE of all commits. */
export type FoldedRow = Readonly<Record<string, Value>>;
/** Rows by key, of each table. */
export type FoldedTables = Map<string, Map<string, FoldedRow>>;

/** Commits of a stream, oldest first. */
export async function commitsOf(store: Store, id: StreamId): Promise<Commit[]> {
  const commits: Commit[] = [];
  for await (const key of store.list(commitPrefix(id))) {
    const body = await store.get(key);
    commits.push(commitSchema.parse(JSON.parse(Buffer.from(body ?? []).toString('utf8'))));
  }
  return commits;
}

/** Latest committed row per key of every table of a source; it ignores staged files that no commit names. */
export async function foldSource(store: Store, source: string, account = 'default'): Promise<FoldedTables> {
  const tables: FoldedTables = new Map();
  for (const [stream, { tables: declared }] of Object.entries((await findSource(source)).streams)) {
    for (const table of declared) tables.set(table.name, new Map());
    for (const { staged, n } of await commitsOf(store, { source, account, stream })) {
      for (const { table: name, key, rows } of staged) {
        const table = declared.find((one) => one.name === name);
        const body = await store.get(key);
        if (!table || !body) throw new Error(`${key} is named by commit ${n} and is not there`);
        const columns = await readByHyparquet(table, body);
        if ((columns[0]?.length ?? 0) !== rows) throw new Error(`${key} holds another number of rows than named`);
        const layout = layoutOf(table);
        const into = tables.get(name) ?? new Map<string, FoldedRow>();
        for (let row = 0; row < rows; row += 1) {
          const values = Object.fromEntries(layout.map((column, at) => [column.name, columns[at]?.[row] ?? null]));
          foldRow(into, table.key, values);
        }
      }
    }
  }
  return tables;
}

function foldRow(into: Map<string, FoldedRow>, key: readonly string[], row: FoldedRow): void {
  const id = key.map((name) => String(row[name])).join('|');
  const before = into.get(id);
  if (before && isOlder(row, before)) return;
  const kept = row['_op'] === 'upsert' || before === undefined ? row : { ...before, ...marksOf(row) };
  into.set(id, kept);
}

function marksOf(row: FoldedRow): FoldedRow {
  return Object.fromEntries(
    ['_deleted_at', '_changed_at', '_seq', '_row', '_op', '_load_id'].map((n) => [n, row[n] ?? null]),
  );
}

function isOlder(row: FoldedRow, before: FoldedRow): boolean {
  const [seq, beforeSeq] = [BigInt(String(row['_seq'])), BigInt(String(before['_seq']))];
  return seq === beforeSeq ? BigInt(String(row['_row'])) < BigInt(String(before['_row'])) : seq < beforeSeq;
}

const ATTEMPT = new Set(['_seq', '_row', '_load_id', '_op', '_hidden']);

/** Rows without the values that differ between two attempts of the same work: commit numbers, URL signatures, and which words were earned by then. */
export function contentOf(tables: FoldedTables): Record<string, Record<string, Record<string, Value>>> {
  const plain = (row: FoldedRow) =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([name]) => !ATTEMPT.has(name))
        .map(([name, value]) => [name, name.endsWith('_url') ? (String(value).split('?', 1)[0] ?? '') : value]),
    );
  const sorted = (rows: Map<string, FoldedRow>) =>
    Object.fromEntries([...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, row]) => [key, plain(row)]));
  return Object.fromEntries([...tables].map(([name, rows]) => [name, sorted(rows)]));
}

/** Rows of one table. */
export function rowsOf(tables: FoldedTables, table: string): ReadonlyMap<string, FoldedRow> {
  const rows = tables.get(table);
  if (!rows) throw new Error(`no table ${table}`);
  return rows;
}
