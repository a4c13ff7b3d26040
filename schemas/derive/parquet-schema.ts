import type { ColumnType } from '../column.ts';
import { layoutOf } from '../layout.ts';
import type { Table } from '../table.ts';

/** How the bytes of a value lie in a Parquet file. */
export type PhysicalType = 'BYTE_ARRAY' | 'INT64' | 'INT32' | 'DOUBLE' | 'BOOLEAN';

/** One column of a staged Parquet file, the same for every writer. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly physical: PhysicalType;
  /** What the bytes mean, beyond their physical type. `TIMESTAMP` is in milliseconds and belongs to no zone. */
  readonly logical?: 'STRING' | 'TIMESTAMP' | 'DATE';
  /** A list of `physical` values, any of which may be null: `<name>.list.element`. */
  readonly list: boolean;
  readonly nullable: boolean;
  /** Readers skip by it: it has statistics. Free text has none, so a footer shows no part of a sensitive value. */
  readonly indexed: boolean;
}

type Physical = Pick<ParquetColumn, 'physical' | 'logical'>;

const STRING: Physical = { physical: 'BYTE_ARRAY', logical: 'STRING' };

/** Decimals are staged as text and cast when they are merged: no writer for Node holds them all exactly. */
const PHYSICAL: Readonly<Record<ColumnType, Physical>> = {
  text: STRING,
  json: STRING,
  decimal: STRING,
  bigint: { physical: 'INT64' },
  double: { physical: 'DOUBLE' },
  doubles: { physical: 'DOUBLE' },
  boolean: { physical: 'BOOLEAN' },
  timestamp: { physical: 'INT64', logical: 'TIMESTAMP' },
  date: { physical: 'INT32', logical: 'DATE' },
};

const ORDERED: readonly ColumnType[] = ['bigint', 'timestamp', 'date'];

/** Columns of the table's staged Parquet file, in the order of `layoutOf(table)`. */
export function parquetColumnsOf(table: Table): readonly ParquetColumn[] {
  const lookedUp = new Set(['account', ...table.key, '_load_id', '_op']);
  return layoutOf(table).map(({ name, type, nullable }) => ({
    name,
    type,
    ...PHYSICAL[type],
    list: type === 'doubles',
    nullable,
    indexed: ORDERED.includes(type) || lookedUp.has(name),
  }));
}
