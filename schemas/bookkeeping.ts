import type { ColumnType } from './column.ts';

/** One column of a table that the loader itself fills. */
export interface BookkeepingColumn {
  readonly type: Exclude<ColumnType, 'doubles'>;
  readonly nullable: boolean;
  readonly doc: string;
  readonly unit?: string | undefined;
}

/** A table that the loader itself fills; it stands in `callhouse` only. */
export interface BookkeepingTable {
  readonly name: string;
  readonly doc: string;
  /** Columns that identify a row: one that is there is not written again. */
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, BookkeepingColumn>>;
}

const text = (doc: string): BookkeepingColumn => ({ type: 'text', nullable: false, doc });
const timestamp = (doc: string): BookkeepingColumn => ({ type: 'timestamp', nullable: false, doc });
const count = (unit: string, doc: string): BookkeepingColumn => ({ type: 'bigint', nullable: false, unit, doc });
const optional = (column: BookkeepingColumn): BookkeepingColumn => ({ ...column, nullable: true });

const RUN = {
  load_id: text('Run of one stream; rows carry it as _load_id.'),
  source: text('Vendor.'),
  account: text('Account of the source.'),
  stream: text('Endpoint of the source.'),
};

/** One row per commit of a stream. */
export const loads: BookkeepingTable = {
  name: 'loads',
  doc: 'One row per run of one stream of one account that was committed and loaded.',
  key: ['load_id'],
  columns: {
    ...RUN,
    status: text('ok, partial (the next run goes on) or failed.'),
    window_from: optional(timestamp('Start of what was read; null where the run reads no window.')),
    window_to: optional(timestamp('End of what was read; null where the run reads no window.')),
    requests: count('requests', 'Requests made.'),
    records: count('records', 'Records the vendor showed.'),
    vendor_total: optional(count('records', "The vendor's own total, where it gives one.")),
    changed: count('rows', 'Rows that are new or differ.'),
    unchanged: count('rows', 'Rows that are as they were.'),
    deleted: count('rows', 'Rows marked as removed at the vendor.'),
    rejected: count('values', 'Values refused or doubted; see the table rejects.'),
    started_at: timestamp('When the run began.'),
    ended_at: timestamp('When the run was committed.'),
  },
};

/** Values a run refused or doubted, counted. */
export const rejects: BookkeepingTable = {
  name: 'rejects',
  doc: 'Values that a run refused or doubted, counted by column and reason; never a value.',
  key: ['load_id', 'table_name', 'column_name', 'reason'],
  columns: {
    ...RUN,
    table_name: text('Table the value was for.'),
    column_name: text('Column the value was for.'),
    reason: text('What was wrong with it.'),
    count: count('values', 'How many.'),
  },
};

/** All of them. */
export const BOOKKEEPING_TABLES: readonly BookkeepingTable[] = [loads, rejects];
