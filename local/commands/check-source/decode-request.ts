import type { IncomingMessage } from 'node:http';
import { httpRequest } from '../../../functions/extract/pages/request-page.ts';
import { writeWindow } from '../../../functions/extract/pages/write-window.ts';
import type { Credentials } from '../../../functions/ports.ts';
import type { Partition, Window } from '../../../functions/source/page.ts';
import type { Stream } from '../../../functions/source/source.ts';
import { type RequestVariant, variantsOf } from '../../../functions/source/variants.ts';
import { DAY_MS } from '../../../functions/time.ts';

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What a stream can be asked for at present. */
export interface Askable {
  readonly stream: Stream;
  readonly partitions: readonly Partition[];
  /** Tokens that the vendor gave out; undefined if the list has page numbers. */
  readonly tokens: readonly string[] | undefined;
  /** Most pages of the list. */
  readonly mostPages: number;
  readonly options: Credentials;
}

/** A request, understood. */
export interface DecodedRequest {
  /** Records of the page. */
  readonly size: number;
  readonly variant: RequestVariant;
  readonly partition: Partition;
  readonly page: number;
  readonly next: string | undefined;
  /** Beginning of the window, ms. */
  readonly from: number | undefined;
  /** End of the window, inclusive; ms. */
  readonly to: number | undefined;
}

type Leaves = ReadonlyMap<string, string>;

/**
 * Understands a request by comparing it with each request that the declaration can make. A request that it cannot make is not
 * understood.
 */
export function decodeRequest(askable: Askable, request: WireRequest): DecodedRequest | undefined {
  const given = leavesOf(request.query, request.body);
  for (const variant of variantsOf(askable.stream)) {
    for (const partition of askable.partitions.filter((one) => isAskedFor(one, given))) {
      if (pathOf(askable, variant, partition) !== request.path) continue;
      for (const place of placesIn(askable, variant, partition)) {
        const found = matchPlace(askable, { variant, partition, ...place }, request, given);
        if (found) return found;
      }
    }
  }
  return undefined;
}

/** The path of all pages of a partition. Most requests are for another, so that none of its pages need be made. */
function pathOf({ stream, options }: Askable, variant: RequestVariant, partition: Partition): string {
  const first = { partition, page: variant.firstPage, size: stream.pageSize };
  return new URL(httpRequest({ baseUrl: 'http://fake', stream, siblings: { options } }, variant, first).url).pathname;
}

/** False if the partition has a parameter that the request has not. */
function isAskedFor({ query = {} }: Partition, given: Leaves): boolean {
  return Object.entries(query).every(([name, value]) => given.get(`?${name}`) === value);
}

interface Place {
  readonly size: number;
  readonly page: number;
  readonly next: string | undefined;
}

function* placesIn(
  { tokens, mostPages, stream }: Askable,
  variant: RequestVariant,
  partition: Partition,
): Iterable<Place> {
  const { firstPage } = variant;
  const numbers = Array.from({ length: mostPages }, (_, n) => firstPage + n);
  for (const size of new Set([stream.pageSize, stream.largestPage ?? stream.pageSize])) {
    if (tokens === undefined) for (const page of numbers) yield { page, next: undefined, size };
    else {
      yield { page: firstPage, next: undefined, size };
      // A request with a token may have the number of the page besides.
      const pages = tokens.length > 0 && asksForPage(variant, partition) ? numbers : [firstPage];
      for (const next of tokens) for (const page of pages) yield { page, next, size };
    }
  }
}

function asksForPage({ ask }: RequestVariant, partition: Partition): boolean {
  const asked = { size: 1, next: 'token', from: undefined, to: undefined, partition };
  const [first, second] = [1, 2].map((page) => JSON.stringify(ask({ ...asked, page })));
  return first !== second;
}

/** Three instants, so that two windows differ in one of their ends. */
const [A, B, C] = [
  new Date('2001-02-03T04:05:06Z'),
  new Date('2002-03-04T05:06:07Z'),
  new Date('2003-04-05T06:07:08Z'),
];

type Tried = Place & Pick<DecodedRequest, 'variant' | 'partition'>;

function matchPlace(askable: Askable, tried: Tried, request: WireRequest, given: Leaves): DecodedRequest | undefined {
  const { stream, options } = askable;
  const make = (window?: Window) => {
    const { page, next, size, partition } = tried;
    const asked = {
      partition,
      page,
      size,
      ...(next !== undefined && { next }),
      ...(window && { window }),
    };
    const http = httpRequest({ baseUrl: 'http://fake', stream, siblings: { options } }, tried.variant, asked);
    const { pathname, searchParams } = new URL(http.url);
    return { method: http.method, pathname, leaves: leavesOf(searchParams, 'body' in http ? (http.body ?? '') : '') };
  };
  const whole = make();
  if (whole.method !== request.method || whole.pathname !== request.path) return undefined;
  const found = { ...tried, from: undefined, to: undefined };
  if (isEqual(whole.leaves, given)) return found;
  if (!stream.window) return undefined;
  const opened = make({ from: A }).leaves;
  const open = matchWindow(given, opened, make({ from: B }).leaves);
  // Of a text with both ends, the beginning alone cannot be read.
  const openAt = open && instantIn(stream, { given, made: opened, field: open[0] });
  if (openAt !== undefined) return { ...found, from: openAt };
  const [one, otherFrom, otherTo] = [
    { from: A, to: B },
    { from: C, to: B },
    { from: A, to: C },
  ].map((w) => make(w).leaves);
  if (!one || !otherFrom || !otherTo) return undefined;
  const [from, to] = [differing(one, otherFrom), differing(one, otherTo)];
  if (!isEqual(one, given, new Set([...from, ...to]))) return undefined;
  const beginAt = instantIn(stream, { given, made: one, field: from[0] });
  return { ...found, from: beginAt, to: instantIn(stream, { given, made: one, field: to[0], isEnd: true }) };
}

/** The fields that hold the window, if nothing else differs. */
function matchWindow(given: Leaves, one: Leaves, other: Leaves): readonly string[] | undefined {
  const fields = differing(one, other);
  return fields.length > 0 && isEqual(one, given, new Set(fields)) ? fields : undefined;
}

function differing(a: Leaves, b: Leaves): readonly string[] {
  return [...a.keys()].filter((name) => a.get(name) !== b.get(name));
}

function isEqual(a: Leaves, b: Leaves, except: ReadonlySet<string> = new Set()): boolean {
  return (
    a.size === b.size && [...a].every(([name, value]) => b.has(name) && (except.has(name) || b.get(name) === value))
  );
}

/** A field of a request that holds an end of the window. */
interface WindowField {
  readonly given: Leaves;
  /** The same request for the window from {@link A} to {@link B}. */
  readonly made: Leaves;
  readonly field: string | undefined;
  /** @default false, the beginning */
  readonly isEnd?: boolean;
}

function instantIn({ window }: Stream, { given, made, field = '', isEnd = false }: WindowField): number | undefined {
  if (!window) return undefined;
  const { from = '', to = '' } = writeWindow({ from: A, to: B }, window);
  const [own, other] = isEnd ? [to, from] : [from, to];
  const text = endIn(given.get(field) ?? '', made.get(field) ?? '', String(own), String(other));
  if (text === undefined) return undefined;
  if (window.as === 'seconds') return Number(text) * 1000;
  if (window.as === 'millis') return Number(text);
  if (isEnd && window.end === 'excluded') return Date.parse(text) - 1;
  return Date.parse(text) + (window.as === 'day' && isEnd ? DAY_MS - 1 : 0);
}

/** The text of one end of a window in a field, which may hold other text around it, and the other end too. */
function endIn(given: string, made: string, own: string, other: string): string | undefined {
  const parts = made.split(own);
  if (parts.length !== 2) return given;
  const [before, after] = parts.map((part) => part.split(other).map(quoted).join('.+?'));
  return new RegExp(`^${before}(.+?)${after}$`, 's').exec(given)?.[1];
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** The values of a request, by their place in it. */
function leavesOf(query: URLSearchParams, body: string): Leaves {
  const leaves = new Map<string, string>();
  for (const [name, value] of query) {
    let place = `?${name}`;
    while (leaves.has(place)) place += '+';
    leaves.set(place, value);
  }
  if (body !== '') addLeaves(leaves, '.', JSON.parse(body));
  return leaves;
}

function addLeaves(leaves: Map<string, string>, place: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) {
    leaves.set(place, String(value));
    return;
  }
  for (const [name, member] of Object.entries(value)) addLeaves(leaves, `${place}/${name}`, member);
}
