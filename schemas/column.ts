import type { SafeText } from './safe-text.ts';

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

/** What a hashed text identifies; see {@link HashKind}. */
export const HASH_KINDS = ['phone', 'patient', 'customer', 'campaign', 'batch', 'session', 'key'] as const;

/**
 * What a hashed text identifies. The kind is part of what is hashed, so equal texts have equal hashes only within one kind: whoever
 * may choose a customer id cannot use its hash to guess a phone number.
 */
export type HashKind = (typeof HASH_KINDS)[number];

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
  /**
   * True: stored only in `callhouse_phi`. False: stored in `callhouse`, which takes a text only as far as {@link safe} says.
   * @default true for text and JSON, and for a column that is hashed; else false
   */
  readonly sensitive: boolean;
  /** Which texts `callhouse` shows. A text that does not fit is null there, and as it was served in `callhouse_phi`. @default none */
  readonly safe?: SafeText | undefined;
  /** `callhouse` gets a keyed hash of this kind of the sensitive value, as `<column>_hash`. @default none */
  readonly hash?: HashKind | undefined;
  /** The value is a signed URL. Its query string differs at every read, so it does not count as a change. @default false */
  readonly url: boolean;
  /** Unit of a number, e.g. `s` or `USD`. Column comments and the data dictionary show it. */
  readonly unit?: string | undefined;
  /** Least and greatest plausible number. The column keeps every value; views leave others out. @default every number is plausible */
  readonly plausible?: readonly [least: number, greatest: number] | undefined;
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
  readonly unit?: string | undefined;
  readonly plausible?: readonly [least: number, greatest: number] | undefined;
  readonly transform?: Transform;
}

/** Declaration of a number, an instant or a flag. */
interface PlainOptions extends ColumnOptions {
  /** @default false, or true if the column is hashed */
  readonly sensitive?: boolean;
  /** @default none */
  readonly hash?: HashKind;
}

/** Declaration of text that nothing limits. It is always sensitive. */
interface FreeOptions extends ColumnOptions {
  readonly sensitive?: true;
  /** @default none */
  readonly hash?: HashKind;
  /** @default false */
  readonly url?: boolean;
  /** `callhouse` has a column of this name too. It holds the values that the setting `safeValues` names, and no other. @default false */
  readonly showsNamed?: boolean;
}

type Facts = Pick<Column, 'type' | 'sensitive'> & Partial<Pick<Column, 'hash' | 'url' | 'safe'>>;

function define({ path, nullable = true, ...rest }: ColumnOptions, { url = false, ...facts }: Facts): Column {
  return { ...rest, ...facts, paths: typeof path === 'string' ? [path] : path, nullable, url };
}

function plain(type: ColumnType) {
  return ({ hash, sensitive = hash !== undefined, ...options }: PlainOptions): Column =>
    define(options, { type, sensitive, hash });
}

function free(type: 'text' | 'json') {
  return ({ hash, url = false, showsNamed = false, sensitive = true, ...options }: FreeOptions): Column =>
    define(options, { type, sensitive, hash, url, safe: showsNamed ? { kind: 'named' } : undefined });
}

/** UTF-8 text that may hold anything, stored in `callhouse_phi` as the vendor sent it; U+FFFD replaces a lone surrogate. */
export const text = free('text');
/** An id of the vendor: `callhouse` shows up to 128 letters, digits and `_ . : -` that are no telephone number. */
export const id = (options: ColumnOptions) => define(options, { type: 'text', sensitive: false, safe: { kind: 'id' } });
/** A short name that staff chose: `callhouse` shows up to 120 characters without `@` and without a telephone number. */
export const label = (options: ColumnOptions) =>
  define(options, { type: 'text', sensitive: false, safe: { kind: 'label' } });
/**
 * A word of a list: `callhouse` shows the words that the vendor documents, in any case and with hyphens or blanks for underscores; another
 * word once 5 records show it, or the setting `safeValues` names it. Later words may be added here, except to a key.
 * @example code('pending', 'done')({ path: 'status', doc: 'State of the call.' })
 */
export const code = (...words: readonly string[]) => codesOf('text', words);
/** A list of such words as JSON text. `callhouse` shows a list of which it shows all members. */
export const codes = (...words: readonly string[]) => codesOf('json', words);
/** Signed 64-bit integer. Every digit is kept, also above 2^53. */
export const bigint = plain('bigint');
/** IEEE 754 double, never NaN or infinite. */
export const double = plain('double');
/** `true` or `false`, also as text in any case, or as 1 and 0. */
export const boolean = plain('boolean');
/** Instant in UTC, in milliseconds. Accepts ISO 8601 or RFC 2822 text, or an epoch number in s, ms or µs. */
export const timestamp = plain('timestamp');
/** Calendar day, `YYYY-MM-DD`, without a time zone. 1970-01-01 and before mean none. */
export const date = plain('date');
/** Amount of money: `decimal(18,6)`, rounded half up from the number's shortest text. */
export const decimal = plain('decimal');
/** Any JSON value as JSON text, which may hold anything. Nesting and all digits of numbers are kept. */
export const json = free('json');
/** List of doubles. */
export const doubles = plain('doubles');

function codesOf(type: 'text' | 'json', words: readonly string[]) {
  return (options: ColumnOptions): Column => define(options, { type, sensitive: false, safe: { kind: 'code', words } });
}
