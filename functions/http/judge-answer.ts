import { ContractError, CredentialsError, NotFoundError, SourceUnavailableError } from '../errors.ts';
import type { ErrorContext } from '../ports.ts';
import { parseJson } from './lossless-json.ts';
import { mostTries, retryAfterMs } from './retry.ts';
import type { HttpRequest, Sent } from './send.ts';

/** What one try came to: an answer, or an error and whether to try again. */
export type Judgement<T> =
  | { readonly response: HttpResponse<T> }
  | {
      readonly error: Error;
      /** Tries to make in all, this one included; 1: do not try again. */
      readonly tries: number;
      /** Time that the vendor asks to wait, ms. */
      readonly waitMs?: number | undefined;
    };

/** An answer that came back, or the failure to get one. */
export type Attempt = Exclude<Sent, { readonly outOfTime: true }>;

/** Statuses that say "try again": request timeout, too early, too many requests. */
const RETRIED = new Set([408, 425, 429]);

/**
 * Decides what an attempt means.
 * @param now the clock, ms, for a `Retry-After` that is a date
 * @param read turns the parsed body into what the caller wants; its own {@link ContractError} counts as a passing fault
 */
export function judgeAnswer<T>(
  request: HttpRequest,
  sent: Attempt,
  { context, now, read }: { readonly context: ErrorContext; readonly now: number; readonly read: (json: unknown) => T },
): Judgement<T> {
  const label = requestLabel(request);
  if ('tooLarge' in sent) return { error: new ContractError(`${label}: ${sent.tooLarge}`, context), tries: 1 };
  if ('failure' in sent) {
    const remedy = "check the network and the vendor's status; the next run continues";
    const error = new SourceUnavailableError(`${label} got no answer (${sent.failure}); ${remedy}`, context);
    return { error, tries: sent.passing ? mostTries(sent.failure) : 1 };
  }
  const { status } = sent;
  if (status >= 200 && status < 300) return readAnswer(label, sent.body, context, read);
  if (status === 401 || status === 403) {
    const error = new CredentialsError(
      `${label} answered ${status}: the vendor refused the credentials; check them`,
      context,
    );
    return { error, tries: 2 };
  }
  if (RETRIED.has(status) || status >= 500) {
    const error = new SourceUnavailableError(
      `${label} answered ${status}: the vendor is unavailable; the next run continues`,
      context,
    );
    return { error, tries: mostTries(undefined), waitMs: retryAfterMs(sent.headers.get('retry-after'), now) };
  }
  return { error: refusal(label, status, context), tries: 1 };
}

function refusal(label: string, status: number, context: ErrorContext): ContractError {
  if (status === 404) return new NotFoundError(`${label} answered 404; expected it to exist`, context);
  const hint =
    status >= 300 && status < 400
      ? 'redirects are not followed, because they would carry the credentials to another address'
      : 'expected 2xx';
  return new ContractError(`${label} answered ${status}; ${hint}`, context);
}

/** Some vendors answer errors with status 200 and an HTML or partial body, so a body that cannot be read is a passing fault. */
function readAnswer<T>(label: string, bytes: Buffer, context: ErrorContext, read: (json: unknown) => T): Judgement<T> {
  const text = bytes.toString('utf8');
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch {
    // The parser's own message would quote the body.
    const seen = `answered 200 with a body of ${text.length} characters that is not JSON`;
    return { error: new ContractError(`${label} ${seen}`, context), tries: mostTries(undefined) };
  }
  try {
    return { response: { bytes, value: read(parsed) } };
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return { error: new ContractError(`${label}: ${error.message}`, context), tries: mostTries(undefined) };
  }
}

/** An answer: its bytes as served, and what the reader made of them. */
export interface HttpResponse<T> {
  readonly bytes: Buffer;
  readonly value: T;
}

/** How messages name a request. */
function requestLabel({ method, path }: HttpRequest): string {
  return `${method} ${path}`;
}
