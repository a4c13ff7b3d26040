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

/**
 * Entry that names the tables whose columns `callhouse new-source` guessed. Nothing is deployed with such ids, so that `npm run pin` can
 * give others to the columns that the author kept.
 */
const GUESSED = 'guessed';

/** Field ids of one table; empty if it has none yet, or guessed ones. */
export function fieldIdsOf(ids: FieldIds, table: DatabaseTable, databases: Databases = DATABASES): TableFieldIds {
  const key = keyOf(table, databases);
  return ids[GUESSED]?.[key] === undefined ? (ids[key] ?? {}) : {};
}

/** Adds ids of tables whose columns are guesses. Those of a table that has ids already stay. */
export function guessFieldIds(known: FieldIds, tables: readonly DatabaseTable[]): FieldIds {
  const { [GUESSED]: earlier = {}, ...pinned } = known;
  const isNew = (name: string) => pinned[name] === undefined || earlier[name] !== undefined;
  const guessed = tables
    .map((table) => [keyOf(table, DATABASES), addTo({}, table)] as const)
    .filter(([name]) => isNew(name));
  const names = [...new Set([...Object.keys(earlier), ...guessed.map(([name]) => name)])];
  return {
    ...pinned,
    ...Object.fromEntries(guessed),
    [GUESSED]: Object.fromEntries(names.map((name, n) => [name, n + 1])),
  };
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

/**
 * Adds ids for fields that have none. Existing ids stay, and the id of a removed field is not given to another; guessed ids are dropped.
 */
export function addFieldIds(
  known: FieldIds,
  tables: readonly DatabaseTable[],
  databases: Databases = DATABASES,
): FieldIds {
  const completed = tables.map(
    (table) => [keyOf(table, databases), addTo(fieldIdsOf(known, table, databases), table)] as const,
  );
  const { [GUESSED]: guessed = {}, ...pinned } = known;
  const kept = Object.entries(pinned).filter(([name]) => guessed[name] === undefined);
  return { ...Object.fromEntries(kept), ...Object.fromEntries(completed) };
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
