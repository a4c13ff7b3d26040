import type { RecordPlace } from '../pages/page-tally.ts';
import type { FlatRecord } from './flatten.ts';

/** A flat record and the partition, or group of partitions, that it belongs to. */
export interface OwnedRecord extends FlatRecord, RecordPlace {
  readonly group: string | undefined;
  /** It was compared earlier in this run too, before a word of it was earned. */
  readonly isAgain?: true;
}
