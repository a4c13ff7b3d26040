import { columnIndex, layoutOf } from '../../../schemas/layout.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { stagedKey } from '../../lake/keys.ts';
import { createObject } from '../../lake/stored-object.ts';
import type { ParquetWriter, StagedFile, Store } from '../../ports.ts';
import { dayText } from '../../time.ts';
import type { CompleteRow } from '../changes/complete-row.ts';
import type { Changes } from '../changes/diff.ts';
import type { ScanPage } from '../pages/pages.ts';
import { optsOut, redactPage } from '../redact/redact-page.ts';
import type { StreamSession } from '../session/session.ts';
import type { Tuning } from '../tuning.ts';

/** Stages the rows that a page changed, and keeps the page as the vendor served it. */
export async function stagePage(session: StreamSession, page: ScanPage, changes: Changes): Promise<void> {
  await session.stager.add(changes.rows);
  await keepRawPage(session, page, changes);
}

/**
 * Keeps a page as the vendor served it, if it brought anything: a changed record, or one without a key, which is kept nowhere
 * else. Records that opt out lose their sensitive values first.
 */
async function keepRawPage(session: StreamSession, page: ScanPage, { changed }: Changes): Promise<void> {
  const { raw, stream, at } = session;
  const [table] = stream.tables;
  const hasKeyless = page.keys.includes(undefined);
  if (changed === 0 && !hasKeyless) return;
  const optedOut = table.optOut ? page.records.filter((record) => optsOut(record, table)) : [];
  const body = optedOut.length > 0 ? redactPage(page, optedOut, stream.tables) : [page.bytes];
  // A page that cannot be written again without these records is not kept.
  if (body === undefined) return;
  await raw.add({ partition: page.partition.id, page: page.number, at: new Date(at).toISOString() }, body);
}

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
  /** Identifies the attempt. It is read for each file, because it changes with each commit. */
  readonly loadId: () => string;
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
export function newStager({ store, parquet, account, day, loadId, tuning }: StagerOptions): Stager {
  const buffers = new Map<Table, RowBuffer>();
  let files: StagedFile[] = [];
  let part = 0;

  async function write({ table, columns }: RowBuffer): Promise<void> {
    buffers.delete(table);
    part += 1;
    const key = stagedKey(table.name, account, day, loadId(), part);
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
