import type { ColumnType } from '../column.ts';
import type { DatabaseColumn, DatabaseTable } from './database-tables.ts';
import { describeColumn } from './ddl.ts';
import { idOf, type TableFieldIds } from './field-ids.ts';

/** VACUUM drops snapshots of tables on AWS that are older, and with them the data of erased rows. */
export const SNAPSHOT_DAYS = 3;

/** A field of an Iceberg schema, in the form that the Glue catalog accepts. */
interface IcebergField {
  readonly id: number;
  readonly name: string;
  /** Name of a primitive type, or a nested type as JSON text. */
  readonly type: string;
  readonly required: boolean;
  readonly doc: string;
}

/** A field of an Iceberg partition spec. */
interface IcebergPartitionField {
  readonly name: string;
  readonly sourceId: number;
  readonly transform: 'identity' | 'month';
  readonly fieldId: number;
}

// Iceberg's own library writes the decimal with a space. Without it, Glue takes each later update for a change of type.
// See https://iceberg.apache.org/spec/#appendix-c-json-serialization
const TYPES: Readonly<Record<Exclude<ColumnType, 'doubles'>, string>> = {
  text: 'string',
  bigint: 'long',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp',
  date: 'date',
  decimal: 'decimal(18, 6)',
  json: 'string',
};

/** Longest field doc that CloudFormation accepts, in characters. */
const DOC_LENGTH = 255;

/**
 * Fields of a table, each with its pinned id.
 * @throws Error if a field has no id
 */
export function icebergFields(table: DatabaseTable, ids: TableFieldIds): readonly IcebergField[] {
  return table.columns.map((column) => ({
    id: idOf(ids, table, column.name),
    name: column.name,
    type: icebergType(column, table, ids),
    required: column.required,
    doc: describeColumn(column).slice(0, DOC_LENGTH),
  }));
}

/**
 * Partition spec of a table: account and month of a column; empty if it is not partitioned. Partition field ids start at 1000,
 * and like field ids they are never reused.
 * @throws Error if a source field has no id
 * @see {@link https://iceberg.apache.org/spec/#partition-evolution}
 */
export function icebergPartition(table: DatabaseTable, ids: TableFieldIds): readonly IcebergPartitionField[] {
  const { monthOf } = table;
  if (monthOf === undefined) return [];
  return [
    { name: 'account', sourceId: idOf(ids, table, 'account'), transform: 'identity', fieldId: 1000 },
    { name: `${monthOf}_month`, sourceId: idOf(ids, table, monthOf), transform: 'month', fieldId: 1001 },
  ];
}

function icebergType({ name, type }: DatabaseColumn, table: DatabaseTable, ids: TableFieldIds): string {
  if (type !== 'doubles') return TYPES[type];
  const id = idOf(ids, table, `${name}.element`);
  return JSON.stringify({ type: 'list', 'element-id': id, element: 'double', 'element-required': false });
}
