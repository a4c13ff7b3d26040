import { toJsonText } from './json-text.ts';
import { listCallsOf, readCall } from './kismet-audit.ts';
import { computeFigures, METRIC_NAMES, organizationScope, selectDays } from './kismet-metrics.ts';
import type { KismetCall, KismetUser, KismetWorld } from './kismet-types.ts';
import { currentText, type SimRecord } from './ledger.ts';
import type { RequestKind } from './simulator-types.ts';
import { takePage } from './sorted-list.ts';
import { type ApiAnswer, type ApiRequest, readInteger, type VendorApi } from './vendor-api.ts';
import { DAY_MS } from './world.ts';

export const KISMET_CLIENT_ID = 'sim-client-id';
export const KISMET_CLIENT_SECRET = 'sim-client-secret';

const ROOT = '/api/external';
const USER_PATH = /^\/organization_users\/(\d+)(?:\/calls(?:\/(\d+)(\/audit_logs)?)?)?$/;

/** Kismet's API. `onPageTurn` is called before a page other than the first of a user's calls is read. */
export function createKismetApi(kismet: KismetWorld, onPageTurn: (user: KismetUser) => void): VendorApi {
  return (request) => {
    const { headers, path, method } = request;
    if (headers['x-client-id'] !== KISMET_CLIENT_ID || headers['x-client-secret'] !== KISMET_CLIENT_SECRET) {
      return fail(401, 'unauthorized', 'Unauthorized');
    }
    if (method !== 'GET') return { status: 200, kind: 'write', body: '{}' };
    if (!path.startsWith(ROOT)) return fail(404, 'unknown', 'Not Found');
    const route = path.slice(ROOT.length);
    if (route === '/organization_users') return listUsers(kismet, request);
    if (route === '/call_metrics') return showMetrics(kismet, request);
    return routeUser(kismet, request, route, onPageTurn);
  };
}

function routeUser(
  kismet: KismetWorld,
  request: ApiRequest,
  route: string,
  onPageTurn: (user: KismetUser) => void,
): ApiAnswer {
  const [, userId, callId, audit] = USER_PATH.exec(route) ?? [];
  if (userId === undefined) return fail(404, 'unknown', 'Not Found');
  const user = kismet.users.find((one) => one.id === Number(userId) && !one.isGone);
  const isList = route.endsWith('/calls');
  const kind = audit !== undefined ? 'audit' : isList ? 'list' : callId === undefined ? 'users' : 'details';
  if (user === undefined) return fail(404, kind, 'Not Found');
  if (isList) return listCalls(kismet, user, request, onPageTurn);
  if (callId === undefined) return { status: 200, kind, body: currentText(user.record) };
  const call = user.callsById.get(Number(callId));
  if (call === undefined) return fail(404, kind, 'Not Found');
  if (audit !== undefined) return listAudit(kismet, call, request);
  readCall(kismet, call);
  return { status: 200, kind, body: currentText(call.record) };
}

function listUsers(kismet: KismetWorld, request: ApiRequest): ApiAnswer {
  const email = request.query.get('email');
  const users = kismet.users.filter((user) => !user.isGone && (email === null || user.fields['email'] === email));
  const records = users.map(({ record }) => record);
  return pageOf(kismet, request.query, { name: 'organization_users', kind: 'users', list: records });
}

function listCalls(
  kismet: KismetWorld,
  user: KismetUser,
  { query }: ApiRequest,
  onPageTurn: (user: KismetUser) => void,
): ApiAnswer {
  if ((readInteger(query, 'page', 1) ?? 1) > 1) onPageTurn(user);
  const newestFirst = kismet.world.options.kismetOrder === 'newest';
  return pageOf(kismet, query, { name: 'calls', kind: 'list', list: listCallsOf(kismet, user), newestFirst });
}

function listAudit(kismet: KismetWorld, call: KismetCall, { query }: ApiRequest): ApiAnswer {
  const from = query.get('from');
  const to = query.get('to');
  const event = query.get('event');
  if (![from, to].every((day) => day === null || isDay(day))) return fail(400, 'audit', 'Bad Request');
  const fromMs = from === null ? Number.NEGATIVE_INFINITY : Date.parse(from);
  const endMs = to === null ? Number.POSITIVE_INFINITY : Date.parse(to) + DAY_MS;
  const entries = call.audit.filter(({ atMs, event: kind }) => {
    return atMs >= fromMs && atMs < endMs && (event === null || event === kind);
  });
  return pageOf(kismet, query, { name: 'audit_logs', kind: 'audit', list: entries, newestFirst: true });
}

/** A list, from the oldest record on. */
interface ListAnswer {
  /** The member of the answer that has the records. */
  readonly name: string;
  readonly kind: RequestKind;
  readonly list: readonly (SimRecord | { readonly record: SimRecord })[];
  /** @default false */
  readonly newestFirst?: boolean;
}

/** A page as Kaminari makes it: odd parameters become the defaults, too many per page become the most. */
function pageOf(
  { world }: KismetWorld,
  query: URLSearchParams,
  { name, kind, list, newestFirst = false }: ListAnswer,
): ApiAnswer {
  const page = readInteger(query, 'page', 1) || 1;
  const perPage = Math.min(readInteger(query, 'per_page', 25) || 25, world.options.kismetMaxPerPage);
  const taken = takePage(list, (page - 1) * perPage, perPage, newestFirst);
  const served = taken.map((item) => ('record' in item ? item.record : item));
  const pagination = {
    current_page: page,
    per_page: perPage,
    total_pages: Math.ceil(list.length / perPage),
    total_count: list.length,
  };
  const texts = served.map(currentText).join(',');
  const body = `{"${name}":[${texts}],"pagination":${toJsonText(pagination)}}`;
  return { status: 200, kind, body, served };
}

/** Without dates only the last week is given, as other vendors do; the document does not say. */
function showMetrics(kismet: KismetWorld, { query }: ApiRequest): ApiAnswer {
  const today = new Date(kismet.world.nowMs).toISOString().slice(0, 10);
  const to = query.get('date_end') ?? today;
  if (!isDay(to)) return fail(400, 'metrics', 'Bad Request');
  const from = query.get('date_start') ?? new Date(Date.parse(to) - 6 * DAY_MS).toISOString().slice(0, 10);
  if (!isDay(from)) return fail(400, 'metrics', 'Bad Request');
  const userId = query.get('user_id');
  const user = kismet.users.find((one) => String(one.id) === userId && !one.isGone);
  if (userId !== null && user === undefined) return fail(404, 'metrics', 'Not Found');
  const days = selectDays(kismet, userId ?? organizationScope(), from, to);
  const maps = METRIC_NAMES.map((name) => {
    const values = days.map(
      ([date, { calls, record }]) => [date, computeFigures(calls, record.entry.id)[name]] as const,
    );
    return [name, Object.fromEntries(values.filter(([, value]) => value !== null))] as const;
  });
  return {
    status: 200,
    kind: 'metrics',
    body: toJsonText(Object.fromEntries(maps)),
    served: days.map(([, { record }]) => record),
  };
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** The documents show these bodies with a comma too many, so that is what is sent. */
function fail(status: number, kind: RequestKind, error: string): ApiAnswer {
  return { status, kind, body: `{ "error": "${error}", }` };
}
