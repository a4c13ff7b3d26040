/** Kinds of values that a column can hold. Each engine and file format maps this word to a type of its own. */
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

/**
 * What a hashed text identifies. The kind is part of what is hashed, so equal texts have equal hashes only within one kind: whoever
 * may choose a customer id cannot use its hash to guess a phone number.
 */
export type HashKind = 'phone' | 'patient' | 'customer' | 'campaign' | 'batch' | 'session';

/** @param doubt takes the reason, which quotes no value, why the value becomes null */
type Transform = (value: unknown, doubt?: (reason: string) => void) => unknown | undefined;

/** One column of a table. It is declared once; everything in `schemas/derive/` reads this declaration. */
export interface Column {
  readonly type: ColumnType;
  /**
   * Where the vendor's value is: a dotted path in the record or child element, `^path` in the record that a child element belongs to,
   * or `$name` for a fact that the source knows from its request. The first value that is not null counts.
   */
  readonly paths: readonly string[];
  readonly doc: string;
  /** @default true */
  readonly nullable: boolean;
  /** True: stored only in `callhouse_phi`. False: stored in `callhouse`. @default false, or true if the column is hashed */
  readonly sensitive: boolean;
  /** `callhouse` gets a keyed hash of this kind of the sensitive value, as `<column>_hash`. @default none */
  readonly hash?: HashKind | undefined;
  /** The value is a signed URL. Its query string differs at every read, so it does not count as a change. @default false */
  readonly url: boolean;
  /** Unit of a number, e.g. `s` or `USD`. Column comments and the data dictionary show it. */
  readonly unit?: string | undefined;
  /** Changes the vendor's value before it is converted to the column's type; calls `doubt` with a kind if it must drop the value. */
  readonly transform?: Transform;
}

/** Declaration of a column; every property means what it means in {@link Column}. */
interface ColumnOptions {
  /** Path, or several: the first value that is not null counts. See {@link Column.paths}. */
  readonly path: string | readonly string[];
  readonly doc: string;
  /** @default true */
  readonly nullable?: boolean;
  /** @default false, or true if the column is hashed */
  readonly sensitive?: boolean;
  /** @default none */
  readonly hash?: HashKind | undefined;
  /** @default false */
  readonly url?: boolean;
  readonly unit?: string | undefined;
  readonly transform?: Transform;
}

function define(type: ColumnType) {
  return ({
    path,
    nullable = true,
    hash,
    sensitive = hash !== undefined,
    url = false,
    ...rest
  }: ColumnOptions): Column => ({
    ...rest,
    type,
    paths: typeof path === 'string' ? [path] : path,
    nullable,
    sensitive,
    hash,
    url,
  });
}

/** UTF-8 text, stored as the vendor sent it; U+FFFD replaces a lone surrogate. */
export const text = define('text');
/** Signed 64-bit integer. Every digit is kept, also above 2^53. */
export const bigint = define('bigint');
/** IEEE 754 double, never NaN or infinite. */
export const double = define('double');
/** `true` or `false`, also as text in any case, or as 1 and 0. */
export const boolean = define('boolean');
/** Instant in UTC, in milliseconds. Accepts ISO 8601 or RFC 2822 text, or an epoch number in s, ms or µs. */
export const timestamp = define('timestamp');
/** Calendar day, `YYYY-MM-DD`, without a time zone. 1970-01-01 and before mean none. */
export const date = define('date');
/** Amount of money: `decimal(18,6)`, rounded half up from the number's shortest text. */
export const decimal = define('decimal');
/** Any JSON value as JSON text. Nesting and all digits of numbers are kept. */
export const json = define('json');
/** List of doubles. */
export const doubles = define('doubles');
