import { columnIndex, layoutOf } from '../../../schemas/layout.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { createObject, stagedKey } from '../../lake/objects.ts';
import type { ParquetWriter, StagedFile, Store } from '../../ports.ts';
import { dayText } from '../../time.ts';
import type { CompleteRow } from '../changes/complete-row.ts';
import type { Tuning } from '../tuning.ts';

/** Writes changed rows as Parquet files of one row group, a few MB of values each. */
export interface Stager {
  /** Buffers rows, and writes a file for each table whose buffer is full. */
  add(rows: readonly CompleteRow[]): Promise<void>;
  /** Writes what is buffered. @returns the files written since the last call */
  flush(): Promise<readonly StagedFile[]>;
  /** Number of files written since the last flush. */
  readonly files: () => number;
}

/** Where the files go. */
export interface StagerOptions {
  readonly store: Store;
  readonly parquet: ParquetWriter;
  readonly account: string;
  /** UTC day of the run's scheduled time, `YYYY-MM-DD`. */
  readonly day: string;
  /** What names of files begin with, see `copyName`. It is read for each file, because it changes with each commit. */
  readonly name: () => string;
  readonly tuning: Pick<Tuning, 'groupBytes' | 'groupRows'>;
}

/** Bytes that a value other than text counts for. */
const FIXED_BYTES = 8;

/** Rows of one table that wait to be written, column by column. */
interface RowBuffer {
  readonly table: Table;
  readonly columns: Value[][];
  rows: number;
  bytes: number;
}

/** A stager of one run of one stream. */
export function newStager({ store, parquet, account, day, name, tuning }: StagerOptions): Stager {
  const buffers = new Map<Table, RowBuffer>();
  let files: StagedFile[] = [];
  let part = 0;

  async function write({ table, columns }: RowBuffer): Promise<void> {
    buffers.delete(table);
    part += 1;
    const key = stagedKey(table.name, account, { day, name: name(), part });
    await createObject(store, key, await parquet.write(table, columns));
    files.push(describeFile(table, key, columns));
  }

  return {
    async add(rows) {
      for (const { table, values } of rows) {
        const buffer = buffers.get(table) ?? newBuffer(table);
        buffers.set(table, buffer);
        addRow(buffer, values);
        if (buffer.bytes >= tuning.groupBytes || buffer.rows >= tuning.groupRows) await write(buffer);
      }
    },
    async flush() {
      for (const buffer of [...buffers.values()]) await write(buffer);
      const written = files;
      files = [];
      part = 0;
      return written;
    },
    files: () => files.length,
  };
}

function newBuffer(table: Table): RowBuffer {
  return { table, columns: layoutOf(table).map(() => []), rows: 0, bytes: 0 };
}

function addRow(buffer: RowBuffer, values: readonly Value[]): void {
  buffer.rows += 1;
  for (let n = 0; n < values.length; n += 1) {
    const value = values[n] ?? null;
    buffer.columns[n]?.push(value);
    buffer.bytes += typeof value === 'string' ? value.length : FIXED_BYTES;
  }
}

function describeFile(table: Table, key: string, columns: readonly (readonly Value[])[]): StagedFile {
  const index = columnIndex(table);
  const days = (columns[index('_part_on')] ?? []) as readonly number[];
  const operations = columns[index('_op')] ?? [];
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const day of days) {
    first = Math.min(first, day);
    last = Math.max(last, day);
  }
  const deletes = operations.filter((operation) => operation !== 'upsert').length;
  return { table: table.name, key, rows: days.length, deletes, partFrom: dayText(first), partTo: dayText(last) };
}
