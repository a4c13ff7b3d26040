import { StateError } from '../errors.ts';
import { dropRecords } from '../extract/redact/drop-records.ts';
import { storedRecords } from '../extract/redact/redact-raw.ts';
import type { NamesOf } from '../extract/rows/erased.ts';
import { parseJson } from '../http/lossless-json.ts';
import type { ErasedName } from '../lake/erasure-ledger.ts';
import type { StreamId } from '../lake/objects.ts';
import { decodeRawPages, encodeRawPage, type RawPage } from '../lake/raw-pages.ts';
import type { Ports, StagedFile } from '../ports.ts';
import type { Stream } from '../source/source.ts';
import { columnNames, type HoldPart, matchingRows, type RowMatch, withoutRows } from './row-match.ts';

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
  readonly hold: HoldPart;
}

type CopyPorts = Pick<Ports, 'store' | 'codec' | 'parquet' | 'readParquet'>;

/** Writes a raw object again without the erased records. @returns true if it had some */
export async function purgeRaw(key: string, purge: CopiesToPurge, ports: CopyPorts): Promise<boolean> {
  const { store, codec } = ports;
  const pages = await readPages(key, purge.id, ports);
  const purged = pages.map((page) => purgePage(page, purge));
  if (purged.every((page, n) => page === pages[n]?.body)) return false;
  const bytes = pages.flatMap(({ context }, n) => {
    const page = purged[n];
    return page === undefined ? [] : encodeRawPage(context, [page]);
  });
  await store.put(key, await codec.compress(Buffer.concat(bytes)), { replace: true });
  return true;
}

/** Every name of the erased records in a raw object, those among them that the warehouse does not have. */
export async function namesInRaw(key: string, purge: CopiesToPurge, ports: CopyPorts): Promise<readonly ErasedName[]> {
  const pages = await readPages(key, purge.id, ports);
  return pages.flatMap((page) => [...erasedIn(page, purge).records.values()].flat());
}

/** Pages of a raw object; none if it is gone. @throws StateError if it is damaged */
async function readPages(key: string, id: StreamId, { store, codec }: CopyPorts): Promise<readonly RawPage[]> {
  const body = await store.get(key);
  if (!body) return [];
  const expanded = await codec.expand(body).catch(() => {
    throw damaged(key, store.name, id);
  });
  return [...decodeRawPages(expanded)];
}

/** @returns undefined if nothing of the page is kept; the same bytes if it has no erased record */
function purgePage(page: RawPage, purge: CopiesToPurge): Buffer | undefined {
  if (purge.partitions.has(page.context.partition)) return undefined;
  const { json, records } = erasedIn(page, purge);
  return records.size === 0 ? page.body : dropRecords(json, new Set(records.keys())).bytes;
}

/** The erased records of a page, with their names. */
function erasedIn({ context, body }: RawPage, { stream, traces, namesOf, isErased }: CopiesToPurge) {
  const records = new Map<unknown, readonly ErasedName[]>();
  if (traces && !traces.some((trace) => body.includes(trace))) return { json: undefined, records };
  const json = parseJson(body.toString('utf8'));
  const request = { partition: { id: context.partition, context: {} }, page: context.page, size: stream.pageSize };
  for (const record of storedRecords(stream, json, request)) {
    const names = namesOf(record, {});
    if (names.some(isErased)) records.set(record, names);
  }
  return { json, records };
}

/** Writes a staged file again without the erased rows. @returns the file as a commit names it then; undefined if it is no more */
export async function purgeStaged(
  file: StagedFile,
  purge: CopiesToPurge,
  { store, parquet, readParquet }: CopyPorts,
): Promise<StagedFile | undefined> {
  const matches = purge.matches.filter(({ table }) => table.name === file.table);
  const [match] = matches;
  const body = match && (await store.get(file.key));
  if (!match || !body) return file;
  const { table } = match;
  const names = columnNames(table);
  const columns = await readParquet(body, names).catch(() => {
    throw damaged(file.key, store.name, purge.id);
  });
  const rows = matchingRows(table, columns, matches, purge.hold);
  if (rows.size === 0) return file;
  const left = withoutRows(columns, rows);
  const count = left[0]?.length ?? 0;
  if (count === 0) {
    await store.delete(file.key);
    return undefined;
  }
  await store.put(file.key, await parquet.write(table, left), { replace: true });
  const operations = left[names.indexOf('_op')] ?? [];
  return { ...file, rows: count, deletes: operations.filter((op) => op !== 'upsert').length };
}

function damaged(key: string, store: string, id: StreamId): StateError {
  return new StateError(`${key} in ${store} is damaged; restore it or remove it, then run this again`, id);
}
