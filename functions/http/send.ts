import { AnswerTooLargeError, ConfigError, ContractError, DeclarationError, InterruptedError } from '../errors.ts';
import type { ErrorContext, Ports } from '../ports.ts';
import type { Partition } from '../source/page.ts';
import type { AskedRequest } from '../source/paging.ts';
import { MINUTE_MS } from '../time.ts';
import { USER_AGENT } from './user-agent.ts';
import type { AnswerHeaders, VendorAnswer } from './vendor-answer.ts';

/** One HTTP request to a vendor. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** The path template, which messages show. */
  readonly path: string;
  /** The complete address. It may hold ids, and must never be shown. */
  readonly url: string;
  readonly body?: string;
  /** @default 'application/json' */
  readonly contentType?: string;
  /** Further headers, by their names in lower case. @default none */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that came back. */
export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: Buffer;
}

/** An answer, or the failure to get one. A failure is a code or a phrase, never an address. */
export type Attempt = Answer | { readonly failure: string; readonly passing: boolean } | Refused;

/** An answer that was not read to its end. */
export interface Refused {
  readonly refused: string;
  readonly isTooLarge: boolean;
}

/** The outcome of one request. */
export type Sent = Attempt | { readonly outOfTime: true };

/** Time until the first byte. */
const ANSWER_MS = 15_000;
/** Time between two chunks. */
const IDLE_MS = 15_000;
/** Time for one complete answer. */
const PAGE_MS = MINUTE_MS;
const NO_TIME = 'the run has no more time';
/** Failures that a retry cannot repair. */
const LASTING = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_|ERR_TLS|ERR_SSL|ERR_INVALID_URL|EPROTO|^PROXY_4/;

/**
 * Sends one request, with limits of 15 s to the first byte, 15 s between chunks and 60 s in all. Redirects are not followed, because
 * they would carry the credentials to another address.
 * @param auth headers with the credentials
 * @param withinMs time that the run can spare; the request is aborted after it, so that everything read before can be committed
 * @throws InterruptedError if the run is interrupted
 */
export async function sendOnce(
  request: HttpRequest,
  auth: Readonly<Record<string, string>>,
  ports: Pick<Ports, 'fetch' | 'signal' | 'timer'>,
  withinMs: number,
): Promise<Sent> {
  const stop = new AbortController();
  const giveUp = (why: string) => () => stop.abort(new Error(why));
  const endPage =
    withinMs < PAGE_MS
      ? ports.timer(Math.max(0, withinMs), giveUp(NO_TIME))
      : ports.timer(PAGE_MS, giveUp('no complete answer within 60 s'));
  let endIdle = ports.timer(ANSWER_MS, giveUp('no answer within 15 s'));
  const interrupt = () => stop.abort(new InterruptedError('interrupted'));
  ports.signal?.addEventListener('abort', interrupt, { once: true });
  try {
    const response = await ports.fetch(request.url, {
      method: request.method,
      headers: {
        ...auth,
        accept: 'application/json',
        ...request.headers,
        'user-agent': USER_AGENT,
        ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: request.body }),
      signal: stop.signal,
    });
    const body = await readBody(response, () => {
      endIdle();
      endIdle = ports.timer(IDLE_MS, giveUp('the answer stopped for 15 s'));
    });
    return { status: response.status, headers: response.headers, body };
  } catch (error) {
    if (stop.signal.reason instanceof InterruptedError) throw stop.signal.reason;
    if (error instanceof ContractError)
      return { refused: error.message, isTooLarge: error instanceof AnswerTooLargeError };
    const failure = stop.signal.aborted ? (stop.signal.reason as Error).message : codeOf(error);
    if (failure === NO_TIME) return { outOfTime: true };
    return { failure, passing: !LASTING.test(failure) };
  } finally {
    endPage();
    endIdle();
    ports.signal?.removeEventListener('abort', interrupt);
  }
}

/** The system's code, such as ECONNREFUSED. The message is not used: it may contain the address. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'connection failed';
}

/** Largest body, bytes after decompression. A gzip bomb would otherwise fill the memory of a small Lambda. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Reads a body to its end.
 * @param alive is called at each chunk, so that the caller can restart its idle timer
 * @throws AnswerTooLargeError if the body is larger than 32 MiB after decompression; whatever the connection throws if it breaks
 */
async function readBody({ body }: VendorAnswer, alive: () => void): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    alive();
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES)
      throw new AnswerTooLargeError(
        `the answer is larger than ${MAX_BODY_BYTES >> 20} MiB; expected one page of records`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Checks the URL of a vendor: an origin, optionally with a path prefix.
 * @param setting name of the setting or variable, which messages show
 * @returns the URL without a trailing slash
 * @throws ConfigError unless it is https, or http to loopback. The text is never quoted, because it may contain a credential
 */
export function checkBaseUrl(text: string, setting: string, context: ErrorContext): string {
  const url = URL.canParse(text) && new URL(text);
  if (!url)
    throw new ConfigError(`${setting} is not a URL; expected an origin such as https://api.example.com`, context);
  if (url.username || url.password)
    throw new ConfigError(
      `${setting} contains a user name or password; put credentials into their own variables`,
      context,
    );
  if (url.search || url.hash)
    throw new ConfigError(
      `${setting} contains a query or fragment; expected an origin, optionally with a path`,
      context,
    );
  const isLocal = url.protocol === 'http:' && isLoopback(url.hostname);
  if (url.protocol !== 'https:' && !isLocal) {
    throw new ConfigError(
      `${setting} is not https; plain http is allowed to loopback only, because health data would travel unencrypted`,
      context,
    );
  }
  return `${url.origin}${url.pathname.replace(/(?<!\/)\/+$/, '')}`;
}

/** True for the address of this machine. @param host host name of a URL */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Address of a page: the path with the partition's parameters, and the query. It must never be shown. */
export function pageUrl(
  baseUrl: string,
  path: string,
  { params, query: own }: Partition,
  query: NonNullable<AskedRequest['query']>,
): string {
  const parameter = (name: string) => {
    if (params?.[name]) return params[name];
    throw new DeclarationError(
      `${path}: nothing fills {${name}}; expected a parameter of the partition, or a credential or option`,
    );
  };
  const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(parameter(name)));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...own, ...query }))
    for (const one of [value ?? []].flat()) search.append(name, String(one));
  const text = search.toString();
  return `${baseUrl}${filled}${text ? `?${text}` : ''}`;
}
