import type { Engine } from '../../functions/ports.ts';
import { type DatabaseTable, databaseTablesOf } from '../../schemas/derive/database-tables.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { columnsIn } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { TrinoResult } from '../helpers/trino.ts';

/** Types of columns in Trino. */
export const TRINO_TYPES = {
  ...{ text: 'varchar', json: 'varchar', bigint: 'bigint', double: 'double', boolean: 'boolean', date: 'date' },
  ...{ timestamp: 'timestamp(6)', decimal: 'decimal(18,6)', doubles: 'array(double)' },
} as const;

/** Rows in one INSERT; Trino takes a statement of a million characters. */
const ROWS_AT_ONCE = 200;

/** Asks Trino a statement in which databases are named as in the warehouse. */
export type AskTrino = (sql: string) => Promise<TrinoResult>;

/** Columns of a table that are copied: of the health data, those that `callhouse` has too, which the checks need. */
export function copiedColumns({ database, columns, name }: DatabaseTable, tables: readonly Table[]) {
  const table = tables.find((one) => one.name === name);
  if (database === DATABASES.safe || !table) return columns;
  const shared = new Set(columnsIn(table, 'safe').map((column) => column.name));
  return columns.filter((column) => shared.has(column.name));
}

/** Makes the tables of a DuckDB warehouse in Trino, with the same rows. */
export async function copyToTrino(engine: Engine, tables: readonly Table[], ask: AskTrino): Promise<void> {
  for (const table of databaseTablesOf(tables)) {
    const name = `${quoteName(table.database)}.${quoteName(table.name)}`;
    const columns = copiedColumns(table, tables);
    const defined = columns.map((column) => `${quoteName(column.name)} ${TRINO_TYPES[column.type]}`);
    await ask(`DROP TABLE IF EXISTS ${name}`);
    await ask(`CREATE TABLE ${name} (${defined.join(', ')})`);
    const texts = columns.map((column) => `CAST(${quoteName(column.name)} AS varchar)`);
    const { rows } = await engine.query(`SELECT ${texts.join(', ')} FROM ${name}`);
    const given = rows.map((row) => row.map((text, n) => givenOf(text, columns[n]?.type)));
    for (let at = 0; at < given.length; at += ROWS_AT_ONCE)
      await ask(`INSERT INTO ${name} ${selectRows(columns, given.slice(at, at + ROWS_AT_ONCE))}`);
  }
}

/** Rows from one text of JSON. Trino takes three times as long to plan an expression for each value. */
function selectRows(columns: ReturnType<typeof copiedColumns>, rows: readonly (readonly unknown[])[]): string {
  const fields = columns.map(({ type }, n) => `c${n} ${type === 'doubles' ? 'array(varchar)' : 'varchar'}`);
  const values = columns.map(({ type }, n) => `CAST(c${n} AS ${TRINO_TYPES[type]})`);
  const list = `CAST(JSON ${quoteText(JSON.stringify(rows))} AS array(row(${fields.join(', ')})))`;
  return `SELECT ${values.join(', ')} FROM UNNEST(${list}) AS t (${columns.map((_, n) => `c${n}`).join(', ')})`;
}

/** A value that DuckDB gave as text, as JSON has it: a text, a list of texts, or null. */
function givenOf(text: unknown, type: keyof typeof TRINO_TYPES = 'text'): unknown {
  if (text === null || text === undefined) return null;
  if (type !== 'doubles') return String(text);
  const items = String(text).slice(1, -1).split(', ').filter(Boolean);
  return items.map((item) => (item === 'NULL' ? null : item));
}
