import { type Json, toJsonText } from './json-text.ts';
import { currentBytes } from './ledger.ts';
import { makeSignature, SIGNATURE } from './signature.ts';
import { takePage } from './sorted-list.ts';
import { type ApiAnswer, type ApiRequest, readInteger, type VendorApi } from './vendor-api.ts';
import type { ZuduCall, ZuduWorld } from './zudu-types.ts';
import { ZUDU_ORGANIZATION } from './zudu-world.ts';

export const ZUDU_API_KEY = 'sk_sim_zudu';
export const ZUDU_API_SECRET = 's3cr3t_sim_zudu';

const LIST = '/api/calls';
const MOST_PER_PAGE = 100;
const COMMA = Buffer.from(',');

/** One request for a list, however it was made. */
interface ListQuery {
  readonly page: number;
  readonly limit: number;
  readonly sortBy: string;
  readonly ascending: boolean;
  readonly filters: Readonly<Record<string, Json>>;
}

/** Zudu's API. `onPageTurn` is called before a page other than the first is read. */
export function createZuduApi(zudu: ZuduWorld, onPageTurn: () => void): VendorApi {
  let reads = 0;
  return (request) => {
    const { method, path, headers } = request;
    if (headers['x-api-key'] !== ZUDU_API_KEY || headers['x-api-secret'] !== ZUDU_API_SECRET) {
      return fail(401, 'unauthorized', 'Unauthorized', 'Invalid API key or secret');
    }
    reads += 1;
    const signature = makeSignature(`zudu/${reads}`);
    const sign = (answer: ApiAnswer): ApiAnswer => ({ ...answer, body: signBody(answer.body, signature) });
    if (path === LIST && method === 'GET') return sign(listByGet(zudu, request, onPageTurn));
    if (path === LIST && method === 'POST') return sign(listByPost(zudu, request, onPageTurn));
    if (method !== 'GET') return { status: 200, kind: 'write', body: succeed('Call accepted', Buffer.from('null')) };
    if (!path.startsWith(`${LIST}/`)) return fail(404, 'unknown', 'Not Found', 'No such route');
    const id = path.slice(LIST.length + 1);
    const call = zudu.calls.find(({ fields }) => fields['call_id'] === id || fields['id'] === id);
    if (call === undefined) return fail(404, 'details', 'Call not found', 'CALL_NOT_FOUND');
    return sign({ status: 200, kind: 'details', body: succeed('Call retrieved', currentBytes(call.record)) });
  };
}

function listByGet(zudu: ZuduWorld, { query }: ApiRequest, onPageTurn: () => void): ApiAnswer {
  const asked = readInteger(query, 'page', 0);
  const limit = readInteger(query, 'limit', 20);
  if (asked === undefined || limit === undefined || limit === 0) {
    return fail(400, 'list', 'Invalid pagination parameters', 'page must be 0 or more, limit 1 or more');
  }
  const page = zudu.world.options.zuduGet === 'pages' ? asked : 0;
  return list(zudu, { page, limit, sortBy: 'start_timestamp', ascending: false, filters: {} }, onPageTurn);
}

function listByPost(zudu: ZuduWorld, { body }: ApiRequest, onPageTurn: () => void): ApiAnswer {
  let wanted: Record<string, Json>;
  try {
    wanted = JSON.parse(body === '' ? '{}' : body);
  } catch {
    return fail(400, 'list', 'Invalid request body', 'Body is not JSON');
  }
  const { page = 0, limit = 20, sort_by: sortBy = 'start_timestamp', sort_order: order = 'descending' } = wanted;
  const numbersFit = Number.isInteger(page) && Number.isInteger(limit) && Number(page) >= 0 && Number(limit) >= 1;
  const wordsFit = ['start_timestamp', 'created_at'].includes(String(sortBy));
  if (!numbersFit || !wordsFit || !['ascending', 'descending'].includes(String(order))) {
    return fail(400, 'list', 'Invalid request body', 'page, limit, sort_by or sort_order is out of range');
  }
  const filters = keepKnownFilters(zudu, wanted['filter_criteria']);
  const ascending = order === 'ascending';
  const query = { page: Number(page), limit: Number(limit), sortBy: String(sortBy), ascending, filters };
  return list(zudu, query, onPageTurn);
}

/** Filters nobody knows are ignored without a word; only the echo shows it. */
function keepKnownFilters(zudu: ZuduWorld, criteria: Json | undefined): Record<string, Json> {
  if (criteria === undefined || criteria === null || typeof criteria !== 'object') return {};
  const known = ['call_status', 'call_type', 'agent_id', 'duration_ms'];
  if (zudu.world.options.zuduDateFilter) known.push('start_timestamp');
  return Object.fromEntries(Object.entries(criteria).filter(([name]) => known.includes(name)));
}

function list(zudu: ZuduWorld, query: ListQuery, onPageTurn: () => void): ApiAnswer {
  const { page } = query;
  if (page > 0) onPageTurn();
  const limit = Math.min(query.limit, MOST_PER_PAGE);
  const chosen = chooseCalls(zudu.calls, query);
  const calls = takePage(chosen, page * limit, limit, !query.ascending);
  const pagination = {
    page,
    limit,
    total_count: chosen.length,
    total_pages: Math.ceil(chosen.length / limit),
    has_next_page: (page + 1) * limit < chosen.length,
    has_previous_page: page > 0,
  };
  const tail = {
    pagination,
    returned_count: calls.length,
    sort_order: query.ascending ? 'ascending' : 'descending',
    sort_by: query.sortBy,
    applied_filters: query.filters,
  };
  const head = Buffer.from(`{"organization_id":"${ZUDU_ORGANIZATION}","calls":[`);
  const items = calls.flatMap(({ record }, place) => {
    return place === 0 ? [currentBytes(record)] : [COMMA, currentBytes(record)];
  });
  const data = Buffer.concat([head, ...items, Buffer.from(`],${toJsonText(tail).slice(1)}`)]);
  const body = succeed('Calls retrieved successfully', data);
  return { status: 200, kind: 'list', body, served: calls.map(({ record }) => record) };
}

function chooseCalls(calls: readonly ZuduCall[], { sortBy, filters }: ListQuery): readonly ZuduCall[] {
  const tests = Object.entries(filters);
  const chosen = tests.length === 0 ? calls : calls.filter((call) => tests.every((test) => passes(call, ...test)));
  if (sortBy === 'start_timestamp') return chosen;
  return chosen.toSorted((a, b) => a.createdMs - b.createdMs || a.seq - b.seq);
}

function passes({ fields }: ZuduCall, name: string, wanted: Json): boolean {
  const value = fields[name === 'duration_ms' ? 'call_duration' : name];
  if (typeof wanted !== 'object' || wanted === null) return sameWord(value, wanted);
  if (Array.isArray(wanted)) return wanted.some((word) => sameWord(value, word));
  const { lower_threshold: lower, upper_threshold: upper } = wanted as Readonly<Record<string, Json>>;
  if (typeof value !== 'number') return false;
  return value >= Number(lower ?? Number.NEGATIVE_INFINITY) && value <= Number(upper ?? Number.POSITIVE_INFINITY);
}

/** The documents show the same words in both cases. */
function sameWord(value: Json | undefined, wanted: Json): boolean {
  return String(value).toUpperCase() === String(wanted).toUpperCase();
}

function succeed(message: string, data: Buffer): Buffer {
  const head = Buffer.from(`{"message":"${message}","status":"success","error":null,"data":`);
  return Buffer.concat([head, data, Buffer.from('}')]);
}

/** Signs in place: the bytes were joined for this answer alone. */
function signBody(body: string | Buffer, signature: string): string | Buffer {
  if (typeof body === 'string') return body;
  for (let at = body.indexOf(SIGNATURE); at >= 0; at = body.indexOf(SIGNATURE, at)) body.write(signature, at, 'latin1');
  return body;
}

function fail(status: number, kind: ApiAnswer['kind'], message: string, error: string): ApiAnswer {
  return { status, kind, body: toJsonText({ message, status: 'error', error }) };
}
