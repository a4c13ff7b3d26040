import type { ColumnType } from './column.ts';

/** One column of a table that Callhouse fills. */
export interface OwnColumn {
  readonly type: Exclude<ColumnType, 'doubles'>;
  readonly nullable: boolean;
  readonly doc: string;
  readonly unit?: string | undefined;
}

/** A table that Callhouse fills by rules of its own, and not with the columns of a vendor's record. It is only in `callhouse`. */
export interface OwnTable {
  readonly name: string;
  readonly doc: string;
  /** Columns that identify a row. A row whose key exists is not written again. */
  readonly key: readonly string[];
  /** Timestamp column: the table is partitioned by account and month of it. @default no partitions */
  readonly monthOf?: string;
  /** Views with a row that a row of this table is about, by name, with the columns to join them by. */
  readonly references?: Readonly<Record<string, string>>;
  readonly columns: Readonly<Record<string, OwnColumn>>;
}

/** Declares a text column without null. */
export const text = (doc: string): OwnColumn => ({ type: 'text', nullable: false, doc });
/** Declares a boolean column without null. */
export const boolean = (doc: string): OwnColumn => ({ type: 'boolean', nullable: false, doc });
/** Declares a timestamp column without null, in UTC. */
export const timestamp = (doc: string): OwnColumn => ({ type: 'timestamp', nullable: false, doc });
/** Declares a column of 64-bit integers without null. */
export const count = (unit: string | undefined, doc: string): OwnColumn => ({
  ...{ type: 'bigint', nullable: false, unit, doc },
});
/** The same column with null. */
export const optional = (column: OwnColumn): OwnColumn => ({ ...column, nullable: true });
