import { type DuckDBConnection, DuckDBInstance, DuckDBListValue, type DuckDBValue } from '@duckdb/node-api';
import type { Canonical, Kind } from './canonical.ts';
import { parseExact, writeExact } from './exact-json.ts';
import { keyText } from './expected-row.ts';
import { TABLE_SHAPES, type TableName, type TableShape } from './table-shapes.ts';

/** The part of a row that one database holds. */
export interface ActualHalf {
  readonly values: Readonly<Record<string, Canonical>>;
  readonly live: boolean;
}

/** A table as the warehouse holds it, in both databases. */
export interface ActualTable {
  readonly safe: ReadonlyMap<string, ActualHalf>;
  readonly phi: ReadonlyMap<string, ActualHalf>;
  readonly safeColumns: readonly string[];
  readonly phiColumns: readonly string[];
  /** Faults of the table itself: a duplicate key, a text that is not JSON, a missing column. */
  readonly problems: readonly string[];
}

interface ColumnFact {
  readonly name: string;
  readonly type: string;
}

/** Reads the vendors' tables of schemas `callhouse` and `callhouse_phi` as the oracle writes them. */
export async function readWarehouse(dbPath: string): Promise<Map<string, ActualTable>> {
  const instance = await DuckDBInstance.create(dbPath, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    const tables = new Map<string, ActualTable>();
    const columnsOf = await readColumns(connection);
    for (const name of Object.keys(TABLE_SHAPES) as TableName[]) {
      const problems: string[] = [];
      const safe = await readHalf(connection, 'callhouse', name, columnsOf, problems);
      const phi = await readHalf(connection, 'callhouse_phi', name, columnsOf, problems);
      const { columns: safeColumns, rows: safeRows } = safe;
      tables.set(name, { safe: safeRows, phi: phi.rows, safeColumns, phiColumns: phi.columns, problems });
    }
    return tables;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function readHalf(
  connection: DuckDBConnection,
  schema: string,
  table: TableName,
  columnsOf: ReadonlyMap<string, readonly ColumnFact[]>,
  problems: string[],
): Promise<{ columns: readonly string[]; rows: Map<string, ActualHalf> }> {
  const shape: TableShape = TABLE_SHAPES[table];
  const columns = columnsOf.get(`${schema}.${table}`) ?? [];
  const rows = new Map<string, ActualHalf>();
  const missing = ['account', ...shape.key].filter((key) => !columns.some(({ name }) => name === key));
  if (missing.length > 0) {
    problems.push(`${schema}.${table}: key columns ${missing.join(', ')} are missing`);
    return { columns: columns.map(({ name }) => name), rows };
  }
  const list = columns.map((column) => selectColumn(column, kindOf(shape, column.name))).join(', ');
  const source = `"${schema}"."${table}"`;
  const reader = await connection.runAndReadAll(`SELECT ${list} FROM ${source}`);
  for (const row of reader.getRows()) {
    const cells = columns.map(({ name }, place): [string, Canonical] => {
      return [
        name,
        writeCell(kindOf(shape, name), row[place] ?? null, () => problems.push(`${table}.${name}: no JSON`)),
      ];
    });
    const values = Object.fromEntries(cells);
    const key = keyText(['account', ...shape.key].map((name) => values[name] ?? null));
    if (rows.has(key)) problems.push(`${schema}.${table}: key ${key} is duplicated`);
    rows.set(key, { values, live: (values['_deleted_at'] ?? null) === null });
  }
  return { columns: columns.map(({ name }) => name), rows };
}

/** Columns of every table, by schema and name: DuckDB lists all of them for any such query. */
async function readColumns(connection: DuckDBConnection): Promise<Map<string, ColumnFact[]>> {
  const reader = await connection.runAndReadAll(
    `SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns()
     WHERE database_name = current_database() ORDER BY 1, column_index`,
  );
  const columns = new Map<string, ColumnFact[]>();
  for (const [table, name, type] of reader.getRows()) {
    const known = columns.get(String(table)) ?? [];
    columns.set(String(table), [...known, { name: String(name), type: String(type) }]);
  }
  return columns;
}

function kindOf(shape: TableShape, column: string): Kind {
  if (column === '_extra') return 'json';
  return shape.columns[column]?.kind ?? 'text';
}

/** Doubles are read as they are; the rest as text, which shows a column of the wrong type at once. */
function selectColumn({ name, type }: ColumnFact, kind: Kind): string {
  const column = `"${name}"`;
  if (kind === 'double' || type.endsWith('[]')) return column;
  if (type.startsWith('TIMESTAMP')) return `strftime(${column}::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%gZ')`;
  return `CAST(${column} AS VARCHAR)`;
}

function writeCell(kind: Kind, value: DuckDBValue, complain: () => void): Canonical {
  if (value === null) return null;
  if (value instanceof DuckDBListValue) return `[${value.items.map((item) => String(item)).join(',')}]`;
  const text = String(value);
  if (kind !== 'json' && kind !== 'doubles') return text;
  try {
    return writeExact(parseExact(text));
  } catch {
    complain();
    return text;
  }
}
