import { isJsonObject, toJsonText } from '../../schemas/json-text.ts';
import type { Table } from '../../schemas/table.ts';
import { type KnownPaths, knownPaths } from './extra.ts';

/** True unless the record's flag says `false`; a missing flag is none. */
export function optsOut(record: unknown, { optOut, columns }: Table): boolean {
  if (!optOut || !isJsonObject(record)) return false;
  return columns[optOut.flag]?.from.every((path) => valueAt(record, path.split('.')) !== false) ?? true;
}

function valueAt(record: unknown, path: readonly string[]): unknown {
  let value = record;
  for (const name of path) value = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

/** A page as served: its parsed body and the text of it. */
interface ServedPage {
  readonly body: unknown;
  readonly text: string;
}

/**
 * Text of a page without what is not kept of these records, which lose it in place; undefined where it is nested deeper than the
 * stack holds. Where a record stands in the text as it is written here, it alone is written anew, else the whole page is.
 */
export function textWithout(
  { body, text }: ServedPage,
  records: readonly unknown[],
  tables: readonly [Table, ...Table[]],
): string | undefined {
  let kept: string | undefined = text;
  for (const record of records) {
    const before = writeKept(record);
    dropSensitive(record, tables);
    kept = replaceIn(kept, before, writeKept(record));
  }
  return kept ?? writeKept(body);
}

function replaceIn(
  text: string | undefined,
  before: string | undefined,
  after: string | undefined,
): string | undefined {
  if (text === undefined || before === undefined || after === undefined) return undefined;
  // A record begins with its ids: its first letters find it, at a tenth of the time of looking for all of it.
  const start = before.slice(0, 100);
  const at = text.indexOf(start);
  const standsOnce = at >= 0 && text.startsWith(before, at) && text.indexOf(start, at + 1) < 0;
  return standsOnce ? text.slice(0, at) + after + text.slice(at + before.length) : undefined;
}

/** JSON text of what lost something; undefined where it is nested deeper than the stack holds. */
export function writeKept(body: unknown): string | undefined {
  try {
    return toJsonText(body);
  } catch {
    return undefined;
  }
}

/** Takes out of a parsed record, in place, what its table does not keep of a record that opts out: the named columns' fields, and all that no column reads. */
export function dropSensitive(record: unknown, tables: readonly [Table, ...Table[]]): void {
  const [table] = tables;
  if (!isJsonObject(record) || !table.optOut) return;
  const known = knownByTable.get(table) ?? knownPaths(tables, table);
  knownByTable.set(table, known);
  dropUnknown(record, known);
  for (const name of table.optOut.columns) {
    for (const path of table.columns[name]?.from ?? []) blank(record, path.split('.'));
  }
}

const knownByTable = new WeakMap<Table, KnownPaths>();

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
