import type { FlatRecord } from './flatten.ts';

/** Where a record is in its list; see the fields of a digest entry with these names. */
export interface RecordPlace {
  readonly sortedAt?: number | undefined;
  readonly sortedBy?: number | undefined;
}

/** A flat record and the partition, or group of partitions, that it belongs to. */
export interface OwnedRecord extends FlatRecord, RecordPlace {
  readonly group: string | undefined;
  /** It was compared earlier in this run, before a word of it was earned. */
  readonly isAgain?: true;
}
