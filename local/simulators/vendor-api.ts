import type { IncomingHttpHeaders } from 'node:http';
import type { SimRecord } from './ledger.ts';
import type { RequestKind } from './simulator-types.ts';

/** A request as a vendor's API sees it. */
export interface ApiRequest {
  readonly method: string;
  /** Decoded path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a vendor's API answers. */
export interface ApiAnswer {
  readonly status: number;
  readonly kind: RequestKind;
  readonly body: string | Buffer;
  /** Records the answer delivers; the ledger notes them once the answer is really sent. */
  readonly served?: readonly SimRecord[];
  /** Which list delivered them. @default 'all' */
  readonly servedIn?: string;
}

/** A vendor's API as one function without state. */
export type VendorApi = (request: ApiRequest) => ApiAnswer;

/** A query parameter as a non-negative integer; undefined where it is none, `fallback` where it is not given. */
export function readInteger(query: URLSearchParams, name: string, fallback: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return fallback;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Milliseconds of an ISO 8601 date or instant (no zone means UTC); undefined where the text is none. */
export function readInstant(text: string): number | undefined {
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/i.exec(text);
  if (iso === null) return undefined;
  const [, day, time = '00:00', zone = 'Z'] = iso;
  const ms = Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(ms) ? undefined : ms;
}
