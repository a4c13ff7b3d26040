import { ContractError, InterruptedError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { HttpRequest } from './http-request.ts';
import { readBody } from './read-body.ts';

/** What came back of one request; a failure names a code, never an address. */
export type Sent =
  | { readonly status: number; readonly headers: Headers; readonly body: Buffer }
  | { readonly failure: string; readonly passing: boolean }
  | { readonly tooLarge: string }
  | { readonly outOfTime: true };

const ANSWER_MS = 15_000;
const IDLE_MS = 15_000;
const PAGE_MS = 60_000;
const NO_TIME = 'the run has no more time';
const LASTING = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_|ERR_TLS|ERR_SSL|ERR_INVALID_URL/;

/**
 * Sends one request: 15 s to the first byte, 15 s between bytes, 60 s in all; redirects are never followed.
 * @param withinMs time the run can spare; the request is given up after it, for what was read must still be committed
 */
export async function sendOnce(
  request: HttpRequest,
  auth: Readonly<Record<string, string>>,
  ports: Pick<Ports, 'fetch' | 'signal' | 'timer'>,
  withinMs: number,
): Promise<Sent> {
  const stop = new AbortController();
  const giveUp = (why: string) => () => stop.abort(new Error(why));
  const endWhole =
    withinMs < PAGE_MS
      ? ports.timer(Math.max(0, withinMs), giveUp(NO_TIME))
      : ports.timer(PAGE_MS, giveUp('no whole answer within 60 s'));
  let endIdle = ports.timer(ANSWER_MS, giveUp('no answer within 15 s'));
  const interrupt = () => stop.abort(new InterruptedError('interrupted'));
  ports.signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const response = await ports.fetch(request.url, {
      method: request.method,
      headers: {
        ...auth,
        accept: 'application/json',
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: request.body,
      redirect: 'manual',
      signal: stop.signal,
    });
    const body = await readBody(response, () => {
      endIdle();
      endIdle = ports.timer(IDLE_MS, giveUp('the answer stopped for 15 s'));
    });
    return { status: response.status, headers: response.headers, body };
  } catch (error) {
    if (stop.signal.reason instanceof InterruptedError) throw stop.signal.reason;
    if (error instanceof ContractError) return { tooLarge: error.message };
    const failure = stop.signal.aborted ? (stop.signal.reason as Error).message : codeOf(error);
    if (failure === NO_TIME) return { outOfTime: true };
    return { failure, passing: !LASTING.test(failure) };
  } finally {
    endWhole();
    endIdle();
    ports.signal?.removeEventListener('abort', interrupt);
  }
}

/** The system's code, such as ECONNREFUSED; a message could name the address. */
function codeOf(error: unknown): string {
  for (let seen = error; seen instanceof Error; seen = seen.cause) {
    if ('code' in seen && typeof seen.code === 'string') return seen.code;
    if (seen instanceof AggregateError && seen.errors[0] instanceof Error && 'code' in seen.errors[0])
      return String(seen.errors[0].code);
  }
  return error instanceof Error && error.message === 'terminated' ? 'connection closed early' : 'connection failed';
}
