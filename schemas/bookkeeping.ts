import { boolean, count, type OwnTable, optional, text, timestamp } from './own-table.ts';

const RUN = {
  load_id: text('Id of one run of one stream; rows have it as _load_id.'),
  source: text('Vendor.'),
  account: text('Account of the source.'),
  stream: text('Endpoint of the source.'),
};

/** One row per commit of a stream. */
export const loads: OwnTable = {
  name: 'loads',
  doc: 'One row per run of one stream of one account that was committed and loaded.',
  key: ['load_id'],
  columns: {
    ...RUN,
    status: text('ok, partial (the next run continues) or failed.'),
    window_from: optional(timestamp('Start of the time window that the run read; null if it read without one.')),
    window_to: optional(timestamp('End of the time window that the run read; null if it read without one.')),
    requests: count('requests', 'Requests sent to the vendor.'),
    records: count('records', 'Records received from the vendor.'),
    vendor_total: optional(count('records', "The vendor's own total; null if it gives none.")),
    changed: count('rows', 'New and changed rows.'),
    unchanged: count('rows', 'Rows that did not change.'),
    deleted: count('rows', 'Rows marked as deleted at the vendor.'),
    rejected: count(
      'values',
      'Values refused, by reason in the table rejects; values only doubted are not counted here.',
    ),
    started_at: timestamp('When the run started.'),
    ended_at: timestamp('When the run was committed.'),
    scanned_bytes: optional(
      count(
        'bytes',
        'Bytes that Athena scanned to load the run. Runs that were loaded together: the last of them has the bytes of all, the others have 0. Null on DuckDB, and in rows of earlier versions.',
      ),
    ),
    is_backfill: optional(
      boolean(
        'True for a run of a backfill, which says nothing about how far the stream was read; null in rows of earlier versions.',
      ),
    ),
  },
};

/** Counts of the values that a run refused or doubted. */
export const rejects: OwnTable = {
  name: 'rejects',
  doc: 'How many values a run refused, or kept but doubted, by column and reason. It never holds a value.',
  key: ['load_id', 'table_name', 'column_name', 'reason'],
  columns: {
    ...RUN,
    table_name: text('Table of the value.'),
    column_name: text('Column of the value; empty if the reason is about a complete record.'),
    reason: text('What was wrong with the value.'),
    count: count('values', 'Number of such values.'),
  },
};

/** What checks of the warehouse found. */
export const checks: OwnTable = {
  name: 'checks',
  doc: 'One row per check of the warehouse: of the months that a load touched, and once a day of everything.',
  key: ['checked_at', 'source', 'account', 'subject', 'check_name'],
  columns: {
    checked_at: timestamp('When the check was made; the same for all checks that were made together.'),
    scope: text('touched: the months that a load changed. all: the whole table or view.'),
    source: RUN.source,
    account: RUN.account,
    subject: text('Table, view or stream that was checked.'),
    check_name: text(
      'keys (each occurs once), twins (each row has one in callhouse_phi), vendor_total, vendor_count (the vendor counts no more records, as many calls a day), freshness (read within a day), or an issue of data_quality.',
    ),
    severity: text(
      'error: a fault of Callhouse or of who changed the warehouse. warning: something odd that a vendor sent.',
    ),
    is_passed: boolean('True if nothing was found.'),
    found: count(
      undefined,
      'Keys, rows, records, days, streams or calls that should not be so; 0 if the check passed.',
    ),
    message: text('What was found, in counts and names.'),
  },
};

/** Every table about runs and checks. None holds record data. */
export const BOOKKEEPING_TABLES: readonly OwnTable[] = [loads, rejects, checks];
