import { type ScriptedAnswer, type ScriptedRequest, scriptedServer } from './scripted-server.ts';

/** A call as the vendor lists it. */
export interface CappedCall {
  readonly id: string;
  /** Seconds since the epoch; null for a call that never began, which no filter shows. */
  readonly started_at: number | null;
  readonly status: string;
}

/** A vendor that shows no more than a number of calls per query. What it serves may be changed while it runs. */
export interface CappedVendor {
  calls: readonly CappedCall[];
  /** Calls that one query can show. */
  readonly cap: number;
  /** What its total counts: all calls of the query, those that it can show, or it gives none. */
  readonly total: 'all' | 'shown' | 'none';
  /** What it does with a page beyond the cap. @default 'refused' */
  readonly beyond?: 'refused' | 'empty';
  /** Which calls its end signal knows of: those that it can show, or all. @default 'shown' */
  readonly hasMore?: 'shown' | 'found';
  /** It filters by whole days, whatever instants are requested. */
  readonly byDay?: boolean;
  /** Answers in place of the usual one. */
  answer?: ((request: ScriptedRequest, number: number) => ScriptedAnswer | undefined) | undefined;
}

/** A server of the vendor in `test/fixtures/sources/capped.ts`. A page beyond the cap is refused. */
export async function cappedServer(vendor: CappedVendor) {
  return scriptedServer((request) => vendor.answer?.(request, request.number) ?? answerOf(vendor, request));
}

function answerOf(
  { calls, cap, total, beyond, hasMore, byDay = false }: CappedVendor,
  { query }: ScriptedRequest,
): ScriptedAnswer {
  const { from, to } = query;
  const unit = (at: string | number) => (byDay ? Math.floor(Number(at) / 86_400) : Number(at));
  const isIn = (at: number | null) =>
    (from === undefined && to === undefined) ||
    (at !== null && unit(at) >= unit(from ?? 0) && unit(at) <= unit(to ?? Number.POSITIVE_INFINITY));
  const page = Number(query['page']);
  const size = Number(query['per_page']);
  if ((page - 1) * size >= cap && beyond !== 'empty') return { status: 422, body: '{"error":"no more than that"}' };
  const found = calls
    .filter(({ started_at: at }) => isIn(at))
    .sort((a, b) => (b.started_at ?? 0) - (a.started_at ?? 0));
  const shown = found.slice(0, cap);
  const isLast = page * size >= (hasMore === 'found' ? found : shown).length;
  return {
    json: {
      calls: shown.slice((page - 1) * size, page * size).map((call) => ({ opt_out: false, ...call })),
      meta: {
        current_page: page,
        next_page_link: isLast ? null : `https://elsewhere.example/calls?page=${page + 1}`,
        ...(total === 'none' ? {} : { total: total === 'all' ? found.length : shown.length }),
      },
    },
  };
}
