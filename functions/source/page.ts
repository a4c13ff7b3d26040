/** One of several lists of a stream: those of one direction, one clinician, one call. */
export interface Partition {
  /** Stable name within the stream. It may be an id, but no other value of a record. */
  readonly id: string;
  /** What is known about every record of this partition. Columns read it as `$name`. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Values for the `{name}` parts of the stream's path. */
  readonly params?: Readonly<Record<string, string>>;
  /** Query parameters of this partition alone. */
  readonly query?: Readonly<Record<string, string>>;
  /** Read only by a full scan. @default false */
  readonly sweepOnly?: boolean;
}

/** The partition of a stream that declares none. */
export const WHOLE_STREAM: Partition = { id: 'all', context: {} };

/** A record that a stream with several partitions has just shown. */
export interface Sighting {
  /** The partition that showed it. */
  readonly partition: string;
  /** Other partitions that showed it earlier in this read, in order. */
  readonly earlier: readonly string[];
  /** Group that it belonged to before this run. */
  readonly known: string | undefined;
  /** True during a full scan whose partitions were all read completely so far. */
  readonly sweep: boolean;
  /**
   * True if an incremental read has shown the record since the full scan began, and so decided `known`, and no earlier partition of the
   * scan has shown it. @default false
   */
  readonly isShownBeside?: boolean;
}

/** Where a record belongs, decided from a {@link Sighting}. */
export interface Ownership {
  readonly group: string;
  /** Replaces parts of the partition's context for this record. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Logged once per run. */
  readonly warning?: string | undefined;
}

/** A stretch of time, both ends inclusive. Without an end it reaches into the future. */
export interface Window {
  readonly from: Date;
  readonly to?: Date;
}

/** The page to request. */
export interface PageRequest {
  readonly partition: Partition;
  readonly page: number;
  /** Records per page. */
  readonly size: number;
  readonly window?: Window;
  /** Token of the page, if the list has tokens; undefined for its first page. */
  readonly next?: string;
}

/** What a page contains, and what the vendor says about the list; judged on raw records. */
export interface Page {
  readonly records: readonly unknown[];
  /** The page number that the vendor echoes, if it does. */
  readonly page?: number | undefined;
  /** The vendor's own count of the complete list, if it gives one. */
  readonly total?: number | undefined;
  /** The vendor's own end signal. Undefined if it gives none; then an empty page ends the list. */
  readonly more?: boolean | undefined;
  /** Token of the next page. */
  readonly next?: string | undefined;
  /** Where the token is declared to be, if the answer has no field of that name: the list has ended, or the path is misspelt. */
  readonly unnamedToken?: string | undefined;
  /** How the list pages. `overlapping`: a page begins with the last records of the page before. @default 'number' */
  readonly paging?: 'number' | 'token' | 'overlapping';
  /** Parts of the answer that are in no record, because they are not what the document says. They are counted in `rejects`. */
  readonly doubts?: readonly PageDoubt[] | undefined;
  /** The vendor gave no list where one was expected. An empty page is assumed, and it proves no removal. */
  readonly isDoubtful?: boolean;
  /** The vendor says that it has applied a filter, and none was requested. The page proves no removal. */
  readonly isNarrowed?: boolean;
}

/** A part of an answer that is in no record. */
export interface PageDoubt {
  /** Field of the records that it would have filled. */
  readonly field: string;
  /** What kind of thing is wrong; no value. */
  readonly reason: string;
}
