import type { ColumnType } from '../column.ts';

/** One column of a view. */
export interface ViewColumn {
  readonly type: Exclude<ColumnType, 'doubles'>;
  readonly doc: string;
  readonly unit?: string | undefined;
}

/** One view of `callhouse`: declared once, read by every derivation. */
export interface View {
  readonly name: string;
  readonly doc: string;
  readonly columns: Readonly<Record<string, ViewColumn>>;
  /** A SELECT in the subset of SQL that Athena and DuckDB share, giving the declared columns by name, in any type that casts to theirs. */
  readonly body: string;
}

/** What a user's settings change in views. */
export interface ViewSettings {
  /** IANA zone of the clinic. */
  readonly timeZone: string;
  /** Kismet user ids that Callhouse itself reads with: their reads are no access to show. @default [] */
  readonly ownUserIds?: readonly string[];
}

/** A column of text. */
export const text = (doc: string): ViewColumn => ({ type: 'text', doc });
/** A whole number. */
export const bigint = (doc: string, unit?: string): ViewColumn => ({ type: 'bigint', doc, unit });
/** A number. */
export const double = (doc: string, unit?: string): ViewColumn => ({ type: 'double', doc, unit });
/** True or false. */
export const boolean = (doc: string): ViewColumn => ({ type: 'boolean', doc });
/** An instant in UTC. */
export const timestamp = (doc: string): ViewColumn => ({ type: 'timestamp', doc });
/** A day. */
export const date = (doc: string): ViewColumn => ({ type: 'date', doc });
/** Money. */
export const decimal = (doc: string, unit?: string): ViewColumn => ({ type: 'decimal', doc, unit });
