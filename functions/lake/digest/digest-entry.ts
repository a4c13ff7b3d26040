/** What is known about one key. There is one entry for every row ever seen, so absent fields are left out. */
export interface DigestEntry {
  /** Hash of the table's declaration and the row's vendor columns; see `rows/hashes.ts` of the extractor. */
  readonly contentHash: string;
  /** `_part_on`, days since the epoch; never changes. */
  readonly partOn: number;
  /** `_first_seen_at`, ms since the epoch; never changes. */
  readonly firstSeenAt: number;
  /** Partition (or group of partitions) that the record belongs to. */
  readonly group?: string;
  /** Instant by which its list is sorted, ms, when the record was last seen. */
  readonly sortedAt?: number;
  /** Which of the stream's `order` fields that is. @default the first one */
  readonly sortedBy?: number;
  /** Set for a deletion candidate: scheduled time of the full scan that did not show the key, ms. */
  readonly missingSince?: number;
  /** The clock at that scan, ms. */
  readonly missingSinceClock?: number;
  /** That scan may have skipped the key between two pages, or the key may be listed again since, so that another scan must miss it. */
  readonly mayBeSkipped?: true;
  /** Marked deleted at, ms. */
  readonly deletedAt?: number;
  /** Value of the column that a stable key is looked up by (Zudu: `id`). */
  readonly alias?: string;
  /** The record opted out: its sensitive columns are not kept. */
  readonly optedOut?: true;
  /** The vendor removed the record, and by the setting no copy keeps its sensitive values. */
  readonly blanked?: true;
  /** Values that requests of other streams need, by their columns, as JSON text. A record that is marked deleted has none. */
  readonly handed?: string;
  /** Child rows that are deleted with the record, as `child-rows.ts` writes them. */
  readonly children?: string;
}

/** How far one partition was read. */
export interface PartitionCursor {
  /** Scheduled time of the last complete read, ms. */
  readonly readAt: number;
  /** Day of the newest record seen, days since the epoch. */
  readonly newestDay?: number;
  /** First day of an unbroken stretch of days that was read, days since the epoch. */
  readonly readFrom?: number;
  /** Days without figures in their first answer, which are requested again. */
  readonly empty?: EmptyDays;
  /** Content hash of the parent record when the partition was read, or when that failed. */
  readonly parentHash?: string;
  /** The partition of this parent record could not be read: scheduled times of the first and of the last try, ms. */
  readonly failedSince?: number;
  readonly failedAt?: number;
}

/** A range of days whose first answers had no figures. */
export interface EmptyDays {
  /** First and last day, days since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Scheduled time of the run that read the last of them, ms. */
  readonly readAt: number;
}

/** The key that a record had first, by the value of the column that its stable key is looked up by. */
export interface FirstKey {
  readonly key: string;
  /** When the record was first seen, ms. */
  readonly firstSeenAt: number;
}

/** Counts over all entries, which are kept so that no run has to read all entries. */
export interface DigestCounts {
  /** Entries of each group that are not marked deleted. */
  readonly live: ReadonlyMap<string | undefined, number>;
  /** Least `_part_on` ever, days since the epoch; undefined without an entry. */
  readonly earliestDay: number | undefined;
}
