import type { Partition } from '../../../functions/source/page.ts';
import type { Answer } from '../../../functions/source/paging.ts';
import type { Stream } from '../../../functions/source/source.ts';
import type { JsonRecord } from '../../../schemas/table.ts';
import type { DecodedRequest } from './decode-request.ts';
import { type MadePage, type PagingKind, pagingKindOf, textAt } from './encode-answer.ts';
import { ownPath } from './make-record.ts';

/** A record of the made vendor. */
export interface MadeRecord {
  readonly n: number;
  /** Start of the call, ms. */
  readonly at: number;
  /** The partition that lists it. */
  readonly partition: string;
  /** What its columns read of the partition, where that may be gone by now. */
  readonly context?: Partition['context'];
  json: JsonRecord;
}

/** The list of one stream. */
export interface MadeList {
  readonly name: string;
  readonly stream: Stream;
  readonly kind: PagingKind;
  /** Its partitions at present: those of details are the records. */
  readonly partitions: () => readonly Partition[];
  /** Newest first. */
  readonly records: MadeRecord[];
  /** Tokens that the vendor gave out, and the record that their page begins after. */
  readonly tokens: Map<string, MadeRecord | undefined>;
}

/** A list without records. */
export function madeList(name: string, stream: Stream, partitions: () => readonly Partition[]): MadeList {
  const kind = pagingKindOf((stream.answer ?? { records: '.' }) satisfies Answer);
  return { name, stream, kind, partitions, records: [], tokens: new Map() };
}

/** Tokens that a request may hold at present; undefined if pages have numbers. */
export function tokensOf({ kind, records, tokens, stream }: MadeList): readonly string[] | undefined {
  if (kind === 'number') return undefined;
  if (kind === 'offset') return Array.from({ length: records.length + 1 }, (_, n) => String(n));
  if (kind === 'last') return [...new Set(records.flatMap(({ json }) => textAt(json, lastPath(stream)) ?? []))];
  return [...tokens.keys()];
}

/** The page that is requested; undefined if the vendor refuses the token. */
export function pageOf(list: MadeList, asked: DecodedRequest): MadePage | undefined {
  const { stream, kind } = list;
  const listed = listedFor(list, asked);
  const size = stream.pageSize === 0 ? listed.length : asked.size;
  const begin = beginOf(list, asked, { listed, size });
  if (begin === undefined) return undefined;
  // Beyond the cap nothing is shown, though the total tells of it.
  const reach = Math.min(listed.length, stream.window?.cap ?? listed.length);
  const shown = listed.slice(begin, Math.min(begin + size, reach));
  const isLast = begin + size >= reach;
  return {
    records: shown.map(({ json }) => json),
    isLast,
    // A list with tokens may tell the number of the page all the same.
    page: kind === 'number' ? asked.page : asked.variant.firstPage + Math.floor(begin / Math.max(1, size)),
    pages: Math.max(1, Math.ceil(reach / Math.max(1, size))),
    total: listed.length,
    token: isLast || (kind !== 'token' && kind !== 'link') ? undefined : issue(list, shown.at(-1)),
  };
}

/** A partition that only a full scan reads lists all records, the others list their own. */
function listedFor({ stream, records, partitions }: MadeList, { partition, from, to }: DecodedRequest): MadeRecord[] {
  const isWhole = partition.sweepOnly === true || (stream.kind !== 'details' && partitions().length === 1);
  const isOwn = (one: MadeRecord) => isWhole || one.partition === partition.id;
  const column = stream.window && stream.tables[0].columns[stream.window.by];
  const isFiltered = from !== undefined && column && ownPath(column) !== undefined;
  return records.filter((one) => isOwn(one) && (!isFiltered || (one.at >= from && one.at <= (to ?? Infinity))));
}

function beginOf(
  { kind, tokens, stream }: MadeList,
  { page, next, variant }: DecodedRequest,
  { listed, size }: { readonly listed: readonly MadeRecord[]; readonly size: number },
): number | undefined {
  if (kind === 'number') return (page - variant.firstPage) * size;
  if (next === undefined) return 0;
  if (kind === 'offset') return Number(next);
  if (kind === 'last') {
    const path = lastPath(stream);
    const found = listed.findIndex(({ json }) => textAt(json, path) === next);
    return found === -1 ? undefined : found;
  }
  if (!tokens.has(next)) return undefined;
  const after = tokens.get(next);
  // The record may be gone by now: then the page begins with the first one that is older.
  return listed.filter((one) => after && (one.at > after.at || (one.at === after.at && one.n <= after.n))).length;
}

function issue({ tokens, name }: MadeList, after: MadeRecord | undefined): string {
  const token = `${name}-${tokens.size + 1}`;
  tokens.set(token, after);
  return token;
}

/** Path of the value that the next page begins with. */
function lastPath({ answer }: Stream): string {
  const next = answer?.next;
  return typeof next === 'object' && 'last' in next ? next.last : '.';
}
