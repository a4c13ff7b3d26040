import { columnIndex, layoutOf } from '../../../schemas/layout.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import type { Digest, DigestEntry } from '../../lake/digest.ts';
import { splitKey } from '../../lake/row-key.ts';
import type { FlatRow } from '../rows/flatten.ts';
import type { OwnedRecord } from '../rows/flatten-page.ts';
import { childRowsDiff, type DeletedChild } from './child-rows-diff.ts';
import { type CompleteRow, type CompletionOptions, rowCompleter } from './complete-row.ts';
import { originOf, type RowOrigin } from './row-origin.ts';

/** What the records of one page changed. */
export interface Changes {
  /** Rows to stage, in order. */
  readonly rows: readonly CompleteRow[];
  /** Records that are new or differ. */
  readonly changed: number;
  /** Keys of records that the lake holds in full and that have opted out since. */
  readonly optedOutLater: readonly string[];
}

/** Counts of rows since the last commit. */
export interface RowCounts {
  readonly changed: number;
  readonly unchanged: number;
  readonly deleted: number;
}

/** Compares records with the digest, which then holds what was compared. */
export interface Diff {
  /**
   * @param scannedFrom during a full scan: the first day of history (days since the epoch) that it covers, or null if it covers
   * everything. The digest notes it, because only such a scan can later prove that the key is gone
   */
  compare(records: readonly OwnedRecord[], scannedFrom?: number | null): Changes;
  /** Rows that mark a record and its children deleted; none if it is unknown or marked already. */
  remove(key: string): readonly CompleteRow[];
  /** Counts since the last call. */
  takeCounts(): RowCounts;
}

/** What a diff works with. */
export interface DiffOptions extends CompletionOptions {
  readonly tables: readonly [Table, ...Table[]];
  readonly digest: Digest;
  /** Keys by the value of the column that a stable key is looked up by. The diff adds to it. */
  readonly aliases: Map<string, string>;
  /** What a deletion stages: its mark, or its mark and the order to blank the sensitive columns. */
  readonly removal: 'delete' | 'blank';
}

const NO_COUNTS = { changed: 0, unchanged: 0, deleted: 0 };

/** A diff of one run of one stream. */
export function newDiff(options: DiffOptions): Diff {
  const { tables, digest, aliases, at, removal } = options;
  const [main, ...rest] = tables;
  const complete = rowCompleter(options);
  const children = childRowsDiff(rest.filter((table) => table.removal === 'with-parent'));
  let counts = { ...NO_COUNTS };

  function upsert(row: FlatRow, origin: RowOrigin): CompleteRow {
    counts.changed += 1;
    return complete(row.table, row.values, origin, 'upsert');
  }

  function markDeleted({ table, key, origin }: DeletedChild): CompleteRow {
    counts.deleted += 1;
    return complete(table, keyOnly(table, key), origin, removal);
  }

  /** Adds the rows of one record that changed. @returns true if any did */
  function compareRecord({ row, children: found, group }: OwnedRecord, rows: CompleteRow[]): boolean {
    const before = digest.entries.get(row.key);
    const origin = before ?? originOf(row, at);
    const bound = children.compare(found, before?.children, at);
    rows.push(
      ...bound.changed.map(({ child, origin: kept }) => upsert(child, kept)),
      ...bound.deleted.map(markDeleted),
    );
    const isChanged = !before || before.contentHash !== row.contentHash || before.deletedAt !== undefined;
    if (isChanged) rows.push(upsert(row, origin), ...independentRows(found).map((child) => upsert(child, origin)));
    else counts.unchanged += 1;
    const alias = aliasOf(main, row);
    if (alias !== undefined) aliases.set(alias, row.key);
    const childrenChanged = bound.encoded !== before?.children;
    if (isChanged || childrenChanged || before.missingSince !== undefined || before.group !== group)
      digest.set(row.key, entryOf(row, { origin, group, before, alias, children: bound.encoded }));
    return isChanged || childrenChanged;
  }

  return {
    compare(records, scannedFrom) {
      const rows: CompleteRow[] = [];
      const optedOutLater: string[] = [];
      let changed = 0;
      for (const record of records) {
        const { key, optedOut } = record.row;
        const before = digest.entries.get(key);
        if (compareRecord(record, rows)) changed += 1;
        if (optedOut && before && !before.optedOut) optedOutLater.push(key);
        if (scannedFrom !== undefined) noteScan(digest, key, scannedFrom);
      }
      return { rows, changed, optedOutLater };
    },
    remove(key) {
      const entry = digest.entries.get(key);
      if (!entry || entry.deletedAt !== undefined) return [];
      const bound = children.removeAll(entry.children);
      const rows = [markDeleted({ table: main, key, origin: entry }), ...bound.deleted.map(markDeleted)];
      const { missingSince: _at, missingSinceClock: _clock, ...rest } = entry;
      digest.set(key, {
        ...rest,
        deletedAt: at,
        ...(bound.encoded === undefined ? {} : { children: bound.encoded }),
      });
      return rows;
    },
    takeCounts() {
      const taken = counts;
      counts = { ...NO_COUNTS };
      return taken;
    },
  };
}

/** Child rows that are never deleted with their record. They share its partition day, which never changes. */
function independentRows(found: OwnedRecord['children']): readonly FlatRow[] {
  return [...found].flatMap(([table, rows]) => (table.removal === 'with-parent' ? [] : rows));
}

function noteScan(digest: Digest, key: string, scannedFrom: number | null): void {
  const entry = digest.entries.get(key);
  if (!entry || entry.scannedFrom === (scannedFrom ?? undefined)) return;
  const { scannedFrom: _before, ...rest } = entry;
  digest.set(key, scannedFrom === null ? rest : { ...rest, scannedFrom });
}

interface EntryOptions {
  readonly origin: RowOrigin;
  readonly group: string | undefined;
  readonly before: DigestEntry | undefined;
  readonly alias: string | undefined;
  readonly children: string | undefined;
}

function entryOf(row: FlatRow, { origin, group, before, alias, children }: EntryOptions): DigestEntry {
  return {
    contentHash: row.contentHash,
    partOn: origin.partOn,
    firstSeenAt: origin.firstSeenAt,
    ...(group === undefined ? {} : { group }),
    ...(before?.scannedFrom === undefined ? {} : { scannedFrom: before.scannedFrom }),
    ...(alias === undefined ? {} : { alias }),
    ...(row.optedOut ? { optedOut: true } : {}),
    ...(children === undefined ? {} : { children }),
  };
}

/** Value of the column that the table's stable key is looked up by. */
function aliasOf(table: Table, { values }: FlatRow): string | undefined {
  if (!table.stableKey) return undefined;
  const value = values[columnIndex(table)(table.stableKey.by)];
  return typeof value === 'string' ? value : undefined;
}

/** A row that has no values but its key's. */
function keyOnly(table: Table, key: string): Value[] {
  const values = new Array<Value>(layoutOf(table).length).fill(null);
  const index = columnIndex(table);
  for (const [n, value] of splitKey(table, key).entries()) values[index(table.key[n] ?? '')] = value;
  return values;
}
