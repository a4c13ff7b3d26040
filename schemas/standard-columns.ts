import type { ColumnType } from './column.ts';

/** A column that the pipeline fills, not the vendor's record. */
interface StandardColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly doc: string;
}

/** First column of every table. */
export const ACCOUNT: StandardColumn = {
  name: 'account',
  type: 'text',
  nullable: false,
  doc: "Account of the source: one set of credentials; 'default' unless others are configured.",
};

/** Column of every table in `callhouse_phi`. An unknown field may be sensitive, so `callhouse` never has it. */
export const EXTRA: StandardColumn = {
  name: '_extra',
  type: 'json',
  nullable: true,
  doc: 'Fields of the record that no column reads, as a JSON object; null if there are none.',
};

/** Column of tables in `callhouse` whose declaration names the caller's phone number. */
export const CALLER_HASH: StandardColumn = {
  name: '_caller_hash',
  type: 'text',
  nullable: true,
  doc: "Keyed hash (HMAC-SHA256, hex) of the caller's number in E.164, of kind phone, equal across sources; null if there is no valid number.",
};

/** Last columns of every table. */
export const BOOKKEEPING: readonly StandardColumn[] = [
  {
    name: '_part_on',
    type: 'date',
    nullable: false,
    doc: 'Day that partitions the table: creation at the vendor, or the day the row was first seen. It never changes.',
  },
  {
    name: '_first_seen_at',
    type: 'timestamp',
    nullable: false,
    doc: 'Scheduled time of the run that first saw the row.',
  },
  {
    name: '_changed_at',
    type: 'timestamp',
    nullable: false,
    doc: 'Scheduled time of the run that last changed the row.',
  },
  {
    name: '_deleted_at',
    type: 'timestamp',
    nullable: true,
    doc: 'Scheduled time of the run that confirmed that the vendor deleted the row; null while it exists.',
  },
  {
    name: '_seq',
    type: 'bigint',
    nullable: false,
    doc: 'Number of the commit that wrote this version of the row. It only grows and does not depend on a clock.',
  },
  {
    name: '_load_id',
    type: 'text',
    nullable: false,
    doc: 'Run that wrote this version of the row; see the table loads.',
  },
];

/**
 * Names that no table can declare besides those that begin with `_`: `account`, and what both engines add to the rows of a staged file,
 * which are its folders `acct=` and `day=` and its name.
 */
export const RESERVED_COLUMNS: ReadonlySet<string> = new Set([ACCOUNT.name, 'acct', 'day', 'filename']);

/** Columns of staged files only; MERGE reads them (see `derive/merge.ts`). */
export const STAGING: readonly StandardColumn[] = [
  {
    name: '_op',
    type: 'text',
    nullable: false,
    doc: 'upsert; delete (mark as deleted); redact (mark as deleted and empty what an opt-out does not keep); or blank (mark as deleted and set sensitive columns and hashes to NULL).',
  },
  {
    name: '_row',
    type: 'bigint',
    nullable: false,
    doc: 'Position of the row in its commit; of several rows with one key, the last one counts.',
  },
  {
    name: '_hidden',
    type: 'text',
    // Files of versions before this column have null, and then no text is shown.
    nullable: true,
    doc: 'Columns whose text callhouse does not show in this row, such as ,status,language,; empty for none.',
  },
];
