/** The kinds of value a column can hold; every engine, file and check derives its own type from this one word. */
export type ColumnType =
  | 'text'
  | 'bigint'
  | 'double'
  | 'boolean'
  | 'timestamp'
  | 'date'
  | 'decimal'
  | 'json'
  | 'doubles';

/** `true`: the column stands only in `callhouse_phi`; `'hashed'`: there too, and `<column>_hash` stands in `callhouse`. */
export type Sensitivity = boolean | 'hashed';

/** One column of a table: declared once, read by every derivation. */
export interface Column {
  readonly type: ColumnType;
  /**
   * Where the vendor has it: a dotted path in the record or child element (several: the first that is not null),
   * `^path` in the record a child element belongs to, `$name` for what the source knows from the request.
   */
  readonly from: readonly string[];
  readonly doc: string;
  /** @default true */
  readonly nullable: boolean;
  /** @default false */
  readonly sensitive: Sensitivity;
  /** Signed address: its query string changes at every read and does not count as a change. @default false */
  readonly url: boolean;
  /** Unit of a number, for the dictionary. */
  readonly unit?: string | undefined;
  /** What the vendor gave, made into what the column's type then takes. */
  readonly via?: (value: unknown) => unknown;
}

/** What a declaration may say about a column. */
export interface ColumnOptions {
  readonly from: string | readonly string[];
  readonly doc: string;
  readonly nullable?: boolean;
  readonly sensitive?: Sensitivity;
  readonly url?: boolean;
  readonly unit?: string | undefined;
  readonly via?: (value: unknown) => unknown;
}

function define(type: ColumnType) {
  return ({ from, nullable = true, sensitive = false, url = false, ...rest }: ColumnOptions): Column => ({
    ...rest,
    type,
    from: typeof from === 'string' ? [from] : from,
    nullable,
    sensitive,
    url,
  });
}

/** UTF-8 text, verbatim. */
export const text = define('text');
/** 64-bit integer; every digit is kept. */
export const bigint = define('bigint');
/** IEEE 754 double; never NaN or infinite. */
export const double = define('double');
/** true or false. */
export const boolean = define('boolean');
/** Instant in UTC, milliseconds; given as ISO 8601 text or as an epoch number in s, ms or µs. */
export const timestamp = define('timestamp');
/** Calendar day, `YYYY-MM-DD`. */
export const date = define('date');
/** Money: decimal(18,6), rounded half up from the number's shortest text. */
export const decimal = define('decimal');
/** JSON text that keeps nesting and digits. */
export const json = define('json');
/** List of doubles. */
export const doubles = define('doubles');
