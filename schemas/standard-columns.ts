import type { ColumnType } from './column.ts';

/** A column every table has, filled by the pipeline and not from the record. */
interface StandardColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly doc: string;
}

/** Stands first, in every table. */
export const ACCOUNT: StandardColumn = {
  name: 'account',
  type: 'text',
  nullable: false,
  doc: "Account of the source: one configured set of credentials; 'default' where there is one.",
};

/** Stands only in `callhouse_phi`. */
export const EXTRA: StandardColumn = {
  name: '_extra',
  type: 'json',
  nullable: true,
  doc: 'Fields the vendor sent that no column declares, as a JSON object; null where there are none.',
};

/** Stands in tables that hold a phone number of the caller. */
export const CALLER_HASH: StandardColumn = {
  name: '_caller_hash',
  type: 'text',
  nullable: true,
  doc: "Keyed hash of the caller's number in E.164, equal across sources; null where it is withheld.",
};

/** Stand last, in every table. */
export const BOOKKEEPING: readonly StandardColumn[] = [
  {
    name: '_part_on',
    type: 'date',
    nullable: false,
    doc: 'Day the row is filed under: of its creation at the vendor, else first seen.',
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
    doc: 'Scheduled time of the scan that confirmed the removal at the vendor; null while it is there.',
  },
  {
    name: '_seq',
    type: 'bigint',
    nullable: false,
    doc: 'Number of the commit that brought this version; grows, never a clock.',
  },
  { name: '_load_id', type: 'text', nullable: false, doc: 'Run that brought this version; see the table loads.' },
];

/** Stand only in staged files: what the row does (`upsert` or `delete`), and its order among rows of one commit. */
export const STAGING: readonly StandardColumn[] = [
  { name: '_op', type: 'text', nullable: false, doc: 'upsert, or delete for a row the vendor removed.' },
  { name: '_row', type: 'bigint', nullable: false, doc: 'Order of the row within its commit.' },
];
