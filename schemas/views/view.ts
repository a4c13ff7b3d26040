import type { ColumnType } from '../column.ts';

/** One column of a view. */
export interface ViewColumn {
  readonly type: Exclude<ColumnType, 'doubles'>;
  readonly doc: string;
  readonly unit?: string | undefined;
}

/** One view of `callhouse`. It is declared once; everything in `schemas/derive/` reads this declaration. */
export interface View {
  readonly name: string;
  readonly doc: string;
  readonly columns: Readonly<Record<string, ViewColumn>>;
  /** A SELECT in the SQL that Athena and DuckDB share. It gives the declared columns by name, in any type that can be cast to theirs. */
  readonly body: string;
}

/** Settings of a deployment that change views. */
export interface ViewSettings {
  /** IANA time zone of the clinic, e.g. `America/New_York`. */
  readonly timeZone: string;
  /** Kismet users whose credentials Callhouse uses. `call_access_log` leaves out their reads. @default [] */
  readonly ownUserIds?: readonly string[];
}

/** Declares a text column. */
export const text = (doc: string): ViewColumn => ({ type: 'text', doc });
/** Declares a column of 64-bit integers. */
export const bigint = (doc: string, unit?: string): ViewColumn => ({ type: 'bigint', doc, unit });
/** Declares a column of doubles. */
export const double = (doc: string, unit?: string): ViewColumn => ({ type: 'double', doc, unit });
/** Declares a boolean column. */
export const boolean = (doc: string): ViewColumn => ({ type: 'boolean', doc });
/** Declares a timestamp column, in UTC. */
export const timestamp = (doc: string): ViewColumn => ({ type: 'timestamp', doc });
/** Declares a date column. */
export const date = (doc: string): ViewColumn => ({ type: 'date', doc });
/** Declares a column of `decimal(18,6)`, for money. */
export const decimal = (doc: string, unit?: string): ViewColumn => ({ type: 'decimal', doc, unit });
