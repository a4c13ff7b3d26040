import type { ColumnType } from '../column.ts';

/** One column of a view. */
export interface ViewColumn {
  readonly type: Exclude<ColumnType, 'doubles'>;
  readonly doc: string;
  readonly unit?: string | undefined;
  /** True for a timestamp on the clinic's clock, which is no instant. @default false: timestamps are in UTC */
  readonly isClinicClock?: boolean | undefined;
  /** The words that it may hold besides null. @default any */
  readonly words?: readonly string[] | undefined;
  /** Expression over what the view's `from` offers, of any type that can be cast to the column's. @default the column of the same name */
  readonly sql?: string | undefined;
}

/** One view of `callhouse`. It is declared once; everything in `schemas/derive/` reads this declaration. */
export interface View {
  readonly name: string;
  readonly doc: string;
  readonly columns: Readonly<Record<string, ViewColumn>>;
  /** Columns that identify a row. */
  readonly key: readonly string[];
  /** Tables and views with rows that a row of this view is about, by name, with the columns to join them by. */
  readonly references?: Readonly<Record<string, string>> | undefined;
  /** What each value of a column means, by column; for columns whose values are words of ours. */
  readonly values?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /**
   * Statement over this view that counts what vendors sent that is odd: name of the check, source, account, number found, and what it
   * means. @default nothing in it is odd
   */
  readonly oddities?: string | undefined;
  /** What follows the columns, from FROM to GROUP BY, in the SQL that Athena and DuckDB share. */
  readonly from: string;
}

/** Declares a text column. */
export const text = (doc: string, sql?: string): ViewColumn => ({ type: 'text', doc, sql });
/** Declares a text column of a few known words. @param rest what follows the words in its doc */
export const oneOf = (words: readonly string[], rest: string, sql?: string): ViewColumn => ({
  ...text(`${words.slice(0, -1).join(', ')} or ${words.at(-1)}${rest}`, sql),
  words,
});
/** Declares a boolean column. */
export const boolean = (doc: string, sql?: string): ViewColumn => ({ type: 'boolean', doc, sql });
/** Declares a timestamp column, in UTC. */
export const timestamp = (doc: string, sql?: string): ViewColumn => ({ type: 'timestamp', doc, sql });
/** Declares a timestamp column on the clinic's clock. */
export const clinicTime = (doc: string, sql?: string): ViewColumn => ({
  ...{ type: 'timestamp', doc, sql, isClinicClock: true },
});
/** Declares a date column. */
export const date = (doc: string, sql?: string): ViewColumn => ({ type: 'date', doc, sql });
/** Declares a column of `decimal(18,6)`, for money. */
export const decimal = (doc: string, sql?: string): ViewColumn => ({ type: 'decimal', doc, sql });
/** Declares a column of 64-bit integers. */
export const bigint = (doc: string, unit?: string, sql?: string): ViewColumn => ({ type: 'bigint', doc, unit, sql });
/** Declares a column of doubles. */
export const double = (doc: string, unit?: string, sql?: string): ViewColumn => ({ type: 'double', doc, unit, sql });

/** The first two columns of a view about calls. @param alias of what holds them */
export function sourceAndAccount(alias: string): Readonly<Record<'source' | 'account', ViewColumn>> {
  return { source: text('Vendor.', `${alias}.source`), account: text('Account of the source.', `${alias}.account`) };
}
