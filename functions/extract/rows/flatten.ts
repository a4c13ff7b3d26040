import { isJsonObject, toJsonText } from '../../../schemas/json-text.ts';
import { columnIndex, layoutOf } from '../../../schemas/layout.ts';
import type { JsonRecord, Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { isBlank, joinKey } from '../../lake/digest.ts';
import { RECORD_OPTED_OUT } from '../../source/details.ts';
import { type Doubt, isKept, REPLACED, type Rejects, readOptOut } from './coerce.ts';
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
import { addHashTexts, contentHasher } from './hashes.ts';

/** A flat record and the partition, or group of partitions, that it belongs to. */
export interface OwnedRecord extends FlatRecord {
  readonly group: string | undefined;
  /** See `sortedAt` and `sortedBy` of a digest entry. */
  readonly sortedAt?: number | undefined;
  readonly sortedBy?: number | undefined;
}

/** One row as the record gives it. What the pipeline adds (hashes, bookkeeping) is still null. */
export interface FlatRow {
  readonly table: Table;
  /** Its key in the digest; see `joinKey`. */
  readonly key: string;
  /** In the order of `layoutOf(table)`. */
  readonly values: Value[];
  readonly contentHash: string;
  /** The record opts out of storing its content: the sensitive values are null. */
  readonly optedOut: boolean;
}

/** A record's row and the rows of its children. */
export interface FlatRecord {
  readonly row: FlatRow;
  /** By child table; a table is absent if the record says nothing about such children. */
  readonly children: ReadonlyMap<Table, readonly FlatRow[]>;
}

/** What all records of a run are flattened with. */
export interface FlattenOptions {
  readonly rejects: Rejects;
  readonly stableKeys: StableKeys;
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
  const children = rest.map((table) => ({ table, flatten: compileTable(table, [table], options) }));
  return (input, context) => {
    if (!isJsonObject(input)) {
      options.rejects.add(main.name, '', 'a record that is not an object');
      return undefined;
    }
    const given = unpack(input);
    const row = record(given, given, context);
    if (!row) return undefined;
    const found = new Map<Table, readonly FlatRow[]>();
    let lost = '';
    for (const { table, flatten } of children) {
      const child = flattenChildren(table, given, options.rejects, (element) => flatten(element, given, context));
      if (!child) continue;
      found.set(table, child.rows);
      lost += child.lost;
    }
    // What no row holds is on the page alone: the record counts as changed, so its page is kept raw.
    const kept = lost === '' ? row : { ...row, contentHash: addLost([row.contentHash, lost]) };
    return { row: kept, children: found };
  };
}

function compileTable(
  table: Table,
  readers: readonly Table[],
  { rejects, stableKeys, optOutWhenAbsent = true }: FlattenOptions,
) {
  const width = layoutOf(table).length;
  const at = columnIndex(table);
  const columns = Object.entries(table.columns).map(([name, column]) =>
    columnReader(name, column, at(name), table.key.includes(name)),
  );
  const extra = extraReader(table, readers, rejects);
  const extraAt = at('_extra');
  const keyAt = table.key.map(at);
  const dropped = (table.optOut?.redactedColumns ?? []).map(at);
  const sensitive = sensitiveColumns(table).map(at);
  const flagAt = columns.findIndex(({ name }) => name === table.optOut?.flagColumn);
  const flag = columns[flagAt];
  const keepStableKey = stableKeyKeeper(table, stableKeys);
  const hash = rowHasher(table, columns, extraAt);
  // Columns of this row whose value was refused: the row counts as changed, so its page is kept raw.
  let refused = '';
  const doubts = doubtsOf(table, columns, rejects, (name) => {
    refused += `!${name}`;
  });

  return (element: JsonRecord, parent: JsonRecord, context: JsonRecord): FlatRow | undefined => {
    const values = new Array<Value>(width).fill(null);
    refused = '';
    let n = 0;
    for (const column of columns) {
      values[column.index] = column.read(element, parent, context, doubts[n] ?? ignore);
      n += 1;
    }
    const isRecordOut = context[RECORD_OPTED_OUT] === true;
    const optedOut =
      (flag !== undefined && (readOptOut(values[flag.index] ?? null, doubts[flagAt] ?? ignore) ?? optOutWhenAbsent)) ||
      isRecordOut;
    if (flag && flag.raw(element, parent, context) === undefined)
      rejects.add(table.name, flag.name, optOutWhenAbsent ? FLAG_MISSING : FLAG_MISSING_KEPT, false);
    for (const index of optedOut ? dropped : []) values[index] = null;
    for (const index of isRecordOut ? sensitive : []) values[index] = null;
    values[extraAt] = optedOut ? null : extra(element);
    keepStableKey(values);
    if (keyAt.some((index) => values[index] === null)) {
      const missing = table.key.find((_, n) => values[keyAt[n] ?? 0] === null) ?? '';
      rejects.add(table.name, missing, 'key missing, row refused');
      return undefined;
    }
    const key = joinKey(keyAt.map((index) => values[index]));
    return { table, key, values, contentHash: hash(refused, values), optedOut };
  };
}

/** Columns of details that are not kept if the caller of the record opts out. */
export function sensitiveColumns({ columns, key }: Table): readonly string[] {
  return Object.keys(columns).filter((name) => columns[name]?.sensitive !== false && !key.includes(name));
}

/** Nothing is refused: the record is stored, without what its caller may have declined. */
const FLAG_MISSING = 'flag missing, counted as opted out';
const FLAG_MISSING_KEPT = 'flag missing, counted as not opted out';

function ignore(): void {}

/** One function per column and run: nearly every value is fine, so none is made per value. */
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

/** Reads the members that no column reads, as JSON text; null if there are none. */
function extraReader(table: Table, readers: readonly Table[], rejects: Rejects) {
  const known = knownPaths(readers, table);
  return (element: JsonRecord): string | null => {
    const extra = extraOf(element, known);
    if (!extra) return null;
    try {
      return toJsonText(extra, () => rejects.add(table.name, '_extra', REPLACED, false));
    } catch {
      rejects.add(table.name, '_extra', 'JSON nested too deep');
      return null;
    }
  };
}

/** Puts the key that the record had first in place of a new one, if the table's declaration asks for it. */
function stableKeyKeeper(table: Table, stableKeys: StableKeys): (values: Value[]) => void {
  if (!table.stableKey) return ignore;
  const at = columnIndex(table);
  const by = at(table.stableKey.by);
  const column = at(table.stableKey.column);
  return (values) => {
    const alias = values[by];
    if (typeof alias !== 'string' || isBlank(alias)) return;
    const first = firstKey(stableKeys, alias);
    const key = values[column];
    if (first !== undefined) values[column] = first;
    else if (typeof key === 'string') stableKeys.set(alias, key);
  };
}

/** The declaration as text. If it changes, every row counts as changed and is staged again. */
function declarationText(table: Table): string {
  return Object.entries(table.columns)
    .map(([name, { type, paths, sensitive, hash }]) => {
      // A changed kind of hash needs no new staging: a rotation of the hash key hashes the stored rows anew.
      return `${name}:${type}:${paths.join('|')}:${hash === undefined ? sensitive : 'hashed'}`;
    })
    .join(',');
}

/** Hashes a row's declaration, the columns that were refused, and the vendor's values; of an address without its query. */
function rowHasher(table: Table, columns: readonly ColumnReader[], extraAt: number) {
  const hash = contentHasher(declarationText(table));
  return (refused: string, values: readonly Value[]): string => {
    const texts = [refused];
    for (const { index, url } of columns) {
      const value = values[index] ?? null;
      addHashTexts(texts, url && typeof value === 'string' ? (value.split('?', 1)[0] ?? '') : value);
    }
    addHashTexts(texts, values[extraAt] ?? null);
    return hash(texts);
  };
}
