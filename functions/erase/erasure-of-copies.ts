import { readStoredPage } from '../extract/pages/stored-page.ts';
import { dropRecords } from '../extract/redact/drop-records.ts';
import type { NamesOf } from '../extract/rows/erased.ts';
import type { ErasedName } from '../lake/erasure-ledger.ts';
import { type RawPage, readRawPages } from '../lake/raw-pages.ts';
import type { CopyPorts, Purge } from '../purge/purge-copies.ts';

/** The erased records of a stream. */
export interface ErasedOfStream extends Pick<Purge, 'id' | 'stream' | 'matches' | 'held'> {
  /** Partitions that belong to an erased record. */
  readonly partitions: ReadonlySet<string>;
  /** Every id of an erased record, as states and scans may name it. */
  readonly texts: ReadonlySet<string>;
  readonly namesOf: NamesOf;
  readonly isErased: (name: ErasedName) => boolean;
  /** Recognizes erased records without a key. @default there are none */
  readonly isMeant?: ((record: unknown) => boolean) | undefined;
  /** Texts one of which every page contains that has an erased record; undefined if a page must be parsed to know. */
  readonly traces: readonly string[] | undefined;
}

/** Takes the records out of every copy. */
export function erasureOfCopies(erased: ErasedOfStream): Purge {
  return {
    ...erased,
    page: (page) => purgePage(page, erased),
    rows: (_table, columns, found) => columns.map((values) => values.filter((_, row) => !found.has(row))),
  };
}

/** Every name of the erased records in a raw object, those among them that the warehouse does not have. */
export async function namesInRaw(
  key: string,
  erased: ErasedOfStream,
  ports: Pick<CopyPorts, 'store' | 'codec'>,
): Promise<readonly ErasedName[]> {
  const pages = await readRawPages(key, erased.id, ports);
  return pages.flatMap((page) => [...erasedIn(page, erased).records.values()].flat());
}

/** @returns undefined if nothing of the page is kept; the same bytes if it has no erased record */
function purgePage(page: RawPage, erased: ErasedOfStream): Buffer | undefined {
  if (erased.partitions.has(page.context.partition)) return undefined;
  const { json, records, hidesMembers } = erasedIn(page, erased);
  return records.size === 0 && !hidesMembers ? page.body : dropRecords(json, new Set(records.keys())).bytes;
}

/** The erased records of a page, with their names. */
function erasedIn(page: RawPage, { stream, traces, namesOf, isErased, isMeant }: ErasedOfStream) {
  const erased = new Map<unknown, readonly ErasedName[]>();
  if (traces && !traces.some((trace) => page.body.includes(trace)))
    return { json: undefined, records: erased, hidesMembers: false };
  const { json, records, hidesMembers } = readStoredPage(stream, page);
  for (const record of records) {
    const names = namesOf(record, {});
    if (names.some(isErased) || isMeant?.(record)) erased.set(record, names);
  }
  return { json, records: erased, hidesMembers };
}
