import type { View } from '../views/view.ts';
import { QUERY_TYPES } from './sql-types.ts';
import { viewSelect } from './view-sql.ts';

/** `ViewExpandedText` of every view that Athena or Trino keeps in the Glue catalog. */
export const EXPANDED_TEXT = '/* Presto View */';

/**
 * `ViewOriginalText` of a view in the Glue catalog: the view's definition as JSON in base64, as Trino's Hive connector reads it.
 * @see {@link https://github.com/trinodb/trino/blob/master/plugin/trino-hive/src/main/java/io/trino/plugin/hive/ViewReaderUtil.java}
 */
export function prestoView(view: View, schema: string): string {
  const columns = Object.entries(view.columns).map(([name, { type }]) => ({ name, type: QUERY_TYPES[type] }));
  const definition = JSON.stringify({ originalSql: viewSelect(view), catalog: 'awsdatacatalog', schema, columns });
  return `/* Presto View: ${Buffer.from(definition).toString('base64')} */`;
}
