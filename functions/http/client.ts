import { CredentialsError, InterruptedError, OutOfTimeError } from '../errors.ts';
import type { ErrorContext, Ports } from '../ports.ts';
import { type HttpResponse, judgeAnswer } from './judge-answer.ts';
import type { RequestPacer } from './request-pacer.ts';
import { backoffMs, LONGEST_WAIT_MS, rateLimitPauseMs } from './retry.ts';
import { type HttpRequest, type Sent, sendOnce } from './send.ts';

/** Sends requests to one account of one source, paced and retried. */
export interface HttpClient {
  /** Number of requests sent so far, repeats included. */
  readonly requests: () => number;
  /** True if more than the reserve is left of this run's time. */
  readonly hasTime: () => boolean;
  /**
   * @param context named in errors and log lines
   * @param read turns the parsed body into the caller's value; its own ContractError is retried as a passing fault
   * @throws SourceUnavailableError, CredentialsError, NotFoundError, ContractError, OutOfTimeError, InterruptedError
   */
  request<T>(request: HttpRequest, context: ErrorContext, read: (json: unknown) => T): Promise<HttpResponse<T>>;
}

/** HTTP headers that carry the credentials. */
type AuthHeaders = Readonly<Record<string, string>>;

/** What a client needs. */
export interface HttpClientOptions {
  readonly pacer: RequestPacer;
  /** Reads the headers with the credentials afresh at each call. */
  readonly authorize: () => Promise<AuthHeaders>;
  /** Where the credentials are kept, as messages name it: variables, and on AWS the secret. */
  readonly credentials: string;
  /** Time that must be left to send another request, ms. */
  readonly reserveMs: number;
  readonly ports: Pick<
    Ports,
    'fetch' | 'now' | 'random' | 'sleep' | 'timer' | 'remainingMs' | 'outOfTime' | 'signal' | 'log'
  >;
}

/** Why a run with little time left stops. */
export function whyOutOfTime({ outOfTime }: Pick<Ports, 'outOfTime'>): string {
  return `${outOfTime?.() ?? 'the time of this run is used up'}; the next run continues`;
}

/** Makes the client of one account. */
export function createClient(options: HttpClientOptions): HttpClient {
  const { authorize, credentials, reserveMs, ports, pacer } = options;
  const headers = credentialsOnce(authorize);
  let requests = 0;
  return {
    requests: () => requests,
    hasTime: () => ports.remainingMs() >= reserveMs,
    async request(request, context, read) {
      for (let tries = 1; ; tries += 1) {
        const used = headers.current();
        const auth = await used;
        await waitForTurn(options, context);
        requests += 1;
        const sent = await sendOnce(request, auth, ports, ports.remainingMs() - reserveMs / 2);
        if ('outOfTime' in sent) throw new OutOfTimeError(whyOutOfTime(ports), context);
        const judged = judgeAnswer(request, sent, { context, credentials, now: ports.now(), read });
        slowDown(options, sent, 'error' in judged ? judged.waitMs : undefined);
        if ('response' in judged) {
          pacer.ease();
          return judged.response;
        }
        const { error } = judged;
        const isRefused = error instanceof CredentialsError;
        if (isRefused ? !headers.renew(used) : tries >= judged.tries) throw error;
        const waitMs = isRefused ? 0 : (judged.waitMs ?? backoffMs(tries, ports.random));
        refuseLongWait(options, waitMs, context);
        ports.log('debug', 'trying again', { ...context, tries, waitMs: Math.round(waitMs), reason: error.name });
        if (waitMs > 0) await ports.sleep(waitMs, ports.signal);
      }
    },
  };
}

/** Waits until the account's next request may be sent. */
async function waitForTurn({ pacer, ports, reserveMs }: HttpClientOptions, context: ErrorContext): Promise<void> {
  if (ports.remainingMs() < reserveMs) throw new OutOfTimeError(whyOutOfTime(ports), context);
  if (pacer.waitMs() > ports.remainingMs() - reserveMs)
    throw new OutOfTimeError('the next request must wait longer than this run may; the next run continues', context);
  await pacer.take();
  if (ports.signal?.aborted) throw new InterruptedError('interrupted', context);
}

/** Slows all requests of the account as the vendor asks. */
function slowDown({ pacer, ports }: HttpClientOptions, sent: Sent, waitMs: number | undefined): void {
  if (!('status' in sent)) return;
  const pause = rateLimitPauseMs(sent.headers, ports.now());
  if (pause !== undefined) pacer.pause(Math.min(pause, LONGEST_WAIT_MS));
  if (sent.status === 429) pacer.halve();
  if (waitMs !== undefined && waitMs <= LONGEST_WAIT_MS) pacer.pause(waitMs);
}

function refuseLongWait({ ports, reserveMs }: HttpClientOptions, waitMs: number, context: ErrorContext): void {
  if (waitMs <= Math.min(LONGEST_WAIT_MS, ports.remainingMs() - reserveMs)) return;
  if (ports.remainingMs() < reserveMs) throw new OutOfTimeError(whyOutOfTime(ports), context);
  const asked = `the vendor asks to wait ${Math.ceil(waitMs / 1000)} s, longer than this run may`;
  throw new OutOfTimeError(`${asked}; the next run continues`, context);
}

/** Reads the credentials once, and a second time if the vendor refuses them, because the secret may have been rotated. */
function credentialsOnce(authorize: HttpClientOptions['authorize']) {
  let headers: Promise<AuthHeaders> | undefined;
  let isRenewed = false;
  return {
    current(): Promise<AuthHeaders> {
      headers ??= authorize();
      return headers;
    },
    /** @returns true if the request should be repeated, because other credentials are there than the refused ones */
    renew(refused: Promise<AuthHeaders>): boolean {
      if (headers !== refused) return true;
      if (isRenewed) return false;
      isRenewed = true;
      headers = undefined;
      return true;
    },
  };
}
