import type { Engine } from '../../../functions/ports.ts';

/** Row counts of one table. */
export interface TableTotal {
  readonly table: string;
  readonly live: number;
  readonly removed: number;
}

/** Row counts of every vendor table, sorted by name. */
export async function readTables(engine: Engine): Promise<TableTotal[]> {
  const { rows: names } = await engine.query(
    "SELECT table_name FROM duckdb_columns() WHERE schema_name = 'callhouse' AND column_name = '_deleted_at' AND table_name IN (SELECT table_name FROM duckdb_tables() WHERE schema_name = 'callhouse') ORDER BY table_name",
  );
  if (names.length === 0) return [];
  const counts = names.map(
    ([name]) => `SELECT '${name}', count(*) FILTER (_deleted_at IS NULL), count(_deleted_at) FROM callhouse."${name}"`,
  );
  const { rows } = await engine.query(counts.join(' UNION ALL '));
  return rows
    .map(([table, live, removed]) => ({ table: String(table), live: Number(live), removed: Number(removed) }))
    .sort((a, b) => (a.table < b.table ? -1 : 1));
}
