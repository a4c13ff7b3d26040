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

/** A page as served: its parsed body and the bytes of it. */
interface ServedPage {
  readonly body: unknown;
  readonly bytes: Buffer;
}

/** A stretch of a page and what stands there instead. */
interface Cut {
  readonly from: number;
  readonly to: number;
  readonly instead: Buffer;
}

/**
 * A page, in pieces, without what is not kept of these records, which lose it in place; undefined where it is nested deeper than
 * the stack holds. Where a record stands in the page as it is written here, it alone is written anew, else the whole page is.
 */
export function pageWithout(
  { body, bytes }: ServedPage,
  records: readonly unknown[],
  tables: readonly [Table, ...Table[]],
): readonly Buffer[] | undefined {
  const cuts = records.map((record) => {
    const before = writeKept(record);
    dropSensitive(record, tables);
    return cutOf(bytes, before, writeKept(record));
  });
  const pieces = replaceIn(bytes, cuts);
  const whole = pieces ? undefined : writeKept(body);
  return whole === undefined ? pieces : [Buffer.from(whole)];
}

/** Where the record stands, if it stands there once. */
function cutOf(bytes: Buffer, before: string | undefined, after: string | undefined): Cut | undefined {
  if (before === undefined || after === undefined) return undefined;
  // A record begins with its ids: its first letters find it, at a tenth of the time of looking for all of it.
  const written = Buffer.from(before);
  const start = written.subarray(0, 100);
  const from = bytes.indexOf(start);
  const to = from + written.length;
  const standsOnce = from >= 0 && written.equals(bytes.subarray(from, to)) && bytes.indexOf(start, from + 1) < 0;
  return standsOnce ? { from, to, instead: Buffer.from(after) } : undefined;
}

/** Undefined where a record was not found, or one stands within another. */
function replaceIn(bytes: Buffer, cuts: readonly (Cut | undefined)[]): readonly Buffer[] | undefined {
  const pieces: Buffer[] = [];
  let copied = 0;
  for (const cut of [...cuts].sort((one, other) => (one?.from ?? 0) - (other?.from ?? 0))) {
    if (!cut || cut.from < copied) return undefined;
    pieces.push(bytes.subarray(copied, cut.from), cut.instead);
    copied = cut.to;
  }
  return [...pieces, bytes.subarray(copied)];
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
