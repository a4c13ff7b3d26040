import { toJsonText } from './json-text.ts';
import { currentText } from './ledger.ts';
import { CATEGORIES, matchesSearch, type SolumCall, type SolumWorld } from './solum-world.ts';
import { takePage } from './sorted-list.ts';
import type { ApiAnswer, ApiRequest, VendorApi } from './vendor-api.ts';
import { readInstant } from './vendor-api.ts';

export const SOLUM_API_KEY = 'sim-solum-key';

const LIST = '/v1/calls';
const ENUMS: Readonly<Record<string, readonly string[]>> = {
  status: ['pending', 'done', 'follow_up_needed'],
  category: CATEGORIES,
};
const EQUALS = ['assistant_id', 'status', 'category', 'type', 'customer_number', 'patient_id'] as const;

/** Solum's API. `onPageTurn` is called before a page other than the first is read. */
export function createSolumApi(solum: SolumWorld, onPageTurn: () => void): VendorApi {
  return (request) => {
    if (request.headers['x-api-key'] !== SOLUM_API_KEY) {
      return fail(401, 'unauthorized', 'authentication_error', 'invalid_api_key', 'Invalid API key');
    }
    if (request.method !== 'GET') return fail(403, 'write', 'permission_error', 'forbidden', 'Not allowed');
    if (request.path === LIST) return listCalls(solum, request, onPageTurn);
    if (!request.path.startsWith(`${LIST}/`)) return fail(404, 'unknown', 'not_found', 'not_found', 'Not Found');
    const call = solum.calls.find(({ record }) => record.entry.id === request.path.slice(LIST.length + 1));
    if (call === undefined) return fail(404, 'details', 'not_found', 'call_not_found', 'Call not found');
    return { status: 200, kind: 'details', body: currentText(call.record) };
  };
}

function listCalls(solum: SolumWorld, { query }: ApiRequest, onPageTurn: () => void): ApiAnswer {
  const problems = findProblems(query);
  if (problems.length > 0) return { status: 422, kind: 'list', body: toJsonText({ detail: problems }) };
  const page = Number(query.get('page') ?? 1);
  const limit = Number(query.get('limit') ?? 50);
  if (page > 1) onPageTurn();
  const chosen = filterCalls(solum.calls, query);
  const start = (page - 1) * limit;
  const calls = takePage(chosen, start, limit, solum.world.options.solumOrder === 'newest');
  const pagination = { has_more: start + calls.length < chosen.length, total: chosen.length, page, limit };
  const texts = calls.map(({ record }) => currentText(record)).join(',');
  const body = `{"data":[${texts}],"pagination":${toJsonText(pagination)}}`;
  return { status: 200, kind: 'list', body, served: calls.map(({ record }) => record) };
}

function filterCalls(calls: readonly SolumCall[], query: URLSearchParams): readonly SolumCall[] {
  const from = readInstant(query.get('started_gte') ?? '');
  const to = readInstant(query.get('started_lte') ?? '');
  const search = query.get('q');
  const sessions = query.get('sessions_scheduled_min');
  const equals = EQUALS.filter((name) => query.has(name));
  if (from === undefined && to === undefined && search === null && sessions === null && equals.length === 0) {
    return calls;
  }
  return calls.filter((call) => {
    // A call without a start is in no window, as SQL's comparison with null has it.
    if (from !== undefined && (call.startedMs === null || call.startedMs < from)) return false;
    if (to !== undefined && (call.startedMs === null || call.startedMs > to)) return false;
    if (search !== null && !matchesSearch(call, search)) return false;
    if (sessions !== null && Number(call.fields.sessions_scheduled ?? 0) < Number(sessions)) return false;
    return equals.every((name) => call.fields[name] === query.get(name));
  });
}

/** FastAPI's list of validation errors. */
function findProblems(query: URLSearchParams): { [name: string]: string | string[] | { [name: string]: number } }[] {
  const problems = [
    ...findRangeProblems(query, 'page', Number.MAX_SAFE_INTEGER),
    ...findRangeProblems(query, 'limit', 100),
  ];
  for (const name of ['started_gte', 'started_lte']) {
    const input = query.get(name);
    if (input === null || readInstant(input) !== undefined) continue;
    const msg = 'Input should be a valid datetime or date, invalid character in year';
    problems.push({ type: 'datetime_from_date_parsing', loc: ['query', name], msg, input });
  }
  for (const [name, allowed] of Object.entries(ENUMS)) {
    const input = query.get(name);
    if (input === null || allowed.includes(input)) continue;
    const msg = `Input should be ${allowed.map((value) => `'${value}'`).join(', ')}`;
    problems.push({ type: 'enum', loc: ['query', name], msg, input });
  }
  return problems;
}

function findRangeProblems(query: URLSearchParams, name: string, most: number): ReturnType<typeof findProblems> {
  const input = query.get(name);
  if (input === null) return [];
  const loc = ['query', name];
  if (!/^-?\d+$/.test(input)) {
    const msg = 'Input should be a valid integer, unable to parse string as an integer';
    return [{ type: 'int_parsing', loc, msg, input }];
  }
  if (Number(input) < 1) {
    const msg = 'Input should be greater than or equal to 1';
    return [{ type: 'greater_than_equal', loc, msg, input, ctx: { ge: 1 } }];
  }
  if (Number(input) <= most) return [];
  return [
    { type: 'less_than_equal', loc, msg: `Input should be less than or equal to ${most}`, input, ctx: { le: most } },
  ];
}

function fail(status: number, kind: ApiAnswer['kind'], type: string, code: string, message: string): ApiAnswer {
  return { status, kind, body: toJsonText({ detail: { type, code, message, param: null } }) };
}
