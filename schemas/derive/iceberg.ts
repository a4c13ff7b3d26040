import type { ColumnType } from '../column.ts';
import { describeColumn } from './ddl.ts';
import { idOf, type TableFieldIds } from './field-ids.ts';
import type { Shape, ShapeColumn } from './shape.ts';

/** A field of an Iceberg schema as the Glue catalog takes it. */
export interface IcebergField {
  readonly id: number;
  readonly name: string;
  /** A primitive's name, or a nested type as JSON text. */
  readonly type: string;
  readonly required: boolean;
  readonly doc: string;
}

/** A field of an Iceberg partition spec. */
export interface IcebergPartitionField {
  readonly name: string;
  readonly sourceId: number;
  readonly transform: 'identity' | 'month';
  readonly fieldId: number;
}

// The blank within the decimal is how Iceberg itself spells it: without it Glue takes every later update for a change of type.
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

/** Longest doc that CloudFormation takes. */
const DOC_LENGTH = 255;

/** Fields of a table, each with its pinned id. @throws Error when one has none */
export function icebergFields(shape: Shape, ids: TableFieldIds): readonly IcebergField[] {
  return shape.columns.map((column) => ({
    id: idOf(ids, shape, column.name),
    name: column.name,
    type: icebergType(column, shape, ids),
    required: column.required,
    doc: describeColumn(column).slice(0, DOC_LENGTH),
  }));
}

/** Partition spec of a table: account and month of `_part_on`. Ids of partition fields begin at 1000 and are never used again either. */
export function icebergPartition(shape: Shape, ids: TableFieldIds): readonly IcebergPartitionField[] {
  if (!shape.partitioned) return [];
  return [
    { name: 'account', sourceId: idOf(ids, shape, 'account'), transform: 'identity', fieldId: 1000 },
    { name: '_part_on_month', sourceId: idOf(ids, shape, '_part_on'), transform: 'month', fieldId: 1001 },
  ];
}

function icebergType({ name, type }: ShapeColumn, shape: Shape, ids: TableFieldIds): string {
  if (type !== 'doubles') return TYPES[type];
  const id = idOf(ids, shape, `${name}.element`);
  return JSON.stringify({ type: 'list', 'element-id': id, element: 'double', 'element-required': false });
}
