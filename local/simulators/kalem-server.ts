import { escapeAsPhp, type Json, toJsonText } from './json-text.ts';
import { isFinished, type KalemCall, type KalemDirection, type KalemWorld } from './kalem-world.ts';
import { currentText } from './ledger.ts';
import { makeSignature, SIGNATURE } from './signature.ts';
import { findFirst, takePage } from './sorted-list.ts';
import { type ApiAnswer, type ApiRequest, readInstant, readInteger, type VendorApi } from './vendor-api.ts';

export const KALEM_API_TOKEN = 'sim-kalem-token';

const LIST = '/api/v1/calls';

/** Position of a page in its list. */
interface PagePlace {
  readonly page: number;
  readonly perPage: number;
  readonly total: number;
  readonly count: number;
}

/** Kalem's API. `onPageTurn` is called before a page other than the first is read. */
export function createKalemApi(
  kalem: KalemWorld,
  onPageTurn: (direction: KalemDirection | undefined) => void,
): VendorApi {
  let reads = 0;
  return (request) => {
    if (request.headers.authorization !== `Bearer ${KALEM_API_TOKEN}`) {
      return { status: 401, kind: 'unauthorized', body: '{"message":"Unauthenticated."}' };
    }
    reads += 1;
    const signature = makeSignature(`kalem/${reads}`);
    const answer = route(kalem, request, onPageTurn);
    return { ...answer, body: escapeAsPhp(answer.body.toString().replaceAll(SIGNATURE, signature)) };
  };
}

function route(
  kalem: KalemWorld,
  request: ApiRequest,
  onPageTurn: (direction: KalemDirection | undefined) => void,
): ApiAnswer {
  const { method, path } = request;
  if (path === LIST && method === 'GET') return listCalls(kalem, request, onPageTurn);
  if (path === LIST && method === 'POST') {
    const data = { call_id: '550e8400-e29b-41d4-a716-446655440000', status: 'pending' };
    return { status: 201, kind: 'write', body: toJsonText({ message: 'Call initiated successfully', data }) };
  }
  const call = kalem.lists.all.find(({ record }) => `${LIST}/${record.entry.id}` === path);
  if (method === 'DELETE' && call !== undefined) return refuseOrDelete(call);
  const kind = method === 'GET' ? (path.startsWith(`${LIST}/`) ? 'details' : 'unknown') : 'write';
  if (call === undefined || method !== 'GET') return { status: 404, kind, body: '{"message":"Not Found"}' };
  return { status: 200, kind, body: `{"data":${currentText(call.record)}}` };
}

/** Answers as the vendor would, but the world stays as it is: nothing of ours may ever come here. */
function refuseOrDelete(call: KalemCall): ApiAnswer {
  if (isFinished(call)) return { status: 200, kind: 'write', body: '{"message":"Call deleted successfully."}' };
  const message = 'Cannot delete an active call. Wait for the call to complete or fail.';
  return { status: 422, kind: 'write', body: toJsonText({ message }) };
}

function listCalls(
  kalem: KalemWorld,
  { query }: ApiRequest,
  onPageTurn: (direction: KalemDirection | undefined) => void,
): ApiAnswer {
  const errors = findErrors(query);
  const [firstError] = Object.values(errors);
  if (firstError !== undefined) {
    return { status: 422, kind: 'list', body: toJsonText({ message: firstError[0] ?? '', errors }) };
  }
  const direction = (query.get('direction') ?? undefined) as KalemDirection | undefined;
  const perPage = readInteger(query, 'per_page', 15) ?? 15;
  // Laravel takes a page that is no positive integer for the first.
  const page = Math.max(readInteger(query, 'page', 1) ?? 1, 1);
  if (page > 1) onPageTurn(direction);
  const chosen = chooseCalls(kalem.lists[direction ?? 'all'], query);
  const newestFirst = kalem.world.options.kalemOrder === 'newest';
  const calls = takePage(chosen, (page - 1) * perPage, perPage, newestFirst);
  const texts = calls.map(({ record }) => currentText(record)).join(',');
  const place = { page, perPage, total: chosen.length, count: calls.length };
  const body = wrap(kalem, texts, place);
  return { status: 200, kind: 'list', body, served: calls.map(({ record }) => record), servedIn: direction ?? 'all' };
}

function chooseCalls(list: readonly KalemCall[], query: URLSearchParams): readonly KalemCall[] {
  const from = readInstant(query.get('date_from') ?? '');
  const to = readInstant(query.get('date_to') ?? '');
  const first = from === undefined ? 0 : findFirst(list, (call) => call.sortMs >= from);
  const end = to === undefined ? list.length : findFirst(list, (call) => call.sortMs > to);
  const between = first === 0 && end === list.length ? list : list.slice(first, end);
  const status = query.get('status')?.replaceAll('-', '_');
  const search = query.get('search');
  if (status === undefined && search === null) return between;
  return between.filter(({ fields }) => {
    if (status !== undefined && String(fields['status']).replaceAll('-', '_') !== status) return false;
    const { call_id: id, to_number: to, from_number: from } = fields;
    return search === null || [id, to, from].some((value) => String(value).includes(search));
  });
}

function findErrors(query: URLSearchParams): Record<string, string[]> {
  const errors: Record<string, string[]> = {};
  const direction = query.get('direction');
  if (direction !== null && !['inbound', 'outbound'].includes(direction)) {
    errors['direction'] = ['The selected direction is invalid.'];
  }
  for (const name of ['date_from', 'date_to']) {
    const given = query.get(name);
    // A `+` that was not escaped arrives as a space, and the offset is no offset any more.
    if (given !== null && readInstant(given) === undefined) errors[name] = [`The ${name} is not a valid date.`];
  }
  const perPage = readInteger(query, 'per_page', 15);
  if (perPage === undefined || perPage < 1) errors['per_page'] = ['The per page field must be at least 1.'];
  else if (perPage > 100) errors['per_page'] = ['The per page field must not be greater than 100.'];
  return errors;
}

/** The document says "paginated" and shows no envelope; Laravel has several. */
function wrap(kalem: KalemWorld, texts: string, place: PagePlace): string {
  const { page, perPage, total, count } = place;
  const path = `https://kalem.me${LIST}`;
  // Laravel leaves the other parameters out of its links.
  const link = (to: number): string => `${path}?page=${to}`;
  const last = Math.max(1, Math.ceil(total / perPage));
  const prev = page > 1 ? link(page - 1) : null;
  const next = page < last ? link(page + 1) : null;
  const from = count === 0 ? null : (page - 1) * perPage + 1;
  const to = count === 0 ? null : (page - 1) * perPage + count;
  const shapes: Record<typeof kalem.world.options.kalemShape, Readonly<Record<string, Json>>> = {
    meta: {
      links: { first: link(1), last: link(last), prev, next },
      meta: { current_page: page, from, last_page: last, path, per_page: perPage, to, total },
    },
    plain: {
      current_page: page,
      first_page_url: link(1),
      from,
      last_page: last,
      last_page_url: link(last),
      next_page_url: next,
      path,
      per_page: perPage,
      prev_page_url: prev,
      to,
      total,
    },
    pagination: { pagination: { current_page: page, total_pages: last, total_items: total, per_page: perPage } },
    links: { links: { first: link(1), last: null, prev, next } },
    bare: {},
  };
  const tail = toJsonText(shapes[kalem.world.options.kalemShape]).slice(1);
  return tail === '}' ? `{"data":[${texts}]}` : `{"data":[${texts}],${tail}`;
}
