import type { Column, ColumnType } from './column.ts';
import { ACCOUNT, BOOKKEEPING, CALLER_HASH, EXTRA, STAGING } from './standard-columns.ts';
import type { Table } from './table.ts';

/** The two tables that each declaration gives: one in `callhouse_phi`, and its twin in `callhouse`, which BI may read. */
export type Twin = 'phi' | 'safe';

/**
 * Which of the two tables hold a column. `shown`: both, but `callhouse` has null in the rows whose `_hidden` names the column. Staged
 * files hold every column; `staging` columns are in no table.
 */
export type Placement = 'both' | Twin | 'shown' | 'staging';

/** One column of a staged file, whether the table declares it or every table has it. */
export interface PlacedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly doc: string;
  readonly placement: Placement;
  readonly unit?: string | undefined;
}

const layouts = new WeakMap<Table, readonly PlacedColumn[]>();

/** Every column of a table's staged file, in order: account, declared columns with their hashes, then the pipeline's own. */
export function layoutOf(table: Table): readonly PlacedColumn[] {
  const known = layouts.get(table);
  if (known) return known;
  const layout = [
    { ...ACCOUNT, placement: 'both' as const },
    ...declaredColumns(table),
    ...(table.callerNumber ? [{ ...CALLER_HASH, placement: 'safe' as const }] : []),
    { ...EXTRA, placement: 'phi' as const },
    ...BOOKKEEPING.map((column) => ({ ...column, placement: 'both' as const })),
    ...STAGING.map((column) => ({ ...column, placement: 'staging' as const })),
  ];
  layouts.set(table, layout);
  return layout;
}

/** Names of the columns of a table's staged file, in order. */
export function stagedColumns(table: Table): readonly string[] {
  return layoutOf(table).map(({ name }) => name);
}

/**
 * Columns of one twin: keys, the pipeline's own columns and texts that `callhouse` may show in both, sensitive columns and `_extra` in
 * `phi`, all others and hashes in `safe`.
 */
export function columnsIn(table: Table, twin: Twin): readonly PlacedColumn[] {
  return layoutOf(table).filter(({ placement }) => placement === 'both' || placement === 'shown' || placement === twin);
}

function declaredColumns(table: Table): PlacedColumn[] {
  return Object.entries(table.columns).flatMap(([name, column]): PlacedColumn[] => {
    const { type, doc, nullable, unit, hash: kind } = column;
    const isKey = table.key.includes(name);
    const placed = { name, type, doc, nullable: nullable && !isKey, unit, placement: placementOf(column, isKey) };
    if (isKey || kind === undefined) return [placed];
    const hash = {
      name: `${name}_hash`,
      type: 'text' as const,
      nullable: true,
      doc: `Keyed hash (HMAC-SHA256, hex) of ${name}, of kind ${kind}.`,
      placement: 'safe' as const,
    };
    return [placed, hash];
  });
}

function placementOf({ sensitive, safe }: Column, isKey: boolean): Placement {
  if (isKey) return 'both';
  if (safe) return 'shown';
  return sensitive ? 'phi' : 'safe';
}

/** Finds the position of a column in `layoutOf(table)`. */
export type ColumnIndex = (name: string) => number;

const indexes = new WeakMap<Table, ReadonlyMap<string, number>>();

/** Positions of a table's columns. The lookup throws an Error if the table has no such column. */
export function columnIndex(table: Table): ColumnIndex {
  const known = indexes.get(table) ?? new Map(layoutOf(table).map(({ name }, index) => [name, index]));
  indexes.set(table, known);
  return (name) => {
    const index = known.get(name);
    if (index === undefined) throw new Error(`table ${table.name} has no column ${name}`);
    return index;
  };
}

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

/** Columns of a table's staged Parquet file, in the order of {@link layoutOf}. */
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
