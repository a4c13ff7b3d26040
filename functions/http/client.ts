import { CredentialsError, InterruptedError, OutOfTimeError } from '../errors.ts';
import type { Credentials, ErrorContext, Ports } from '../ports.ts';
import { type Auth, credentialsOf, headerText, type OAuth2 } from '../source/auth.ts';
import { steadyClock } from '../time.ts';
import type { AuthHeaders, Authorization } from './authorization.ts';
import { type HttpResponse, judgeAnswer } from './judge-answer.ts';
import { oauth2Token } from './oauth2-token.ts';
import type { RequestPacer } from './pacing.ts';
import { backoffMs, isRateLimit, LONGEST_WAIT_MS, rateLimitPauseMs } from './pacing.ts';
import { type HttpRequest, type Sent, sendOnce } from './send.ts';

/** Sends requests to one account of one source, paced and retried. */
export interface HttpClient {
  /** Number of requests sent so far, repeats included. */
  readonly requests: () => number;
  /** True if more time is left than the reserve. */
  readonly hasTime: () => boolean;
  /**
   * @param context named in errors and log lines
   * @param read turns the parsed body into the caller's value; its own ContractError is retried as a passing fault
   * @throws SourceUnavailableError, CredentialsError, NotFoundError, ContractError, OutOfTimeError, InterruptedError
   */
  request<T>(request: HttpRequest, context: ErrorContext, read: (json: unknown) => T): Promise<HttpResponse<T>>;
}

/** What a client needs. */
export interface HttpClientOptions {
  readonly pacer: RequestPacer;
  readonly auth: Auth;
  /** Reads the credentials afresh at each call. */
  readonly readCredentials: () => Promise<Credentials>;
  /** Where the credentials are kept, as messages name it: variables, and on AWS the secret. */
  readonly credentials: string;
  /** Address of the vendor's API, without a trailing slash. */
  readonly baseUrl: string;
  /** Address of tokens in place of the declared one. */
  readonly tokenUrl?: string | undefined;
  /** Headers of each request, besides those with the credentials; requests for tokens have none. @default none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Further statuses after which a request is tried again. */
  readonly retry?: readonly number[] | undefined;
  /** Time that must be left to send another request, ms; it changes from stream to stream. */
  readonly reserveMs: () => number;
  readonly ports: Pick<
    Ports,
    'fetch' | 'now' | 'random' | 'sleep' | 'timer' | 'remainingMs' | 'outOfTime' | 'signal' | 'log'
  >;
}

/** Why a run with little time left stops. */
function whyOutOfTime({ outOfTime }: Pick<Ports, 'outOfTime'>): string {
  return `${outOfTime?.() ?? 'the time of this run is used up'}; the next run continues`;
}

/** What decides whether a run continues. */
interface RunLimits {
  readonly client: Pick<HttpClient, 'hasTime'>;
  readonly ports: Pick<Ports, 'signal' | 'outOfTime'>;
  /** What the failure is about. */
  readonly id: ErrorContext;
}

/** Why a run stops before it has done everything; undefined if it continues. @param left what is left to do, for the message */
export function whyCut({ client, ports, id }: RunLimits, left: string): InterruptedError | OutOfTimeError | undefined {
  if (ports.signal?.aborted) return new InterruptedError(`interrupted: ${left}; the next run continues`, id);
  return client.hasTime() ? undefined : new OutOfTimeError(`${left}: ${whyOutOfTime(ports)}`, id);
}

/** Makes the client of one account. */
export function createClient(options: HttpClientOptions): HttpClient {
  const { auth, reserveMs, ports } = options;
  const headers = inLowerCase(options.headers ?? {});
  let requests = 0;
  const count = () => {
    requests += 1;
  };
  const authorization =
    auth.kind === 'oauth2'
      ? oauth2Token({ ...options, auth, now: steadyClock(ports.now), send: tokenSender(options, count) })
      : fixedHeaders(async (context) => headersOf(auth, await options.readCredentials(), context));
  return {
    requests: () => requests,
    hasTime: () => ports.remainingMs() >= reserveMs(),
    request: (request, context, read) =>
      exchange(options, { request: { ...request, headers }, context, read, authorization, count }),
  };
}

/** One request, until it is answered or given up. */
interface Exchange<T> {
  readonly request: HttpRequest;
  readonly context: ErrorContext;
  readonly read: (json: unknown) => T;
  readonly authorization: Authorization;
  /** Statuses that refuse the credentials. */
  readonly refusedBy?: readonly number[];
  /** Called for each request that is sent. */
  readonly count: () => void;
}

/** Credentials are renewed this often for one request; if it is refused each time, more do not help. */
const MOST_RENEWALS = 2;

async function exchange<T>(options: HttpClientOptions, one: Exchange<T>): Promise<HttpResponse<T>> {
  const { ports, pacer, reserveMs } = options;
  const { request, context, authorization } = one;
  let renewals = 0;
  for (let tries = 1; ; tries += 1) {
    // A request for a token takes a turn of its own, so it comes first. The token may end during the wait, so it is asked for again.
    await authorization.headers(context);
    await waitForTurn(options, context);
    const auth = await authorization.headers(context);
    one.count();
    const sent = await sendOnce(request, auth, ports, ports.remainingMs() - reserveMs() / 2);
    if ('outOfTime' in sent) throw new OutOfTimeError(whyOutOfTime(ports), context);
    const judged = judgeAnswer(request, sent, { ...options, ...one, now: ports.now() });
    slowDown(options, sent, 'error' in judged ? judged.waitMs : undefined);
    if ('response' in judged) {
      pacer.ease();
      authorization.accepted(auth);
      return judged.response;
    }
    const { error } = judged;
    const isRefused = error instanceof CredentialsError;
    if (isRefused) renewals += 1;
    if (isRefused ? renewals > MOST_RENEWALS || !authorization.renew(auth) : tries >= judged.tries) throw error;
    const waitMs = isRefused ? 0 : (judged.waitMs ?? backoffMs(tries, ports.random));
    refuseLongWait(options, waitMs, context);
    ports.log('debug', 'trying again', { ...context, tries, waitMs: Math.round(waitMs), reason: error.name });
    if (waitMs > 0) await ports.sleep(waitMs, ports.signal);
  }
}

/** Waits until the account's next request may be sent. */
async function waitForTurn({ pacer, ports, reserveMs }: HttpClientOptions, context: ErrorContext): Promise<void> {
  if (ports.remainingMs() < reserveMs()) throw new OutOfTimeError(whyOutOfTime(ports), context);
  if (pacer.waitMs() > ports.remainingMs() - reserveMs())
    throw new OutOfTimeError('the next request must wait longer than this run may; the next run continues', context);
  await pacer.take();
  if (ports.signal?.aborted) throw new InterruptedError('interrupted', context);
}

/** Slows all requests of the account as the vendor asks. */
function slowDown({ pacer, ports }: HttpClientOptions, sent: Sent, waitMs: number | undefined): void {
  if (!('status' in sent)) return;
  const pause = rateLimitPauseMs(sent.headers, ports.now());
  if (pause !== undefined) pacer.pause(Math.min(pause, LONGEST_WAIT_MS));
  if (isRateLimit(sent)) pacer.halve();
  if (waitMs !== undefined && waitMs <= LONGEST_WAIT_MS) pacer.pause(waitMs);
}

function refuseLongWait({ ports, reserveMs }: HttpClientOptions, waitMs: number, context: ErrorContext): void {
  if (waitMs <= Math.min(LONGEST_WAIT_MS, ports.remainingMs() - reserveMs())) return;
  if (ports.remainingMs() < reserveMs()) throw new OutOfTimeError(whyOutOfTime(ports), context);
  const asked = `the vendor asks to wait ${Math.ceil(waitMs / 1000)} s, longer than this run may`;
  throw new OutOfTimeError(`${asked}; the next run continues`, context);
}

/** Headers by their names in lower case. If two names differ in case only, the later one counts. */
function inLowerCase(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Reads the credentials once, and a second time if the vendor refuses them, because the secret may have been rotated. */
function fixedHeaders(read: (context: ErrorContext) => Promise<AuthHeaders>): Authorization {
  let headers: Promise<AuthHeaders> | undefined;
  let replaced: AuthHeaders | undefined;
  return {
    headers(context) {
      headers ??= read(context);
      return headers;
    },
    accepted() {},
    renew(refused) {
      if (replaced !== undefined) return refused === replaced;
      replaced = refused;
      headers = undefined;
      return true;
    },
  };
}

/** Text that a header can hold; around it blanks are removed. */
const FITS = /^[\t\x20-\x7e\x80-\xff]*$/;

/** @throws CredentialsError that names the variable of a credential which a header cannot hold */
function headersOf(auth: Exclude<Auth, OAuth2>, credentials: Credentials, context: ErrorContext): AuthHeaders {
  const headers = filledHeaders(auth, credentials);
  if (Object.values(headers).every((text) => FITS.test(text))) return headers;
  const unfit = credentialsOf(auth).find((name) => !FITS.test(credentials[name] ?? ''));
  throw new CredentialsError(
    `${unfit} has a character that no header can hold; expected the text that the vendor gave out, in one line`,
    context,
  );
}

function filledHeaders(auth: Exclude<Auth, OAuth2>, credentials: Credentials): AuthHeaders {
  const credential = (name: string) => credentials[name] ?? '';
  if (auth.kind === 'bearer') return { authorization: `Bearer ${credential(auth.token)}` };
  if (auth.kind === 'headers')
    return Object.fromEntries(
      Object.entries(auth.headers).map(([header, text]) => [header, headerText(text, credentials)]),
    );
  const pair = `${credential(auth.user)}:${credential(auth.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** A server of tokens also answers 400 if it refuses a client (RFC 6749, section 5.2). */
const REFUSED_CLIENT = [400, 401, 403];

/** Sends requests for tokens, which carry the client's own credentials. */
function tokenSender(options: HttpClientOptions, count: () => void): Parameters<typeof oauth2Token>[0]['send'] {
  return async (request, headers, context, read) => {
    const authorization = { headers: async () => headers, accepted() {}, renew: () => false };
    const { value } = await exchange(options, {
      ...{ request, context, read, count },
      ...{ authorization, refusedBy: REFUSED_CLIENT },
    });
    return value;
  };
}
