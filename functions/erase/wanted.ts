import type { Table } from '../../schemas/table.ts';
import type { ErasedRecords } from '../lake/erasure-ledger.ts';
import type { Source, Stream } from '../source/source.ts';
import type { IsMeant } from './person.ts';

/** A table that shows which records are meant. */
export interface Holder {
  /** Name of the stream that fills it. */
  readonly of: string;
  readonly table: Table;
  /** Its columns with the record's key. */
  readonly key: readonly string[];
  /** Columns with one of the values, in `callhouse`. */
  readonly columns: readonly string[];
  readonly values: readonly string[];
}

/** The records of a stream to find. */
export interface Wanted {
  readonly source: Source;
  readonly account: string;
  readonly stream: Stream;
  /** Name of the stream. */
  readonly name: string;
  readonly holders: readonly Holder[];
  /** Recognizes them in copies in the lake. @default they are found by an id, which no version changes */
  readonly isMeant?: IsMeant;
}

/** Records that copies in the lake show, in whatever version. */
export interface FoundInCopies {
  readonly keys: ReadonlySet<string>;
  /** Values of the column that a stable key is looked up by, of records whose key copies do not tell. */
  readonly aliases: ReadonlySet<string>;
  /** Raw copies of records without a key, which no table has. */
  readonly keyless: number;
}

/** Records besides those that the values find. */
export interface AlsoWanted {
  /** Those that copies in the lake show. */
  readonly inCopies: FoundInCopies;
  /** Those that were noted as erased, by an erasure that was killed. @default none */
  readonly erased?: ErasedRecords | undefined;
}
