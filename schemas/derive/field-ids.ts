import type { DatabaseTable } from './database-tables.ts';
import { DATABASES, type Databases } from './databases.ts';

/**
 * Iceberg ids of a table's fields by name; `<column>.element` is the element of a list. Iceberg finds a column in a data file by this
 * id, not by its name.
 * @see {@link https://iceberg.apache.org/spec/#column-projection}
 */
export type TableFieldIds = Readonly<Record<string, number>>;
/** Field ids by table: `callhouse.<table>` or `callhouse_phi.<table>`, also if the databases have another prefix. */
export type FieldIds = Readonly<Record<string, TableFieldIds>>;

/** Field ids of one table; empty if it has none yet. */
export function fieldIdsOf(ids: FieldIds, table: DatabaseTable, databases: Databases = DATABASES): TableFieldIds {
  return ids[keyOf(table, databases)] ?? {};
}

/**
 * Id of a field.
 * @throws Error if it has none yet
 */
export function idOf(ids: TableFieldIds, table: DatabaseTable, field: string): number {
  const id = ids[field];
  if (id !== undefined) return id;
  throw new Error(`schemas/field-ids.json has no id for ${field} of ${table.database}.${table.name}; run npm run pin`);
}

/** Adds ids for fields that have none. Existing ids stay, and the id of a removed field is not given to another. */
export function addFieldIds(
  known: FieldIds,
  tables: readonly DatabaseTable[],
  databases: Databases = DATABASES,
): FieldIds {
  const completed = tables.map(
    (table) => [keyOf(table, databases), addTo(fieldIdsOf(known, table, databases), table)] as const,
  );
  return { ...known, ...Object.fromEntries(completed) };
}

function addTo(known: TableFieldIds, table: DatabaseTable): TableFieldIds {
  const lists = table.columns.filter(({ type }) => type === 'doubles');
  const fields = [...table.columns.map(({ name }) => name), ...lists.map(({ name }) => `${name}.element`)];
  const missing = fields.filter((field) => known[field] === undefined);
  const last = Math.max(0, ...Object.values(known));
  return { ...known, ...Object.fromEntries(missing.map((field, n) => [field, last + 1 + n])) };
}

function keyOf(table: DatabaseTable, databases: Databases): string {
  return `${table.database === databases.phi ? DATABASES.phi : DATABASES.safe}.${table.name}`;
}
