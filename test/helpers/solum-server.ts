import { type ScriptedAnswer, type ScriptedRequest, scriptedServer } from './scripted-server.ts';

/** A call as Solum lists it. */
export type SolumCall = Readonly<Record<string, unknown>> & { readonly id: string };

/** A page of the answer; a test may change it. */
export interface SolumPage {
  readonly data: readonly unknown[];
  readonly pagination?: Readonly<Record<string, unknown>> | undefined;
}

/** Options of the served list. */
export interface SolumServerOptions {
  /** Changes the page, or answers something else. */
  readonly bend?: (page: SolumPage, request: ScriptedRequest) => SolumPage | ScriptedAnswer;
  /** Called before each page is made. */
  readonly before?: (request: ScriptedRequest) => void;
}

/** Solum's list over an array that the test may change, in the array's order. */
export async function solumServer(calls: SolumCall[], options: SolumServerOptions = {}) {
  return scriptedServer((request) => {
    options.before?.(request);
    const page = pageOf(calls, request);
    const bent = options.bend?.(page, request) ?? page;
    return typeof bent === 'object' && 'data' in bent ? { json: bent } : (bent as ScriptedAnswer);
  });
}

function pageOf(calls: readonly SolumCall[], { query }: ScriptedRequest): SolumPage {
  const from = query['started_gte'] === undefined ? undefined : Date.parse(query['started_gte']);
  const chosen =
    from === undefined ? calls : calls.filter((call) => Date.parse(String(call['started_at'] ?? '')) >= from);
  const [page, limit] = [Number(query['page']), Number(query['limit'])];
  const data = chosen.slice((page - 1) * limit, page * limit);
  return { data, pagination: { has_more: page * limit < chosen.length, total: chosen.length, page, limit } };
}

const START_MS = Date.parse('2026-11-01T08:00:00Z');

/** A call that began the given minutes before 2026-11-01T08:00Z. */
export function solumCall(
  id: string | number,
  minutesAgo: number,
  fields: Readonly<Record<string, unknown>> = {},
): SolumCall {
  const at = new Date(START_MS - minutesAgo * 60_000).toISOString();
  return { id: String(id), created_at: at, started_at: at, status: 'pending', ...fields };
}

/** Calls `1` (the newest) to `count`, an hour apart. */
export function solumCalls(count: number, everyMinutes = 60): SolumCall[] {
  return Array.from({ length: count }, (_, n) => solumCall(n + 1, n * everyMinutes));
}
