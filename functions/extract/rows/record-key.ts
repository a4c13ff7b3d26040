import { isJsonObject } from '../../../schemas/json-text.ts';
import type { Table } from '../../../schemas/table.ts';
import { joinKey } from '../../lake/row-key.ts';
import { columnReader } from './column-reader.ts';

/** Looks up the key that a stable key column had before for a value of its other column. */
export type StableKeys = (by: string) => string | undefined;

/** Reads a record's key without flattening the record; undefined if it has none. */
export type KeyOf = (record: unknown, context: Readonly<Record<string, unknown>>) => string | undefined;

/** Compiles the key of a table's records, as `flatten` will compute it. */
export function compileKey(table: Table, stableKeys: StableKeys): KeyOf {
  const read = (name: string) => {
    const column = table.columns[name];
    if (!column) throw new Error(`table ${table.name} has no column ${name}`);
    return columnReader(name, column, 0);
  };
  const columns = table.key.map(read);
  const by = table.stableKey ? read(table.stableKey.by) : undefined;
  const stableAt = table.key.indexOf(table.stableKey?.column ?? '');
  return (record, context) => {
    if (!isJsonObject(record)) return undefined;
    const values = columns.map((column) => column.read(record, record, { context }, ignore));
    const alias = by?.read(record, record, { context }, ignore);
    const before = typeof alias === 'string' ? stableKeys(alias) : undefined;
    if (before !== undefined && stableAt >= 0) values[stableAt] = before;
    return values.includes(null) ? undefined : joinKey(values);
  };
}

/** `flatten` counts what it doubts. */
function ignore(): void {}
