import { layoutOf } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { stagedKey } from '../commit.ts';
import type { ParquetWriter, StagedFile, Store } from '../ports.ts';
import { dayText } from '../time.ts';
import { putNew } from './put-new.ts';
import type { Tuning } from './tuning.ts';

/** Writes changed rows as Parquet files of one row group, a few MB of values each. */
export interface Stager {
  /** `values` in the order of `layoutOf(table)`, whole. */
  add(table: Table, values: readonly Value[]): Promise<void>;
  /** Writes what is left and hands over the files since the last call. */
  flush(): Promise<readonly StagedFile[]>;
  /** Rows added since the last flush, and files written since. */
  readonly pending: () => { readonly rows: number; readonly files: number };
}

/** Where the files go. */
export interface StagerOptions {
  readonly store: Store;
  readonly parquet: ParquetWriter;
  readonly account: string;
  /** UTC day of the run's scheduled time. */
  readonly day: string;
  /** Names the attempt; asked for at each file, for it changes with each commit. */
  readonly loadId: () => string;
  readonly tuning: Pick<Tuning, 'groupBytes' | 'groupRows'>;
}

const FIXED_BYTES = 8;

/** Rows of one table that wait to be written. */
interface Buffer {
  readonly table: Table;
  readonly columns: Value[][];
  readonly places: { readonly part: number; readonly op: number };
  bytes: number;
}

/** A stager of one run of one stream. */
export function newStager({ store, parquet, account, day, loadId, tuning }: StagerOptions): Stager {
  const buffers = new Map<Table, Buffer>();
  let files: StagedFile[] = [];
  let part = 0;

  async function write(buffer: Buffer): Promise<void> {
    const { table, columns, places } = buffer;
    buffers.delete(table);
    part += 1;
    const key = stagedKey(table.name, account, day, loadId(), part);
    await putNew(store, key, await parquet.write(table, columns));
    const days = (columns[places.part] ?? []) as number[];
    const [from, to] = days.reduce(([least, most], on) => [Math.min(least, on), Math.max(most, on)], [
      Infinity,
      -Infinity,
    ] as [number, number]);
    const deletes = (columns[places.op] ?? []).filter((op) => op !== 'upsert').length;
    files.push({ table: table.name, key, rows: days.length, deletes, partFrom: dayText(from), partTo: dayText(to) });
  }

  return {
    async add(table, values) {
      const buffer = buffers.get(table) ?? newBuffer(table);
      buffers.set(table, buffer);
      for (const [n, value] of values.entries()) {
        buffer.columns[n]?.push(value);
        buffer.bytes += typeof value === 'string' ? value.length : FIXED_BYTES;
      }
      if (buffer.bytes >= tuning.groupBytes || (buffer.columns[0]?.length ?? 0) >= tuning.groupRows)
        await write(buffer);
    },
    async flush() {
      for (const buffer of [...buffers.values()]) await write(buffer);
      const written = files;
      files = [];
      part = 0;
      return written;
    },
    pending: () => ({
      rows: [...buffers.values()].reduce((rows, { columns }) => rows + (columns[0]?.length ?? 0), 0),
      files: files.length,
    }),
  };
}

function newBuffer(table: Table): Buffer {
  const layout = layoutOf(table);
  const place = (name: string) => layout.findIndex((column) => column.name === name);
  return { table, columns: layout.map(() => []), places: { part: place('_part_on'), op: place('_op') }, bytes: 0 };
}
