import { type ScriptedAnswer, type ScriptedRequest, scriptedServer } from './scripted-server.ts';

/** A call as Zudu lists it. */
export type ZuduCall = Readonly<Record<string, unknown>>;

/** Zudu's list over an array that the test may change, by GET and by POST, in the array's order. */
export async function zuduServer(
  calls: ZuduCall[],
  bend: (data: Record<string, unknown>, request: ScriptedRequest) => ScriptedAnswer | undefined = () => undefined,
) {
  return scriptedServer((request) => {
    const asked = request.method === 'POST' ? JSON.parse(request.body) : request.query;
    const [page, limit] = [Number(asked.page), Number(asked.limit)];
    const data = {
      calls: calls.slice(page * limit, (page + 1) * limit),
      pagination: { page, limit, total_count: calls.length, has_next_page: (page + 1) * limit < calls.length },
    };
    return bend(data, request) ?? zuduAnswer(data);
  });
}

/** The newest instant of {@link zuduCalls}. */
export const ZUDU_START_MS = Date.parse('2026-11-01T08:00:00Z');

/** Calls of Zudu, one an hour, the newest first. */
export function zuduCalls(count: number): ZuduCall[] {
  return Array.from({ length: count }, (_, n) => ({
    id: `id-${n}`,
    call_id: `call-${n}`,
    start_timestamp: ZUDU_START_MS - n * 3_600_000,
    opt_out_sensitive_data_storage: false,
  }));
}

/** Zudu's envelope of a list. */
export function zuduAnswer(data: unknown): ScriptedAnswer {
  return { json: { message: 'Calls retrieved successfully', status: 'success', error: null, data } };
}

export const ZUDU_ENV = { ZUDU_API_KEY: 'key', ZUDU_API_SECRET: 'secret' };
