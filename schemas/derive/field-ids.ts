import { DATABASES, type Databases } from './databases.ts';
import type { Shape } from './shape.ts';

/** Iceberg's ids of a table's fields by name; `<column>.element` for those of a list. */
export type TableFieldIds = Readonly<Record<string, number>>;
/** The same by table, `callhouse.<table>` or `callhouse_phi.<table>`, whatever the databases are called. */
export type FieldIds = Readonly<Record<string, TableFieldIds>>;

/** Ids of one table's fields. */
export function fieldIdsOf(ids: FieldIds, shape: Shape, databases: Databases = DATABASES): TableFieldIds {
  return ids[keyOf(shape, databases)] ?? {};
}

/** Id of a field. @throws Error when it has none yet */
export function idOf(ids: TableFieldIds, shape: Shape, field: string): number {
  const id = ids[field];
  if (id !== undefined) return id;
  throw new Error(
    `schemas/field-ids.json has no id for ${field} of ${shape.database}.${shape.name}; run npm run pin-field-ids`,
  );
}

/** Adds ids for fields that have none. None is changed, and one that was ever given is never given again. */
export function addFieldIds(known: FieldIds, shapes: readonly Shape[], databases: Databases = DATABASES): FieldIds {
  const tables = shapes.map(
    (shape) => [keyOf(shape, databases), addTo(fieldIdsOf(known, shape, databases), shape)] as const,
  );
  return { ...known, ...Object.fromEntries(tables) };
}

function addTo(known: TableFieldIds, shape: Shape): TableFieldIds {
  const lists = shape.columns.filter(({ type }) => type === 'doubles');
  const fields = [...shape.columns.map(({ name }) => name), ...lists.map(({ name }) => `${name}.element`)];
  const missing = fields.filter((field) => known[field] === undefined);
  const last = Math.max(0, ...Object.values(known));
  return { ...known, ...Object.fromEntries(missing.map((field, n) => [field, last + 1 + n])) };
}

function keyOf(shape: Shape, databases: Databases): string {
  return `${shape.database === databases.phi ? DATABASES.phi : DATABASES.safe}.${shape.name}`;
}
