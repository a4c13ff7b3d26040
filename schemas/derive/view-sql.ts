import type { ColumnType } from '../column.ts';
import type { View, ViewColumn } from '../views/view.ts';
import { DATABASES, type Databases } from './databases.ts';
import { quoteName } from './sql-text.ts';
import { QUERY_TYPES } from './sql-types.ts';

/** The view's query, with its declared columns. */
export function viewSelect({ columns, body }: View): string {
  return `SELECT\n${viewOutputs(columns, 'q.')}\nFROM (\n${body}\n) q`;
}

/**
 * Every output is cast to its declared type, since Athena calls a view stale whose types differ.
 * @param alias what the body's columns are reached by, with its point
 */
export function viewOutputs(columns: View['columns'], alias = ''): string {
  const outputs = Object.entries(columns).map(
    ([name, { type }]) => `  ${castForView(`${alias}${quoteName(name)}`, type)} AS ${quoteName(name)}`,
  );
  return outputs.join(',\n');
}

const NUMBERS: readonly ColumnType[] = ['bigint', 'double', 'decimal'];
/** What a double that is neither infinite nor NaN does not exceed. */
const GREATEST_DOUBLE = '1.7976931348623157e308';

/** Casts to a view column's type. A number that does not fit is null: one extreme value of a vendor must not fail the view for all rows. */
export function castForView(expression: string, type: ViewColumn['type']): string {
  const cast = `${NUMBERS.includes(type) ? 'TRY_CAST' : 'CAST'}(${expression} AS ${QUERY_TYPES[type]})`;
  // Arithmetic on doubles overflows to infinity on both engines, without an error.
  return type === 'double' ? `CASE WHEN abs(${cast}) <= ${GREATEST_DOUBLE} THEN ${cast} END` : cast;
}

/** Statement that makes the view or replaces an older text of it; the same on Athena and DuckDB. */
export function createView(view: View, databases: Databases = DATABASES): string {
  return `CREATE OR REPLACE VIEW ${quoteName(databases.safe)}.${quoteName(view.name)} AS\n${viewSelect(view)}`;
}

/** The view as data definition and documentation see it. */
export function viewShape(view: View, databases: Databases = DATABASES) {
  const columns = Object.entries(view.columns).map(([name, column]: [string, ViewColumn]) => ({
    ...column,
    name,
    required: false,
  }));
  return { database: databases.safe, name: view.name, doc: view.doc, partitioned: false, columns };
}
