import type { View, ViewColumn } from '../views/view.ts';
import { DATABASES, type Databases } from './databases.ts';
import { quoteName } from './sql-text.ts';
import { QUERY_TYPES } from './sql-types.ts';

/** The view's query: every output is cast to its declared type, since Athena calls a view stale whose types differ. */
export function viewSelect({ columns, body }: View): string {
  const outputs = Object.entries(columns).map(
    ([name, { type }]) => `  CAST(q.${quoteName(name)} AS ${QUERY_TYPES[type]}) AS ${quoteName(name)}`,
  );
  return `SELECT\n${outputs.join(',\n')}\nFROM (\n${body}\n) q`;
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
