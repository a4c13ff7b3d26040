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
  /** Called with the names of each record that was found in a raw copy. */
  readonly onFound: (names: readonly ErasedName[]) => void;
}

type CopyPorts = Pick<Ports, 'store' | 'codec' | 'parquet' | 'readParquet'>;

/** Writes a raw object again without the erased records. @returns true if it had some */
export async function purgeRaw(key: string, purge: CopiesToPurge, { store, codec }: CopyPorts): Promise<boolean> {
  const body = await store.get(key);
  if (!body) return false;
  const expanded = await codec.expand(body).catch(() => {
    throw damaged(key, store.name, purge.id);
  });
  const pages = [...decodeRawPages(expanded)];
  const purged = pages.map((page) => purgePage(page, purge));
  if (purged.every((page, n) => page === pages[n]?.body)) return false;
  const bytes = pages.flatMap(({ context }, n) => {
    const page = purged[n];
    return page === undefined ? [] : encodeRawPage(context, [page]);
  });
  await store.put(key, await codec.compress(Buffer.concat(bytes)), { replace: true });
  return true;
}

/** @returns undefined if nothing of the page is kept; the same bytes if it has no erased record */
function purgePage({ context, body }: RawPage, purge: CopiesToPurge): Buffer | undefined {
  if (purge.partitions.has(context.partition)) return undefined;
  if (purge.traces && !purge.traces.some((trace) => body.includes(trace))) return body;
  const json = parseJson(body.toString('utf8'));
  const { stream } = purge;
  const request = { partition: { id: context.partition, context: {} }, page: context.page, size: stream.pageSize };
  const erased = new Set<unknown>();
  for (const record of storedRecords(stream, json, request)) {
    const names = purge.namesOf(record, {});
    if (!names.some(purge.isErased)) continue;
    erased.add(record);
    purge.onFound(names);
  }
  return erased.size === 0 ? body : dropRecords(json, erased).bytes;
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
