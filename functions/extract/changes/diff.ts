import type { Table } from '../../../schemas/table.ts';
import { childId } from '../../lake/child-rows.ts';
import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import { fingerprint, isPrint } from '../../lake/digest/fingerprint.ts';
import type { Hash64 } from '../../lake/digest/shard.ts';
import type { Digest } from '../../lake/digest.ts';
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
  type RowOrigin,
} from './complete-row.ts';

/** What the records of one page changed. */
export interface Changes {
  /** Rows to stage, in order. */
  readonly rows: readonly CompleteRow[];
  /** Records that are new or differ. */
  readonly changed: number;
  /** Keys of records that the lake holds in full and that have opted out since. */
  readonly optedOutLater: readonly string[];
}

/** Compares records with the digest, which then holds what was compared. Entries must be loaded before. */
export interface Diff {
  compare(records: readonly OwnedRecord[]): Changes;
  /** True if the digest's probes say that nothing has changed, so that the entry need not be loaded. It is counted as unchanged. */
  isSettled(record: OwnedRecord): boolean;
  /** Rows that mark a record and its children deleted; none if it is unknown or marked already. */
  remove(key: string): readonly CompleteRow[];
  /** Rows that also blank the sensitive columns of a record and its children, because the caller opted out. */
  blank(key: string): readonly CompleteRow[];
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
  const { tables, digest, at } = options;
  const counted = countedRows(options);
  const bound = tables.filter((table) => table.removal === 'with-parent');
  const children = bound.length > 0 ? childRowsDiff(bound) : undefined;
  const compareRecord = recordComparer(options, counted, children);
  const end = (key: string, entry: DigestEntry, isBlanked: boolean) => {
    const gone = children?.removeAll(entry.children, isBlanked) ?? NO_CHILDREN;
    const { missingSince: _at, missingSinceClock: _clock, ...rest } = entry;
    digest.set(key, {
      ...rest,
      deletedAt: at,
      ...(gone.encoded === undefined ? {} : { children: gone.encoded }),
      ...(isBlanked && { optedOut: true }),
    });
    const rows = [{ table: tables[0], key, origin: entry }, ...gone.deleted];
    return rows.map((row) => counted.markDeleted(row, isBlanked ? 'blank' : undefined));
  };
  return {
    compare(records) {
      const rows: CompleteRow[] = [];
      const optedOutLater: string[] = [];
      let changed = 0;
      for (const record of records) {
        const { key, optedOut } = record.row;
        const before = digest.entries.get(key);
        const { length } = rows;
        if (compareRecord(record, rows)) changed += 1;
        if (record.isAgain) counted.uncount(rows.length - length);
        if (optedOut && before && !before.optedOut) optedOutLater.push(key);
      }
      return { rows, changed, optedOutLater };
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
      // A row that was loaded before its record opted out would keep its sensitive columns: of two changes, only the last is loaded.
      return !entry || entry.deletedAt !== undefined ? [] : end(key, entry, entry.optedOut === true);
    },
    blank(key) {
      const entry = digest.entries.get(key);
      return entry ? end(key, entry, true) : [];
    },
    takeCounts: counted.takeCounts,
  };
}

/** Adds the rows of a record that changed. @returns true if any did */
type CompareRecord = (record: OwnedRecord, rows: CompleteRow[]) => boolean;

function recordComparer(
  { digest, at }: DiffOptions,
  { upsert, markDeleted, noteUnchanged }: CountedRows,
  children: ChildRowsDiff | undefined,
): CompareRecord {
  return ({ row, children: found, group, sortedAt, sortedBy }, rows) => {
    const before = digest.entries.get(row.key);
    const origin = before ?? originOf(row, at);
    const bound = children?.compare(found, before?.children, at) ?? NO_CHILDREN;
    // A child whose key is written in another way since an earlier version is both: of two rows, the last one counts.
    for (const gone of bound.deleted) rows.push(markDeleted(gone));
    for (const { child, origin: kept } of bound.changed) rows.push(upsert(child, kept));
    const isChanged = !before || before.contentHash !== row.contentHash || before.deletedAt !== undefined;
    if (isChanged) {
      rows.push(upsert(row, origin));
      for (const child of independentRows(found)) rows.push(upsert(child, origin));
    } else {
      noteUnchanged();
    }
    const childrenChanged = bound.encoded !== before?.children;
    const isMoved = before?.group !== group || before?.sortedAt !== sortedAt || before?.sortedBy !== sortedBy;
    if (isChanged || childrenChanged || before.missingSince !== undefined || isMoved)
      digest.set(row.key, entryOf(row, { origin, group, sortedAt, sortedBy, children: bound.encoded }));
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
  return fingerprint({ contentHash: row.contentHash, ...place, optedOut: row.optedOut, children: hashes });
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
  readonly children: string | undefined;
}

/** Adds only the fields that are there, one by one: an object spread for each would take longer than the comparison. */
function entryOf(row: FlatRow, { origin, group, sortedAt, sortedBy, children }: EntryOptions): DigestEntry {
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
  if (children !== undefined) entry.children = children;
  return entry;
}
