import { type ScriptedAnswer, type ScriptedRequest, scriptedServer } from './scripted-server.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A call of Kalem's and the lists that show it. */
export interface KalemCall {
  /** `both`: the vendor ignores the filter; `none`: only the list without a filter shows the call. */
  readonly lists: 'inbound' | 'outbound' | 'both' | 'none';
  readonly call: Fields;
}

/** What Kismet answers. */
export interface KismetRecords {
  readonly users: readonly Fields[];
  /** Calls by clinician. */
  readonly calls: Readonly<Record<string, readonly Fields[]>>;
  /** Audit log entries by call. */
  readonly audits: Readonly<Record<string, readonly Fields[]>>;
  /** Figures by clinician, or `organization`. */
  readonly metrics: Readonly<Record<string, Fields>>;
}

/** Kalem's list over an array that the test may change: Laravel's `meta`, page by page. */
export async function kalemServer(calls: readonly KalemCall[]) {
  return scriptedServer(({ query }) => {
    const asked = query['direction'];
    const shown = calls.filter(({ lists }) => asked === undefined || lists === 'both' || lists === asked);
    const [page, size] = [Number(query['page']), Number(query['per_page'])];
    const data = shown.slice((page - 1) * size, page * size).map(({ call }) => call);
    const last = Math.max(1, Math.ceil(shown.length / size));
    return { json: { data, meta: { current_page: page, last_page: last, total: shown.length } } };
  });
}

/** Kismet over records that the test may change. */
export async function kismetServer(records: KismetRecords) {
  return scriptedServer((request) => answerOf(records, request));
}

function answerOf({ users, calls, audits, metrics }: KismetRecords, request: ScriptedRequest): ScriptedAnswer {
  const { path, query } = request;
  const [, user, call] = /users\/(\d+)\/calls(?:\/(\d+)\/audit_logs)?$/.exec(path) ?? [];
  if (path.endsWith('/organization_users')) return kismetPage('organization_users', users, query);
  if (path.endsWith('/call_metrics')) return { json: metrics[query['user_id'] ?? 'organization'] ?? {} };
  if (call !== undefined) return kismetPage('audit_logs', audits[call] ?? [], query);
  return kismetPage('calls', calls[user ?? ''] ?? [], query);
}

function kismetPage(name: string, list: readonly Fields[], query: ScriptedRequest['query']): ScriptedAnswer {
  const [page, size] = [Number(query['page']), Number(query['per_page'])];
  const pages = Math.max(1, Math.ceil(list.length / size));
  const pagination = { current_page: page, per_page: size, total_pages: pages, total_count: list.length };
  return { json: { [name]: list.slice((page - 1) * size, page * size), pagination } };
}
