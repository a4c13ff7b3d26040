import type { View } from '../views/view.ts';
import { QUERY_TYPES } from './sql-types.ts';
import { viewOutputs } from './view-sql.ts';

/** What stands as `ViewExpandedText` of every such view. */
export const EXPANDED_TEXT = '/* Presto View */';

/** The view's statement, every column cast to its declared type: where a type differs from what the entry says, the view is stale. */
export function viewSql({ columns, body }: View): string {
  return `SELECT\n${viewOutputs(columns)}\nFROM (\n${body}\n) v`;
}

/** `ViewOriginalText` of a view in the Glue catalog, as Athena and Trino read it. */
export function prestoView(view: View, schema: string): string {
  const columns = Object.entries(view.columns).map(([name, { type }]) => ({ name, type: QUERY_TYPES[type] }));
  const definition = JSON.stringify({ originalSql: viewSql(view), catalog: 'awsdatacatalog', schema, columns });
  return `/* Presto View: ${Buffer.from(definition, 'utf8').toString('base64')} */`;
}
