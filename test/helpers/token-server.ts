import { type ScriptedAnswer, type ScriptedRequest, scriptedServer } from './scripted-server.ts';

/** A vendor whose list has tokens. What it serves may be changed while it runs. */
export interface TokenVendor {
  /** Records, newest first. */
  records: readonly { readonly id: string; readonly started_at: string; readonly status?: string }[];
  /** Answers in place of the usual one. */
  answer?: ((asked: TokenAsked) => ScriptedAnswer | undefined) | undefined;
  /** Tokens of an earlier generation are refused. */
  generation: number;
  /** Tokens for access that the vendor accepts; it gives out `access-1`, `access-2`, … */
  access: (token: string) => boolean;
}

/** A request for a page. */
export interface TokenAsked {
  readonly request: ScriptedRequest;
  readonly next: string | undefined;
  /** How many requests for pages came before it. */
  readonly number: number;
}

/** Calls of one hour each, newest first, each with an id. */
export function tokenCalls(count: number): TokenVendor['records'] {
  const newest = Date.parse('2026-11-01T08:00:00Z');
  return Array.from({ length: count }, (_, n) => ({
    id: `call-${n}`,
    started_at: new Date(newest - n * 3_600_000).toISOString(),
  }));
}

/** A server of the two vendors in `test/fixtures/sources/` whose lists have tokens. */
export async function tokenServer(vendor: TokenVendor) {
  let given = 0;
  const pages: TokenAsked[] = [];
  const server = await scriptedServer((request) => {
    if (request.path === '/oauth/token') {
      given += 1;
      return { json: { access_token: `access-${given}`, token_type: 'bearer', expires_in: 3600 } };
    }
    const asked = { request, next: nextOf(request), number: pages.length };
    pages.push(asked);
    if (!vendor.access(request.headers.authorization?.replace('Bearer ', '') ?? '')) return { status: 401, body: '{}' };
    return vendor.answer?.(asked) ?? answerOf(vendor, asked);
  });
  return { ...server, pages };
}

function nextOf({ method, query, body }: ScriptedRequest): string | undefined {
  return method === 'POST' ? JSON.parse(body).pagination_key : query['cursor'];
}

function answerOf({ records: all, generation }: TokenVendor, { request, next }: TokenAsked): ScriptedAnswer {
  const [made = generation, begin = 0] = next?.split('-').map(Number) ?? [];
  if (made !== generation) return { status: 400, body: '{"message":"the token has expired"}' };
  const isPost = request.method === 'POST';
  const records = isPost ? all : withinMonth(all, request.query);
  const size = Number(isPost ? JSON.parse(request.body).limit : request.query['page_size']);
  const shown = records.slice(begin, begin + size).map((record) => ({ opt_out: false, note: '-', ...record }));
  const end = begin + shown.length;
  const token = end < records.length ? `${generation}-${end}` : undefined;
  if (isPost) {
    return { json: { items: shown, pagination_key: token, has_more: token !== undefined, total: records.length } };
  }
  const next_page_uri = token === undefined ? null : `https://elsewhere.example/calls?page_size=4&cursor=${token}`;
  return { json: { calls: shown, next_page_uri } };
}

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 30;

/** The records of these days. Of more than 30 days, the vendor shows the last 30 without a word; without a window, the last day. */
function withinMonth(records: TokenVendor['records'], { from, to }: ScriptedRequest['query']): TokenVendor['records'] {
  const newest = records[0]?.started_at.slice(0, 10) ?? '';
  const last = to ?? newest;
  const least = new Date(Date.parse(last) - (LONGEST_DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
  const first = from === undefined ? newest : from < least ? least : from;
  return records.filter(({ started_at: at }) => at.slice(0, 10) >= first && at.slice(0, 10) <= last);
}
