import { isJsonObject, toJsonText } from '../../../schemas/json-text.ts';
import { columnIndex, layoutOf } from '../../../schemas/layout.ts';
import type { JsonRecord, Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { isBlank, joinKey } from '../../lake/digest.ts';
import { RECORD_OPTED_OUT } from '../../source/details.ts';
import { type Doubt, isKept, REPLACED, type Rejects, readOptOut, rowChecker } from './coerce.ts';
import {
  type ColumnReader,
  columnReader,
  compileUnpack,
  extraOf,
  firstKey,
  knownPaths,
  type StableKeys,
} from './column-reader.ts';
import { flattenChildren } from './flatten-children.ts';
import { contentHasher, rowHasher } from './hashes.ts';
import { compileMask, compileReplaceKeys, referencesTo, type ShownTexts } from './shown-texts.ts';

/** One row as the record gives it. What the pipeline adds (hashes, bookkeeping) is still null. */
export interface FlatRow {
  readonly table: Table;
  /** Its key in the digest; see `joinKey`. */
  readonly key: string;
  /** In the order of `layoutOf(table)`. */
  readonly values: Value[];
  readonly contentHash: string;
  /** The record opts out of storing its content: its sensitive values are null. Phone numbers become null after they are hashed. */
  readonly optedOut: boolean;
  /** Value of the column that the table's stable key is looked up by, as the digest has it. */
  readonly alias: string | undefined;
}

/** A record's row and the rows of its children. */
export interface FlatRecord {
  readonly row: FlatRow;
  /** By child table; a table is absent if the record says nothing about such children. */
  readonly children: ReadonlyMap<Table, readonly FlatRow[]>;
  /** Child tables of which an element has no key. It may be any child that the record seems to lack. */
  readonly unknownIn?: ReadonlySet<Table>;
}

/** What all records of a run are flattened with. */
export interface FlattenOptions {
  readonly rejects: Rejects;
  readonly stableKeys: StableKeys;
  readonly texts: ShownTexts;
  /** True if a record opts out whose flag is missing or unclear. @default true */
  readonly optOutWhenAbsent?: boolean | undefined;
}

/**
 * Turns a record into a row and its children's rows.
 * @param context what is known about the record's partition; columns read it as `$name`
 * @returns undefined if no key remains; the record is then counted in `rejects`
 */
export type Flatten = (record: unknown, context: Readonly<Record<string, unknown>>) => FlatRecord | undefined;

/** Compiles the declarations of a stream's tables once per run. */
export function compileFlatten(tables: readonly [Table, ...Table[]], options: FlattenOptions): Flatten {
  const [main, ...rest] = tables;
  const record = compileTable(main, tables, options);
  const unpack = compileUnpack(tables, main);
  const addLost = contentHasher('');
  const children = rest.map((table) => ({ table, flatten: compileTable(table, [table], options, main) }));
  return (input, context) => {
    if (!isJsonObject(input)) {
      options.rejects.add(main.name, '', 'a record that is not an object');
      return undefined;
    }
    const given = unpack(input);
    const row = record(given, given, context);
    if (!row) return undefined;
    const found = new Map<Table, readonly FlatRow[]>();
    const unknownIn = new Set<Table>();
    let lost = '';
    for (const { table, flatten } of children) {
      const child = flattenChildren(table, given, options.rejects, (element) => flatten(element, given, context, row));
      if (!child) continue;
      found.set(table, child.rows);
      if (child.hasUnknown) unknownIn.add(table);
      lost += child.lost;
    }
    // An element that became no row is on the page alone. The record counts as changed, so that its page is kept raw.
    const kept = lost === '' ? row : { ...row, contentHash: addLost([row.contentHash, lost]) };
    return { row: kept, children: found, ...(unknownIn.size > 0 && { unknownIn }) };
  };
}

type FlattenTable = (
  element: JsonRecord,
  parent: JsonRecord,
  context: JsonRecord,
  /** Row of the record that the element belongs to. */
  record?: FlatRow,
) => FlatRow | undefined;

/** @param main the table of the records; another one if the table is that of their children */
function compileTable(
  table: Table,
  readers: readonly Table[],
  options: FlattenOptions,
  main: Table = table,
): FlattenTable {
  const { rejects } = options;
  const width = layoutOf(table).length;
  const at = columnIndex(table);
  const columns = Object.entries(table.columns).map(([name, column]) =>
    columnReader(name, column, at(name), table.key.includes(name)),
  );
  const extra = extraReader(table, readers, rejects);
  const extraAt = at('_extra');
  const keyAt = table.key.map(at);
  const dropped = sensitiveContent(table).map(at);
  const references = referencesTo(main, table);
  const replaceKeys = compileReplaceKeys(table, references, options);
  const mask = compileMask(table, references, options);
  const keepStableKey = stableKeyKeeper(table, options);
  const hash = rowHasher(table, columns, extraAt);
  // Columns of this row whose value was refused. The row counts as changed, so that its page is kept raw.
  let refused = '';
  const doubts = doubtsOf(table, columns, rejects, (name) => {
    refused += `!${name}`;
  });
  const readFlag = flagReader(table, columns, doubts, options);
  const checkRow = rowChecker(table, rejects);

  return (element, parent, context, of) => {
    const values = new Array<Value>(width).fill(null);
    refused = '';
    let n = 0;
    for (const column of columns) {
      values[column.index] = column.read(element, parent, context, doubts[n] ?? ignore);
      n += 1;
    }
    checkRow(values);
    const optedOut = of?.optedOut || context[RECORD_OPTED_OUT] === true || readFlag(values, element, parent, context);
    const served = replaceKeys(values);
    values[extraAt] = optedOut ? null : extra(element, served);
    const alias = keepStableKey(values);
    const missing = table.key.find((_, n) => values[keyAt[n] ?? 0] === null);
    if (missing !== undefined) {
      rejects.add(table.name, missing, 'key missing, row refused');
      return undefined;
    }
    const key = joinKey(keyAt.map((index) => values[index]));
    if (optedOut) for (const index of dropped) values[index] = null;
    mask(values, of?.key ?? key, optedOut);
    return { table, key, values, contentHash: hash(refused, values), optedOut, alias };
  };
}

type ReadFlag = (values: readonly Value[], element: JsonRecord, parent: JsonRecord, context: JsonRecord) => boolean;

/** Reads whether a record opts out. */
function flagReader(
  table: Table,
  columns: readonly ColumnReader[],
  doubts: readonly Doubt[],
  { rejects, optOutWhenAbsent = true }: FlattenOptions,
): ReadFlag {
  const flagAt = columns.findIndex(({ name }) => name === table.optOut?.flagColumn);
  const flag = columns[flagAt];
  if (!flag) return () => false;
  return (values, element, parent, context) => {
    if (flag.raw(element, parent, context) === undefined)
      rejects.add(table.name, flag.name, optOutWhenAbsent ? FLAG_MISSING : FLAG_MISSING_KEPT, false);
    return readOptOut(table, values[flag.index] ?? null, doubts[flagAt] ?? ignore) ?? optOutWhenAbsent;
  };
}

/** Such a record is not refused. It is stored, without the content that its caller may have declined. */
const FLAG_MISSING = 'flag missing, counted as opted out';
const FLAG_MISSING_KEPT = 'flag missing, counted as not opted out';

/** Columns that must be empty in a record that opts out. Phone numbers are not among them, because they are hashed first. */
function sensitiveContent({ columns }: Table): readonly string[] {
  return Object.keys(columns).filter((name) => columns[name]?.sensitive && columns[name]?.hash !== 'phone');
}

function ignore(): undefined {}

/** Makes one function per column and run, and none per value, because nearly every value is fine. */
function doubtsOf(
  table: Table,
  columns: readonly ColumnReader[],
  rejects: Rejects,
  refuse: (column: string) => void,
): readonly Doubt[] {
  return columns.map(({ name }) => (reason: string) => {
    rejects.add(table.name, name, reason, !isKept(reason));
    if (!isKept(reason)) refuse(name);
  });
}

/**
 * Reads the members that no column reads, as JSON text; null if there are none. If a hash replaces a part of the key, the key as served
 * is among them as `$key`: a text, or for a key with several parts an object with a text for each column.
 */
function extraReader(table: Table, readers: readonly Table[], rejects: Rejects) {
  const known = knownPaths(readers, table);
  return (element: JsonRecord, served?: Readonly<Record<string, string>>): string | null => {
    const extra = extraOf(element, known);
    const key = served && (table.key.length === 1 ? Object.values(served)[0] : served);
    if (!extra && !served) return null;
    try {
      return toJsonText(served ? { ...extra, $key: key } : extra, () =>
        rejects.add(table.name, '_extra', REPLACED, false),
      );
    } catch {
      rejects.add(table.name, '_extra', 'JSON nested too deep');
      return null;
    }
  };
}

/**
 * Compiles a function that replaces a record's new key by the one that it had first, if the table declares a stable key.
 * @returns the value that the record is recognized by
 */
function stableKeyKeeper(table: Table, { stableKeys, texts }: FlattenOptions): (values: Value[]) => string | undefined {
  if (!table.stableKey) return ignore;
  const at = columnIndex(table);
  const by = at(table.stableKey.by);
  const column = at(table.stableKey.column);
  const aliasOf = texts.keyPart(table.columns[table.stableKey.by]);
  return (values) => {
    const given = values[by];
    if (typeof given !== 'string' || isBlank(given)) return undefined;
    const alias = aliasOf(given);
    const first = firstKey(stableKeys, alias);
    const key = values[column];
    if (first !== undefined) values[column] = first;
    else if (typeof key === 'string') stableKeys.set(alias, key);
    return alias;
  };
}
