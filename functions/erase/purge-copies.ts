import { columnIndex, stagedColumns } from '../../schemas/layout.ts';
import { readStoredPage } from '../extract/pages/stored-page.ts';
import { dropRecords } from '../extract/redact/drop-records.ts';
import type { NamesOf } from '../extract/rows/erased.ts';
import type { ShownTexts } from '../extract/rows/shown-texts.ts';
import type { ErasedName } from '../lake/erasure-ledger.ts';
import type { StreamId } from '../lake/objects.ts';
import { changeRawPages, type RawPage, readRawPages } from '../lake/raw-pages.ts';
import { readStaged, replaceStaged } from '../lake/staged-files.ts';
import type { Ports, StagedFile } from '../ports.ts';
import type { Stream } from '../source/source.ts';
import { matchingRows, type RowMatch } from './row-match.ts';

/** What is removed from the copies of a stream. */
export interface CopiesToPurge {
  readonly id: StreamId;
  readonly stream: Stream;
  readonly matches: readonly RowMatch[];
  /** Partitions that belong to an erased record. */
  readonly partitions: ReadonlySet<string>;
  /** Every id of an erased record, as states and scans may name it. */
  readonly texts: ReadonlySet<string>;
  readonly namesOf: NamesOf;
  readonly isErased: (name: ErasedName) => boolean;
  /** Texts one of which every page contains that has an erased record; undefined if a page must be parsed to know. */
  readonly traces: readonly string[] | undefined;
  /** How parts of keys are held that may not be shown as they were served. */
  readonly held: Pick<ShownTexts, 'keyPart'>;
}

/** What rewriting copies needs. */
export type CopyPorts = Pick<Ports, 'store' | 'codec' | 'parquet' | 'readParquet'>;

/** Writes a raw object again without the erased records. @returns true if it had some */
export function purgeRaw(key: string, purge: CopiesToPurge, ports: CopyPorts): Promise<boolean> {
  return changeRawPages(key, purge.id, ports, (page) => purgePage(page, purge));
}

/** Every name of the erased records in a raw object, those among them that the warehouse does not have. */
export async function namesInRaw(key: string, purge: CopiesToPurge, ports: CopyPorts): Promise<readonly ErasedName[]> {
  const pages = await readRawPages(key, purge.id, ports);
  return pages.flatMap((page) => [...erasedIn(page, purge).records.values()].flat());
}

/** @returns undefined if nothing of the page is kept; the same bytes if it has no erased record */
function purgePage(page: RawPage, purge: CopiesToPurge): Buffer | undefined {
  if (purge.partitions.has(page.context.partition)) return undefined;
  const { json, records } = erasedIn(page, purge);
  return records.size === 0 ? page.body : dropRecords(json, new Set(records.keys())).bytes;
}

/** The erased records of a page, with their names. */
function erasedIn(page: RawPage, { stream, traces, namesOf, isErased }: CopiesToPurge) {
  const erased = new Map<unknown, readonly ErasedName[]>();
  if (traces && !traces.some((trace) => page.body.includes(trace))) return { json: undefined, records: erased };
  const { json, records } = readStoredPage(stream, page);
  for (const record of records) {
    const names = namesOf(record, {});
    if (names.some(isErased)) erased.set(record, names);
  }
  return { json, records: erased };
}

/** Writes a staged file again without the erased rows. @returns the file as a commit names it then; undefined if it is no more */
export async function purgeStaged(
  file: StagedFile,
  purge: CopiesToPurge,
  ports: CopyPorts,
): Promise<StagedFile | undefined> {
  const matches = purge.matches.filter(({ table }) => table.name === file.table);
  const table = matches[0]?.table;
  const columns = table && (await readStaged(file.key, stagedColumns(table), ports, purge.id));
  if (!table || !columns) return file;
  const rows = matchingRows(table, columns, matches, purge.held);
  if (rows.size === 0) return file;
  const left = columns.map((values) => values.filter((_, row) => !rows.has(row)));
  const count = left[0]?.length ?? 0;
  if (count === 0) {
    await ports.store.delete(file.key);
    return undefined;
  }
  await replaceStaged(file.key, table, left, ports);
  const operations = left[columnIndex(table)('_op')] ?? [];
  return { ...file, rows: count, deletes: operations.filter((op) => op !== 'upsert').length };
}
