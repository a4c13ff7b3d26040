import type { ColumnType } from '../column.ts';
import type { View, ViewColumn } from '../views/view.ts';
import { type DatabaseTable, describeWithKey } from './database-tables.ts';
import { DATABASES, type Databases } from './databases.ts';
import { quoteName } from './sql-text.ts';
import { QUERY_TYPES } from './sql-types.ts';

/** The view's query. Every column is cast to its declared type: Athena calls a view stale if a type differs from the catalog's. */
export function viewSelect({ columns, from }: View): string {
  const declared = Object.entries(columns);
  const outputs = declared.map(
    ([name, { type }]) => `  ${castForView(`q.${quoteName(name)}`, type)} AS ${quoteName(name)}`,
  );
  const expressions = declared.map(([name, { sql }]) => `  ${sql ?? quoteName(name)} AS ${quoteName(name)}`);
  return `SELECT\n${outputs.join(',\n')}\nFROM (\nSELECT\n${expressions.join(',\n')}\n${from}\n) q`;
}

const NUMBERS: readonly ColumnType[] = ['bigint', 'double', 'decimal'];
/** The greatest finite double. */
const GREATEST_DOUBLE = '1.7976931348623157e308';

/** Casts to a view column's type. A number that does not fit becomes null, so that one extreme value does not fail the view for all rows. */
export function castForView(expression: string, type: ViewColumn['type']): string {
  const cast = tryCast(expression, type);
  // On both engines arithmetic on doubles overflows to infinity without an error.
  return type === 'double' ? `CASE WHEN abs(${cast}) <= ${GREATEST_DOUBLE} THEN ${cast} END` : cast;
}

/** Casts to a type. A number that does not fit becomes null, or infinite if it is a double. */
export function tryCast(expression: string, type: ViewColumn['type']): string {
  return `${NUMBERS.includes(type) ? 'TRY_CAST' : 'CAST'}(${expression} AS ${QUERY_TYPES[type]})`;
}

/** Statement that creates the view or replaces it. The same text runs on Athena and DuckDB. */
export function createView(view: View, databases: Databases = DATABASES): string {
  return `CREATE OR REPLACE VIEW ${quoteName(databases.safe)}.${quoteName(view.name)} AS\n${viewSelect(view)}`;
}

/** The view as a table of its database, for column comments. */
export function databaseViewOf(view: View, databases: Databases = DATABASES): DatabaseTable {
  const columns = Object.entries(view.columns).map(([name, column]) => ({ ...column, name, required: false }));
  const doc = describeWithKey(view.doc, view.key, view.references);
  return { database: databases.safe, name: view.name, doc, columns };
}
