import type { ColumnType } from '../column.ts';
import { layoutOf } from '../layout.ts';
import type { Table } from '../table.ts';

/** Physical types of the Parquet format that we use. */
type PhysicalType = 'BYTE_ARRAY' | 'INT64' | 'INT32' | 'DOUBLE' | 'BOOLEAN';

/**
 * One column of a staged Parquet file, the same for every writer.
 * @see {@link https://github.com/apache/parquet-format/blob/master/LogicalTypes.md}
 */
export interface ParquetColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly physical: PhysicalType;
  /** Logical type. `TIMESTAMP` is in milliseconds, `isAdjustedToUTC` false. */
  readonly logical?: 'STRING' | 'TIMESTAMP' | 'DATE';
  /** A list of `physical` values, any of which may be null: `<name>.list.element`. */
  readonly list: boolean;
  readonly nullable: boolean;
  /** The file holds minimum and maximum of the column, so readers can skip row groups. Free text has none: a footer must not show a sensitive value. */
  readonly indexed: boolean;
}

type Physical = Pick<ParquetColumn, 'physical' | 'logical'>;

const STRING: Physical = { physical: 'BYTE_ARRAY', logical: 'STRING' };

/** Decimals are staged as text and cast by MERGE: no Parquet writer for Node keeps all of them exact. */
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

/** Columns of a table's staged Parquet file, in the order of `layoutOf(table)`. */
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
