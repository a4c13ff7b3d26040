import { isJsonObject } from '../../schemas/json-text.ts';
import type { Table } from '../../schemas/table.ts';
import { type KnownPaths, knownPaths } from './extra.ts';

/** Takes out of a parsed record, in place, what its table does not keep of a record that opts out: the named columns' fields, and all that no column reads. */
export function dropSensitive(record: unknown, tables: readonly [Table, ...Table[]]): void {
  const [table] = tables;
  if (!isJsonObject(record) || !table.optOut) return;
  dropUnknown(record, knownPaths(tables, table));
  for (const name of table.optOut.columns) {
    for (const path of table.columns[name]?.from ?? []) blank(record, path.split('.'));
  }
}

function dropUnknown(record: Readonly<Record<string, unknown>>, known: KnownPaths): void {
  for (const key of Object.keys(record)) {
    const below = known.get(key);
    if (below === true) continue;
    const value = record[key];
    if (below !== undefined && isJsonObject(value)) dropUnknown(value, below);
    else Reflect.deleteProperty(record, key);
  }
}

function blank(record: Readonly<Record<string, unknown>>, [name = '', ...rest]: readonly string[]): void {
  if (!Object.hasOwn(record, name)) return;
  const value = record[name];
  if (rest.length === 0) Reflect.set(record, name, null);
  else if (isJsonObject(value)) blank(value, rest);
}
