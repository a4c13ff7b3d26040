import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import type { DropSensitive } from '../extract/redact/drop-sensitive.ts';
import type { KeyOf } from '../extract/rows/column-reader.ts';
import type { ErasedKeyOf } from '../extract/rows/erased.ts';
import type { FlatRow, Flatten } from '../extract/rows/flatten.ts';
import type { OwnedRecord } from '../extract/rows/owned-record.ts';
import type { ReadSettings } from '../extract/session/session.ts';
import type { Commit } from '../lake/commit.ts';
import type { DigestEntry, PartitionCursor } from '../lake/digest/digest-entry.ts';
import type { Digest } from '../lake/digest.ts';
import type { ErasedRecords } from '../lake/erasure-ledger.ts';
import type { StreamId } from '../lake/objects.ts';
import type { StreamState } from '../lake/stream-state.ts';
import type { Ports } from '../ports.ts';
import type { Stream } from '../source/source.ts';

/**
 * Gives a staged row the values that its record has by the present declaration.
 * @param isRedacted the raw copy lacks what an opt-out forbids: what the staged row has is allowed, and stays
 */
export type RefillRow = (row: readonly Value[], flat: FlatRow, isRedacted: boolean) => Value[];

/** What a replay works with: no network. */
export type ReplayPorts = Pick<
  Ports,
  'store' | 'codec' | 'parquet' | 'readParquet' | 'log' | 'now' | 'random' | 'signal'
>;

/** What the streams of an account are replayed with. */
export interface ReplayRules extends Pick<ReadSettings, 'optOutWhenAbsent' | 'safeValues'> {
  readonly hashKey: string;
  readonly removal: 'delete' | 'blank';
  /** Records that are never stored again; undefined if nothing was erased. */
  readonly erased?: ErasedRecords | undefined;
}

/** What a stream knew before it was replayed. */
export interface KnownBefore {
  readonly entries: ReadonlyMap<string, DigestEntry>;
  readonly cursors: ReadonlyMap<string, PartitionCursor>;
}

/** What became of the rows of a stream. */
export interface ReplayTally {
  /** True for a row whose last version was made again from its raw copy, by table and key. */
  readonly rows: ReadonlyMap<Table, Map<string, boolean>>;
  /** Staged files that were written again. */
  files: number;
  /** Rows of callers that opted out, whose number hashes became null. */
  lostHashes: number;
  /** Removals whose staged rows are gone. */
  lostRemovals: number;
  /** Numbers of commits whose staged files are gone, and were not made again completely. */
  readonly unread: number[];
}

/** What the raw copies of one commit show. */
export interface SeenRecords {
  /** Every record, in the order in which they were read. */
  readonly inOrder: readonly OwnedRecord[];
  /** The last version of each record. */
  readonly records: ReadonlyMap<string, OwnedRecord>;
  /** The last version of each child row. */
  readonly children: ReadonlyMap<Table, ReadonlyMap<string, FlatRow>>;
}

/** One stream while it is replayed. */
export interface StreamReplay {
  readonly id: StreamId;
  readonly stream: Stream;
  readonly rules: ReplayRules;
  readonly ports: ReplayPorts;
  readonly last: Commit;
  readonly state: StreamState;
  /** Undefined if the digest is lost. */
  readonly before: KnownBefore | undefined;
  /** What the replayed commits say. The content hash of a record without a raw copy is empty. */
  readonly digest: Digest;
  /** Records whose content hash cannot be made from the raw copy. */
  readonly unsure: Set<string>;
  /** `_changed_at` of each record, ms. */
  readonly changedAt: Map<string, number>;
  /** Scheduled time at which each partition was last read completely, ms. */
  readonly readAt: Map<string, number>;
  readonly keyOf: KeyOf;
  readonly flatten: Flatten;
  readonly refillOf: (table: Table) => RefillRow;
  readonly dropSensitive: DropSensitive;
  /** True if a record is opted out by now: its earlier copies are read without what it may not keep. */
  readonly hasOptedOut: (key: string) => boolean;
  /** True for a key of a record that was erased. */
  readonly isErasedKey: (key: string) => boolean;
  /** Tells a record that was erased, or that belongs to one. Undefined if nothing was erased. */
  readonly erasedKeyOf: ErasedKeyOf | undefined;
  /** What is known about the records of a partition. */
  readonly contextOf: (partition: string) => Readonly<Record<string, unknown>>;
  /** Number of the last commit that removed records, by the scheduled time of its run. */
  readonly removals: ReadonlyMap<string, number>;
  /** Raw objects in which a record was seen last. */
  readonly seenIn: Map<string, readonly string[]>;
  /** What raw objects show. @param raw of an earlier commit */
  readonly seeAgain: (raw: readonly string[]) => Promise<SeenRecords>;
  readonly tally: ReplayTally;
}
