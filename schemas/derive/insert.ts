import type { OwnColumn, OwnTable } from '../own-table.ts';
import { DATABASES, type Databases } from './databases.ts';
import { quoteName, quoteText } from './sql-text.ts';
import { QUERY_TYPES } from './sql-types.ts';

/** A row of a bookkeeping table; timestamps are ISO 8601 text in UTC. A missing column is null. */
export type BookkeepingRow = Readonly<Record<string, string | number | boolean | null>>;

/** Statement that inserts the rows whose key the table does not hold yet. The same text runs on Athena and DuckDB. Keys must be unique among `rows`, and `rows` not empty. */
export function insertText(table: OwnTable, rows: readonly BookkeepingRow[], databases: Databases = DATABASES): string {
  const columns = Object.entries(table.columns);
  const names = columns.map(([name]) => quoteName(name)).join(', ');
  const values = rows.map(
    (row) => `(${columns.map(([name, column]) => literal(row[name] ?? null, column)).join(', ')})`,
  );
  return [
    `MERGE INTO ${quoteName(databases.safe)}.${quoteName(table.name)} t`,
    `USING (SELECT ${names} FROM (VALUES\n  ${values.join(',\n  ')}\n) AS v (${names})) s`,
    `ON ${table.key.map((name) => `t.${quoteName(name)} = s.${quoteName(name)}`).join(' AND ')}`,
    `WHEN NOT MATCHED THEN INSERT (${names})`,
    `  VALUES (${columns.map(([name]) => `s.${quoteName(name)}`).join(', ')})`,
  ].join('\n');
}

function literal(value: string | number | boolean | null, { type }: OwnColumn): string {
  if (value === null) return `CAST(NULL AS ${QUERY_TYPES[type]})`;
  if (type === 'timestamp')
    return `TIMESTAMP '${new Date(String(value)).toISOString().replace('T', ' ').slice(0, 23)}'`;
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'number' ? `CAST(${value} AS ${QUERY_TYPES[type]})` : quoteText(value);
}
