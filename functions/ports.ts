import type { Table } from '../schemas/table.ts';
import type { Value } from '../schemas/value.ts';

/** What was asked for: stands in every message and log line. */
export interface ErrorContext {
  readonly source?: string;
  readonly account?: string;
  readonly stream?: string;
}

/** Objects by key. Keys are `/`-separated, of `[A-Za-z0-9._=-]` parts. */
export interface Store {
  /** Safe to show: a folder or bucket, never a credential. */
  readonly name: string;
  /** @returns the object's bytes, or undefined where there is none */
  get(key: string): Promise<Uint8Array | undefined>;
  /**
   * Writes a whole object, durably, or nothing.
   * @returns false if the key is taken (compare-and-swap); with `replace` it always writes and returns true
   */
  put(key: string, body: Uint8Array, options?: { readonly replace?: boolean }): Promise<boolean>;
  /** Keys that begin with `prefix`, in byte order, from the first one greater than `after`. */
  list(prefix: string, options?: { readonly after?: string | undefined }): AsyncIterable<string>;
  /** Removes an object; one that is not there is no error. */
  delete(key: string): Promise<void>;
}

/** A staged file that a commit names. */
export interface StagedFile {
  readonly table: string;
  readonly key: string;
  readonly rows: number;
  readonly deletes: number;
  /** Least and greatest `_part_on` of its rows, `YYYY-MM-DD`. */
  readonly partFrom: string;
  readonly partTo: string;
}

/** A result set. Unsafe integers are bigint; timestamps are `Date`; dates, decimals and JSON are text. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** Bytes the engine read, where it says so. */
  readonly scannedBytes?: number;
}

/** A table as its own last row versions tell it; used only when the commit log is gone. */
export interface RecalledRow {
  readonly key: readonly string[];
  readonly partOn: string;
  readonly firstSeenAt: number;
  readonly deletedAt: number | undefined;
  readonly seq: number;
}

/** The SQL engine that holds the warehouse. */
export interface Engine {
  readonly dialect: 'duckdb' | 'athena';
  /** Most staged files in one MERGE, where the engine's memory is bounded. @default all of a batch */
  readonly filesPerMerge?: number;
  /** Identity of this warehouse: the loader keeps its progress under it, so an emptied warehouse is loaded anew. */
  identity(): Promise<string>;
  /** Makes what is missing of the tables (and adds new columns); where deployment makes them, does nothing. */
  prepare(tables: readonly Table[]): Promise<void>;
  /** Runs `work` in one transaction where the engine has them. */
  atomically<T>(work: () => Promise<T>): Promise<T>;
  /** Makes `callhouse_staging.<table>` show these staged files (and more, on Athena: the statement filters by `_load_id`). */
  stage(table: Table, files: readonly StagedFile[]): Promise<void>;
  /** @param token makes a repeat of the same statement attach to the first run of it, where the engine can */
  execute(sql: string, token?: string): Promise<{ readonly changed: number; readonly scannedBytes?: number }>;
  query(sql: string): Promise<QueryResult>;
  /** Rewrites the storage so that no overwritten value is left in it; absent where snapshots expire by maintenance. */
  forget?(): Promise<void>;
  close(): Promise<void>;
}

/** Rows of one staged file, column by column, in the order of `layoutOf(table)`. */
export type ColumnData = readonly (readonly Value[])[];

/** Makes one Parquet file of one row group. */
export interface ParquetWriter {
  readonly name: 'hyparquet' | 'parquetjs';
  /** @throws ValueRefusedError when the format cannot hold a value unaltered; names the column, never the value */
  write(table: Table, columns: ColumnData): Promise<Uint8Array>;
}

/** Reads columns of a Parquet file back as they were given to the writer. @throws Error where the file is damaged */
export type ReadParquet = (file: Uint8Array, columns: readonly string[]) => Promise<Value[][]>;

/** gzip, wherever it is computed. Compressed pieces that follow each other expand to their contents one after the other. */
export interface Codec {
  compress(bytes: Uint8Array): Promise<Uint8Array>;
  /** @throws Error where the bytes are damaged */
  expand(bytes: Uint8Array): Promise<Buffer>;
  /** As {@link expand}, in pieces: what is large is never held expanded. */
  expandInPieces(bytes: Uint8Array): AsyncIterable<Buffer>;
}

/** Credentials of one account, by the names of the environment variables. */
export type Credentials = Readonly<Record<string, string>>;

export interface Secrets {
  /**
   * Reads afresh each time.
   * @param optional names that may be missing
   * @throws CredentialsError when one of `names` is missing, naming it
   */
  read(source: string, account: string, names: readonly string[], optional?: readonly string[]): Promise<Credentials>;
}

/** Levels of a log line. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** Counts and names; nothing of a record. */
export type LogFields = ErrorContext & Readonly<Record<string, string | number | boolean | undefined>>;
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/** A process that may hold a lease; `born` tells it from a later one with the same number. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly born: string;
}

/** Everything the pipeline reaches the world by. */
export interface Ports {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly parquet: ParquetWriter;
  readonly readParquet: ReadParquet;
  readonly codec: Codec;
  /** HMAC key of the `_hash` columns. */
  readonly hashKey: string;
  readonly fetch: typeof fetch;
  readonly log: Log;
  /** Milliseconds since the epoch, for durations and waits only; windows come from the event's `at`. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Calls `fire` after so many milliseconds, unless what it returns is called first. */
  readonly timer: (ms: number, fire: () => void) => () => void;
  /** Identity of this process for the lease. */
  readonly process: Holder & {
    /** True if that holder ran on this host and is not running any more. */
    isGone(holder: Holder): boolean;
  };
  /** Milliseconds left before this run must stop. */
  readonly remainingMs: () => number;
  /** Tells what the warehouse holds of a table, where the commit log is gone; undefined: it holds nothing or cannot be asked. */
  readonly recall?: ((table: Table, account: string) => Promise<readonly RecalledRow[] | undefined>) | undefined;
  /** Interrupts waits and requests. */
  readonly signal?: AbortSignal | undefined;
}
