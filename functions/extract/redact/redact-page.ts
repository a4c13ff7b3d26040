import { isJsonObject, toJsonText } from '../../../schemas/json-text.ts';
import type { JsonRecord, Table } from '../../../schemas/table.ts';
import { readOptOut } from '../rows/coerce.ts';
import { columnReader, compileUnpackFor } from '../rows/column-reader.ts';
import type { DropSensitive } from './drop-sensitive.ts';

/** Says whether a record opts out, as `flatten` does; undefined if its flag is missing or unclear, or if it is no object. */
export function optOutOf(record: unknown, table: Table): boolean | undefined {
  if (!table.optOut) return false;
  if (!isJsonObject(record)) return undefined;
  const readFlag = flagByTable.get(table) ?? compileOptOut(table, table.optOut.flagColumn);
  flagByTable.set(table, readFlag);
  return readFlag(record);
}

const flagByTable = new WeakMap<Table, (record: JsonRecord) => boolean | undefined>();

function compileOptOut(table: Table, name: string): (record: JsonRecord) => boolean | undefined {
  const column = table.columns[name];
  if (!column) return () => undefined;
  const flag = columnReader(name, column, 0);
  const unpack = compileUnpackFor([column]);
  return (record) => {
    const given = unpack(record);
    return readOptOut(
      table,
      flag.read(given, given, {}, () => {}),
      () => {},
    );
  };
}

/** Most records that are searched for in their page. */
const MOST_SEARCHES = 1000;

/** A page as served: its bytes, and the body parsed from them. */
interface ServedPage {
  readonly body: unknown;
  readonly bytes: Buffer;
  /** All of its records. */
  readonly records: readonly unknown[];
}

/** A stretch of a page's bytes and its replacement. */
interface Cut {
  readonly from: number;
  readonly to: number;
  readonly replacement: Buffer;
}

/**
 * Redacts the given records (changing them) and returns the page's bytes in pieces. If a record's serialized form occurs exactly
 * once in the page, only those bytes are replaced; otherwise the complete page is serialized again. A record that is no object, such as
 * JSON text or a list, becomes null.
 * @param drop removes from a record what its table does not keep; see `compileDropSensitive`
 * @returns undefined if the page is nested too deeply to be serialized; it must then be dropped
 */
export function redactPage(
  { body, bytes, records: all }: ServedPage,
  records: readonly unknown[],
  drop: DropSensitive,
): readonly Buffer[] | undefined {
  // Each search reads the page. For many records it is cheaper to write the complete page.
  const isSearched = records.length <= MOST_SEARCHES;
  const cuts = records.map((record) => {
    const before = isSearched ? writeRedacted(record) : undefined;
    drop(record);
    return isSearched ? cutOf(bytes, before, writeRedacted(record)) : undefined;
  });
  const unreadable = new Set(records.filter((record) => !isJsonObject(record)));
  if (unreadable.size > 0) emptyMembers(body, unreadable, new Set(all.filter(isJsonObject)));
  const pieces = unreadable.size > 0 ? undefined : replaceIn(bytes, cuts);
  if (pieces) return pieces;
  const text = writeRedacted(body);
  return text === undefined ? undefined : [Buffer.from(text)];
}

/**
 * Replaces members of lists by null, in place. PHP writes some lists as objects with numbers for names.
 * @param kept objects that stay as they are
 */
function emptyMembers(body: unknown, members: ReadonlySet<unknown>, kept: ReadonlySet<unknown>): void {
  const waiting = [body];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (!Array.isArray(value) && !isJsonObject(value)) continue;
    for (const [name, member] of Object.entries(value)) {
      if (/^\d+$/.test(name) && members.has(member)) Reflect.set(value, name, null);
      else if (!kept.has(member)) waiting.push(member);
    }
  }
}

/** Finds the record's bytes; undefined unless they occur exactly once. */
function cutOf(bytes: Buffer, before: string | undefined, after: string | undefined): Cut | undefined {
  if (before === undefined || after === undefined) return undefined;
  // A record begins with its ids, so its first bytes identify it. Searching for them takes a tenth of the time.
  const written = Buffer.from(before);
  const start = written.subarray(0, 100);
  const from = bytes.indexOf(start);
  const to = from + written.length;
  const isUnique = from >= 0 && written.equals(bytes.subarray(from, to)) && bytes.indexOf(start, from + 1) < 0;
  return isUnique ? { from, to, replacement: Buffer.from(after) } : undefined;
}

/** The page's bytes with the cuts replaced. Undefined if a record was not found, or if one is within another. */
function replaceIn(bytes: Buffer, cuts: readonly (Cut | undefined)[]): readonly Buffer[] | undefined {
  const pieces: Buffer[] = [];
  let copied = 0;
  for (const cut of [...cuts].sort((one, other) => (one?.from ?? 0) - (other?.from ?? 0))) {
    if (!cut || cut.from < copied) return undefined;
    pieces.push(bytes.subarray(copied, cut.from), cut.replacement);
    copied = cut.to;
  }
  return [...pieces, bytes.subarray(copied)];
}

/** JSON text of a redacted body; undefined if it is nested too deeply. */
export function writeRedacted(body: unknown): string | undefined {
  try {
    return toJsonText(body);
  } catch {
    return undefined;
  }
}
