import type { Emptying } from '../../../schemas/derive/emptied.ts';
import type { Table } from '../../../schemas/table.ts';
import { childId } from '../../lake/child-rows.ts';
import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import { fingerprint, isPrint } from '../../lake/digest/fingerprint.ts';
import type { Hash64 } from '../../lake/digest/shard.ts';
import type { Digest } from '../../lake/digest.ts';
import { handedOf } from '../../source/details.ts';
import type { FlatRow } from '../rows/flatten.ts';
import type { OwnedRecord } from '../rows/owned-record.ts';
import { type ChildRowsDiff, childRowsDiff, NO_CHILDREN } from './child-rows-diff.ts';
import {
  type CompleteRow,
  type CountedRows,
  type CountedRowsOptions,
  countedRows,
  originOf,
  type RowCounts,
  type RowOperation,
  type RowOrigin,
} from './complete-row.ts';

/** What the records of one page changed. */
export interface Changes {
  /** Rows to stage, in order. */
  readonly rows: readonly CompleteRow[];
  /** Records that are new or differ. */
  readonly changed: number;
}

/** Compares records with the digest, which then holds what was compared. Entries must be loaded before. */
export interface Diff {
  compare(records: readonly OwnedRecord[]): Changes;
  /** True if the digest's probes say that nothing has changed, so that the entry need not be loaded. It is counted as unchanged. */
  isSettled(record: OwnedRecord): boolean;
  /** Rows that mark a record and its children deleted; none if it is unknown or marked already. */
  remove(key: string): readonly CompleteRow[];
  /** Rows that also empty a record and its children, though it may be marked deleted already. */
  empty(key: string, by: Emptying): readonly CompleteRow[];
  /** Keys of records whose sensitive values no copy may keep any more, since the last call. */
  takeEmptied(): readonly string[];
  /** Counts since the last call. */
  takeCounts(): RowCounts;
}

/** What a diff works with. */
export interface DiffOptions extends CountedRowsOptions {
  readonly tables: readonly [Table, ...Table[]];
  readonly digest: Digest;
}

/** A diff of one run of one stream. */
export function newDiff(options: DiffOptions): Diff {
  const { tables, digest, removal } = options;
  const counted = countedRows(options);
  const bound = tables.filter((table) => table.removal === 'with-parent');
  const children = bound.length > 0 ? childRowsDiff(bound, removal === 'blank') : undefined;
  const emptied = new Set<string>();
  const compareRecord = recordComparer(options, counted, { children, emptied });
  const end = recordEnder(options, counted, { children, emptied });
  return {
    compare(records) {
      const rows: CompleteRow[] = [];
      let changed = 0;
      for (const record of records) {
        const { key, optedOut } = record.row;
        const before = digest.entries.get(key);
        const { length } = rows;
        if (compareRecord(record, rows)) changed += 1;
        if (record.isAgain) counted.uncount(rows.length - length);
        if (optedOut && before && !before.optedOut) emptied.add(key);
      }
      return { rows, changed };
    },
    isSettled(record) {
      const { recent, settled } = digest.parts.entries;
      const { key } = record.row;
      if (!settled || recent.has(key) || settled.isLoaded(key)) return false;
      const print = settled.shards.printOf(key);
      const own = print && printOf(record, bound);
      if (!own || !isPrint(print, own)) return false;
      counted.noteUnchanged();
      return true;
    },
    remove(key) {
      const entry = digest.entries.get(key);
      if (!entry || entry.deletedAt !== undefined) return [];
      // A row that was loaded before its record opted out would keep its sensitive columns: of two changes, only the last is loaded.
      return end(key, entry, removal === 'delete' && entry.optedOut ? 'redact' : removal);
    },
    empty(key, by) {
      const entry = digest.entries.get(key);
      return entry ? end(key, entry, by) : [];
    },
    takeEmptied() {
      const taken = [...emptied];
      emptied.clear();
      return taken;
    },
    takeCounts: counted.takeCounts,
  };
}

/** Rows that mark a record and its children deleted. */
type EndRecord = (
  key: string,
  entry: DigestEntry,
  operation: Exclude<RowOperation, 'upsert'>,
) => readonly CompleteRow[];

function recordEnder(
  { tables, digest, at }: DiffOptions,
  { markDeleted }: CountedRows,
  { children, emptied }: { readonly children: ChildRowsDiff | undefined; readonly emptied: Set<string> },
): EndRecord {
  return (key, entry, operation) => {
    const isEmptied = operation !== 'delete';
    const gone = children?.removeAll(entry.children, isEmptied) ?? NO_CHILDREN;
    const { missingSince: _at, missingSinceClock: _clock, mayBeSkipped: _skipped, handed: _handed, ...rest } = entry;
    digest.set(key, {
      ...rest,
      deletedAt: at,
      ...(gone.encoded === undefined ? {} : { children: gone.encoded }),
      ...(operation === 'redact' && { optedOut: true }),
      // Whoever has all other values of the record could test guesses of the rest against the hash.
      ...(operation === 'blank' && { blanked: true, contentHash: '' }),
    });
    if (isEmptied) emptied.add(key);
    const rows = [{ table: tables[0], key, origin: entry }, ...gone.deleted];
    return rows.map((row) => markDeleted(row, operation));
  };
}

/** Adds the rows of a record that changed. @returns true if any did */
type CompareRecord = (record: OwnedRecord, rows: CompleteRow[]) => boolean;

function recordComparer(
  { digest, at, removal }: DiffOptions,
  { upsert, markDeleted, noteUnchanged }: CountedRows,
  { children, emptied }: { readonly children: ChildRowsDiff | undefined; readonly emptied: Set<string> },
): CompareRecord {
  return (record, rows) => {
    const { row, children: found, group, sortedAt, sortedBy } = record;
    const before = digest.entries.get(row.key);
    const origin = before ?? originOf(row, at);
    const bound = children?.compare(record, before?.children, at) ?? NO_CHILDREN;
    // A child whose key is written in another way since an earlier version is both: of two rows, the last one counts.
    for (const gone of bound.deleted) rows.push(markDeleted(gone));
    if (removal === 'blank' && bound.deleted.length > 0) emptied.add(row.key);
    for (const { child, origin: kept } of bound.changed) rows.push(upsert(child, kept));
    const isChanged = !before || before.contentHash !== row.contentHash || before.deletedAt !== undefined;
    if (isChanged) {
      rows.push(upsert(row, origin));
      for (const child of independentRows(found)) rows.push(upsert(child, origin));
    } else {
      noteUnchanged();
    }
    const childrenChanged = bound.encoded !== before?.children;
    const handed = row.table.handsOn && handedOf(row);
    const isMoved = before?.group !== group || before?.sortedAt !== sortedAt || before?.sortedBy !== sortedBy;
    if (isChanged || childrenChanged || before.missingSince !== undefined || isMoved || before.handed !== handed)
      digest.set(row.key, entryOf(row, { origin, group, sortedAt, sortedBy, handed, children: bound.encoded }));
    return isChanged || childrenChanged;
  };
}

/** The fingerprint of a record; undefined if it says nothing about some of its children. */
function printOf({ row, children, ...place }: OwnedRecord, bound: readonly Table[]): Hash64 | undefined {
  const hashes = new Map<string, string>();
  for (const table of bound) {
    const rows = children.get(table);
    if (!rows) return undefined;
    for (const { key, contentHash } of rows) hashes.set(childId(table, key), contentHash);
  }
  const { contentHash, optedOut, table } = row;
  return fingerprint({ contentHash, ...place, optedOut, handed: table.handsOn && handedOf(row), children: hashes });
}

/** Child rows that are never deleted with their record. They share its partition day, which never changes. */
function independentRows(found: OwnedRecord['children']): readonly FlatRow[] {
  return [...found].flatMap(([table, rows]) => (table.removal === 'with-parent' ? [] : rows));
}

interface EntryOptions {
  readonly origin: RowOrigin;
  readonly group: string | undefined;
  readonly sortedAt: number | undefined;
  readonly sortedBy: number | undefined;
  readonly handed: string | undefined;
  readonly children: string | undefined;
}

/** Adds only the fields that are there, one by one: an object spread for each would take longer than the comparison. */
function entryOf(row: FlatRow, { origin, group, sortedAt, sortedBy, handed, children }: EntryOptions): DigestEntry {
  const entry: { -readonly [K in keyof DigestEntry]: DigestEntry[K] } = {
    contentHash: row.contentHash,
    partOn: origin.partOn,
    firstSeenAt: origin.firstSeenAt,
  };
  if (sortedAt !== undefined) entry.sortedAt = sortedAt;
  if (group !== undefined) entry.group = group;
  if (sortedBy !== undefined) entry.sortedBy = sortedBy;
  if (row.alias !== undefined) entry.alias = row.alias;
  if (row.optedOut) entry.optedOut = true;
  if (handed !== undefined) entry.handed = handed;
  if (children !== undefined) entry.children = children;
  return entry;
}
