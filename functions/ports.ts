import type { Table } from '../schemas/table.ts';
import type { Value } from '../schemas/value.ts';
import type { VendorAnswer, VendorRequest } from './http/vendor-answer.ts';

/** What a message or log line is about. */
export interface ErrorContext {
  readonly source?: string;
  readonly account?: string;
  readonly stream?: string;
}

/** A stretch of an object's bytes: from `from`, up to and without `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** How an object is written. */
export interface PutOptions {
  /** Replaces whatever is there (true), or only an object of exactly these bytes. @default only creates */
  readonly replace?: boolean | Uint8Array;
}

/** Objects by key. A key consists of parts of `[A-Za-z0-9._=-]`, separated by `/`. */
export interface Store {
  /** The folder or bucket, as messages show it; contains no credential. */
  readonly name: string;
  /**
   * @param range the bytes to read; where the object ends earlier, they are fewer @default all
   * @returns the object's bytes; undefined if there is no such object
   */
  get(key: string, range?: ByteRange): Promise<Uint8Array | undefined>;
  /**
   * Writes an object durably: either all of it or nothing.
   * @returns false if nothing was written: the key exists already; or with `replace: bytes`, the object is no longer those bytes, or is
   * gone. With `replace: true` it always writes
   */
  put(key: string, body: Uint8Array, options?: PutOptions): Promise<boolean>;
  /** Keys that begin with `prefix` and are greater than `after`, in byte order. */
  list(prefix: string, options?: { readonly after?: string | undefined }): AsyncIterable<string>;
  /** Deletes an object. Does nothing if there is no such object. */
  delete(key: string): Promise<void>;
  /**
   * Deletes what the store keeps of objects that were replaced or deleted and whose keys begin with `prefix`. Absent where it keeps
   * nothing, or where that is not ours to delete.
   */
  forgetVersions?(prefix: string): Promise<void>;
}

/** A staged file that a commit names. */
export interface StagedFile {
  readonly table: string;
  readonly key: string;
  readonly rows: number;
  /** Rows that mark a deletion. */
  readonly deletes: number;
  /** Least `_part_on` of the rows, `YYYY-MM-DD`. */
  readonly partFrom: string;
  /** Greatest `_part_on` of the rows, `YYYY-MM-DD`. */
  readonly partTo: string;
}

/** A result set. Integers that a double cannot hold are `bigint`; timestamps are `Date`; dates, decimals and JSON are text. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** Places of the columns whose timestamps have a time zone. Others have none: they are in UTC, or on the clinic's clock. @default unknown */
  readonly zoned?: readonly number[] | undefined;
  /** Bytes that the engine read, if it says so. */
  readonly scannedBytes?: number | undefined;
}

/** Bookkeeping of one row, read back from the warehouse because the commit log is gone. */
export interface ReadBackRow {
  /** Values of the key columns, in the order of `table.key`. */
  readonly key: readonly string[];
  /** `_part_on`, `YYYY-MM-DD`. */
  readonly partOn: string;
  /** `_first_seen_at`, ms since the epoch. */
  readonly firstSeenAt: number;
  /** `_deleted_at`, ms since the epoch. */
  readonly deletedAt: number | undefined;
  /** `_seq`: number of the commit that last changed the row. */
  readonly seq: number;
}

/** The SQL engine that holds the warehouse. */
export interface Engine {
  readonly dialect: 'duckdb' | 'athena';
  /** Largest number of staged files in one MERGE, if the engine's memory is limited. @default all files of a batch */
  readonly filesPerMerge?: number;
  /**
   * Number of statements that may run at the same time, each of which changes another table. More than 1 also says that the engine
   * has no transactions over several statements. @default 1
   */
  readonly statementsAtOnce?: number;
  /**
   * Identity of this warehouse. The loader keeps its progress under it, so a new, empty warehouse is loaded from the first
   * commit.
   */
  identity(): Promise<string>;
  /** Creates missing tables and adds new columns. Does nothing if deployment creates them. */
  prepare(tables: readonly Table[]): Promise<void>;
  /** Runs `work` in one transaction, if the engine has transactions. */
  atomically<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Makes `callhouse_staging.<table>` contain the rows of these files. It may contain more rows; MERGE filters by `_load_id`.
   */
  stage(table: Table, files: readonly StagedFile[]): Promise<void>;
  /** @param token identity of the statement: an engine that can do so joins a running statement of the same token */
  execute(
    sql: string,
    token?: string,
  ): Promise<{ readonly changed: number; readonly scannedBytes?: number | undefined }>;
  query(sql: string): Promise<QueryResult>;
  /** Rewrites the storage so that no overwritten value is left in it. Absent if maintenance expires old snapshots instead. */
  eraseFreedBlocks?(): Promise<void>;
  /** Releases connections. */
  close(): Promise<void>;
}

/** Rows of one staged file as columns, in the order of `layoutOf(table)`. */
export type ColumnData = readonly (readonly Value[])[];

/** Writes Parquet files of one row group each. */
export interface ParquetWriter {
  readonly name: 'hyparquet' | 'parquetjs';
  /** @throws ValueRefusedError if the format would alter a value; it names the column, never the value */
  write(table: Table, columns: ColumnData): Promise<Uint8Array>;
}

/**
 * Reads columns of a Parquet file back exactly as the writer got them.
 * @throws StateError if this Node cannot decompress it @throws Error if the file is damaged
 */
export type ReadParquet = (file: Uint8Array, columns: readonly string[]) => Promise<Value[][]>;

/** Compresses and expands. Concatenated compressed pieces expand to their concatenated contents. */
export interface Compressor {
  compress(bytes: Uint8Array): Promise<Uint8Array>;
  /** @throws Error if the bytes are damaged */
  expand(bytes: Uint8Array): Promise<Buffer>;
}

/**
 * gzip; its pieces are members.
 * @see {@link https://www.rfc-editor.org/rfc/rfc1952#section-2.2}
 */
export interface Codec extends Compressor {
  /** Like {@link expand}, but in pieces, so that a large object is never in memory completely. */
  expandInPieces(bytes: Uint8Array): AsyncIterable<Buffer>;
  /** zstd, for raw pages. @default undefined: Node has it from 22.15 on */
  readonly zstd?: Compressor | undefined;
}

/** Credentials of one account, by the names of the environment variables. */
export type Credentials = Readonly<Record<string, string>>;

/** Where credentials are kept. */
export interface Secrets {
  /**
   * Reads credentials afresh at each call, so that a rotated secret is found.
   * @param names of the environment variables that must be set
   * @param optional names that may be missing
   * @throws CredentialsError that says which of `names` is missing or damaged
   */
  read(source: string, account: string, names: readonly string[], optional?: readonly string[]): Promise<Credentials>;
  /** Says where these credentials are kept, for messages: the variables, and on AWS the secret. */
  describe(source: string, account: string, names: readonly string[]): string;
}

/** Levels of a log line. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** Fields of a log line: counts and names, no value of a record. */
export type LogFields = ErrorContext & Readonly<Record<string, string | number | boolean | undefined>>;
/** Writes one log line. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/** A process that may hold a lease. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  /** Start of the process; distinguishes it from a later one with the same number. */
  readonly born: string;
}

/** Everything through which the pipeline reaches the outside: storage, network, clock, randomness. */
export interface Ports {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly parquet: ParquetWriter;
  readonly readParquet: ReadParquet;
  readonly codec: Codec;
  /**
   * Reads the HMAC key of the `_hash` columns. A run calls it while it holds its account's lease, so that the key is not rotated
   * meanwhile.
   * @throws ConfigError if it is not the key that the lake's hashes were made with
   */
  readonly hashKey: () => Promise<string>;
  /**
   * Reads the key of the ledger of erased records. A run calls it only if something was erased. Undefined where nothing can be.
   * @throws ConfigError if it is missing
   */
  readonly erasureKey?: (() => Promise<string>) | undefined;
  /**
   * Sends one request to a vendor. It follows no redirect.
   * @throws an error with the system's code, such as ECONNREFUSED; ContractError if the answer is compressed more than once
   */
  readonly fetch: (url: string, request: VendorRequest) => Promise<VendorAnswer>;
  readonly log: Log;
  /** The clock, ms since the epoch. For durations and waits only; windows are computed from the event's `at`. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Waits; rejects as soon as the signal is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Calls `fire` after `ms` milliseconds. @returns a function that cancels the timer */
  readonly timer: (ms: number, fire: () => void) => () => void;
  /** Identity of this process for the lease. */
  readonly process: Holder & {
    /** True if the holder ran on this host and is no longer running. */
    isGone(holder: Holder): boolean;
  };
  /** Milliseconds left before this run must stop. */
  readonly remainingMs: () => number;
  /** Why so little time is left, for messages. @default the time of this run is used up */
  readonly outOfTime?: (() => string) | undefined;
  /** Called when a stream begins and at each of its commits. @param isFirstLoad true until the stream was read completely once */
  readonly onProgress?: ((isFirstLoad: boolean) => void) | undefined;
  /**
   * Reads keys and timestamps back from the warehouse when the commit log is missing.
   * @returns undefined if the table does not exist yet
   */
  readonly readBackFromWarehouse?:
    | ((table: Table, account: string) => Promise<readonly ReadBackRow[] | undefined>)
    | undefined;
  /** Interrupts waits and requests. */
  readonly signal?: AbortSignal | undefined;
}
