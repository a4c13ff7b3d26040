import type { ColumnType } from '../column.ts';
import { columnsIn, type Twin } from '../layout.ts';
import type { OwnTable } from '../own-table.ts';
import { OWN_TABLES } from '../own-tables.ts';
import type { Table } from '../table.ts';
import { DATABASES, type Databases } from './databases.ts';

/** One column of a table in a database. */
export interface DatabaseColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** The engine refuses null (`NOT NULL`). */
  readonly required: boolean;
  readonly doc: string;
  readonly unit?: string | undefined;
}

/** One table in one database: what data definition statements and the Glue catalog need. */
export interface DatabaseTable {
  readonly database: string;
  readonly name: string;
  readonly doc: string;
  /** Day or timestamp: the table is partitioned by account and month of it. @default no partitions */
  readonly monthOf?: string | undefined;
  readonly columns: readonly DatabaseColumn[];
}

/** Every table of `callhouse_phi` and `callhouse`: both twins of each declared table, then the tables that Callhouse fills by rules of its own. */
export function databaseTablesOf(tables: readonly Table[], databases: Databases = DATABASES): readonly DatabaseTable[] {
  return [
    ...tables.flatMap((table) => [databaseTableOf(table, 'phi', databases), databaseTableOf(table, 'safe', databases)]),
    ...OWN_TABLES.map((table) => ownTable(table, databases)),
  ];
}

/** One of the two twins of a table. */
function databaseTableOf(table: Table, twin: Twin, databases: Databases = DATABASES): DatabaseTable {
  // A null that the vendor sent must not fail the load. So only keys and the pipeline's own columns are required.
  const columns = columnsIn(table, twin).map(({ nullable, placement, ...column }) => ({
    ...column,
    required: !nullable && placement === 'both',
  }));
  const doc =
    twin === 'phi'
      ? `${table.doc} Sensitive columns, and texts as the vendor sent them; keys as in ${databases.safe}.`
      : describeWithKey(table.doc, ['account', ...table.key], joinsOf(table));
  return { database: databases[twin], name: table.name, doc, monthOf: '_part_on', columns };
}

function ownTable(table: OwnTable, databases: Databases): DatabaseTable {
  const columns = Object.entries(table.columns).map(([name, { nullable, ...column }]) => ({
    ...column,
    name,
    required: !nullable,
  }));
  const { name, key, references, monthOf } = table;
  return { database: databases.safe, name, doc: describeWithKey(table.doc, key, references), monthOf, columns };
}

/**
 * What a table or view is, followed by its key and the tables to join it with. Tools show it where they know no keys of views.
 * @param joins columns to join by, by table
 */
export function describeWithKey(
  doc: string,
  key: readonly string[],
  joins: Readonly<Record<string, string>> = {},
): string {
  const listed = Object.entries(joins).map(([name, by]) => `${name} by ${by}`);
  return `${doc} Key: ${key.join(', ')}.${listed.length === 0 ? '' : ` Joins: ${listed.join('; ')}.`}`;
}

function joinsOf({ references = {} }: Table): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(references).map(([column, name]) => [name, `account, ${column} = id`]));
}
