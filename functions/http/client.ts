import {
  ContractError,
  CredentialsError,
  InterruptedError,
  NotFoundError,
  OutOfTimeError,
  SourceUnavailableError,
} from '../errors.ts';
import type { Ports, Where } from '../ports.ts';
import { parseJson } from './lossless-json.ts';
import { rateLimitPauseMs, retryAfterMs } from './retry-after.ts';
import { sendOnce } from './send.ts';
import type { TokenBucket } from './token-bucket.ts';

/** One question to the vendor. `path` is the template that messages show; `url` the whole address, shown nowhere. */
export interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly url: string;
  readonly body?: string;
}

/** An answer: the bytes as served, and what the reader made of them. */
export interface Answer<T> {
  readonly bytes: Buffer;
  readonly value: T;
}

/** Asks one account of one source, paced and retried. */
export interface Client {
  /** Requests sent so far, repeats included. */
  readonly requests: () => number;
  /** More than the reserve is left of this run's time. */
  readonly hasTime: () => boolean;
  /**
   * @param read turns the parsed body into what is wanted; a {@link ContractError} of its own is retried as a passing fault
   * @throws SourceUnavailableError, CredentialsError, NotFoundError, ContractError, OutOfTimeError
   */
  ask<T>(question: Question, where: Where, read: (json: unknown) => T): Promise<Answer<T>>;
}

/** What a client needs besides the ports. */
export interface ClientOptions {
  readonly bucket: TokenBucket;
  /** Headers of the credentials, read afresh. */
  readonly authorize: () => Promise<Readonly<Record<string, string>>>;
  /** Time that must be left to send another request. */
  readonly reserveMs: number;
  readonly ports: Pick<Ports, 'fetch' | 'now' | 'random' | 'sleep' | 'timer' | 'remainingMs' | 'signal' | 'log'>;
}

const OUT_OF_TIME = 'the time of this run is used up; the next run goes on';
const TRIES = 8;
/** Where nobody answers at all, more tries tell no more. */
const TRIES_UNREACHABLE = 5;
const UNREACHABLE = /^(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH)$/;
const BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 8000;
/** A vendor that asks for more patience than this is left alone until the next run. */
const LONGEST_WAIT_MS = 300_000;
const RETRIED = new Set([408, 425, 429]);

/** What one try came to: an answer, or how to go on. */
type Outcome<T> =
  | { readonly answer: Answer<T> }
  | { readonly error: Error; readonly again: boolean; readonly waitMs?: number; readonly tries?: number };

/** Makes the client of one account. */
export function createClient({ bucket, authorize, reserveMs, ports }: ClientOptions): Client {
  let requests = 0;
  let headers: Promise<Readonly<Record<string, string>>> | undefined;
  let refreshed = false;
  const hasTime = () => ports.remainingMs() >= reserveMs;

  async function attempt<T>(question: Question, where: Where, read: (json: unknown) => T): Promise<Outcome<T>> {
    headers ??= authorize();
    const used = headers;
    const auth = await used;
    if (bucket.waitMs() > ports.remainingMs() - reserveMs) {
      throw new OutOfTimeError('the next request must wait longer than this run may; the next run goes on', where);
    }
    await bucket.take();
    if (ports.signal?.aborted) throw new InterruptedError('interrupted', where);
    requests += 1;
    const sent = await sendOnce(question, auth, ports, ports.remainingMs() - reserveMs / 2);
    if ('outOfTime' in sent) throw new OutOfTimeError(OUT_OF_TIME, where);
    if ('tooLarge' in sent)
      return { error: new ContractError(`${label(question)}: ${sent.tooLarge}`, where), again: false };
    if ('failure' in sent)
      return {
        error: new SourceUnavailableError(
          `${label(question)} got no answer (${sent.failure}); check the network and the vendor's status, the next run goes on`,
          where,
        ),
        again: sent.passing,
        tries: UNREACHABLE.test(sent.failure) ? TRIES_UNREACHABLE : TRIES,
      };
    const pause = rateLimitPauseMs(sent.headers, ports.now());
    if (pause !== undefined) bucket.pause(Math.min(pause, LONGEST_WAIT_MS));
    if (sent.status >= 200 && sent.status < 300) return readAnswer(question, where, sent.body, read);
    if (sent.status === 401 || sent.status === 403) return refused(question, where, sent.status, used);
    return refusal(question, where, sent.status, retryAfterMs(sent.headers.get('retry-after'), ports.now()));
  }

  /** A rotated secret is read once more, whoever of several requests in flight notices first. */
  function refused(question: Question, where: Where, status: number, used: typeof headers): Outcome<never> {
    const again = headers !== used || !refreshed;
    if (headers === used) {
      refreshed = true;
      headers = undefined;
    }
    return {
      error: new CredentialsError(
        `${label(question)} answered ${status}: the vendor refused the credentials; check them`,
        where,
      ),
      again,
      waitMs: 0,
    };
  }

  function refusal(question: Question, where: Where, status: number, waitMs: number | undefined): Outcome<never> {
    const said = `${label(question)} answered ${status}`;
    if (status === 429) bucket.halve();
    // Requests that are asked side by side wait as well.
    if (waitMs !== undefined && waitMs <= LONGEST_WAIT_MS) bucket.pause(waitMs);
    if (RETRIED.has(status) || status >= 500) {
      return {
        error: new SourceUnavailableError(`${said}; the vendor is unavailable, the next run goes on`, where),
        again: true,
        waitMs,
      };
    }
    if (status === 404) return { error: new NotFoundError(`${said}; expected it to exist`, where), again: false };
    const hint =
      status >= 300 && status < 400
        ? 'redirects are not followed, since they would carry the credentials along'
        : 'expected 2xx';
    return { error: new ContractError(`${said}; ${hint}`, where), again: false };
  }

  return {
    requests: () => requests,
    hasTime,
    async ask(question, where, read) {
      for (let tries = 1; ; tries += 1) {
        if (!hasTime()) throw new OutOfTimeError(OUT_OF_TIME, where);
        const outcome = await attempt(question, where, read);
        if ('answer' in outcome) {
          bucket.ease();
          return outcome.answer;
        }
        if (!outcome.again || tries >= (outcome.tries ?? TRIES)) throw outcome.error;
        const waitMs = outcome.waitMs ?? ports.random() * Math.min(LONGEST_BACKOFF_MS, BACKOFF_MS * 2 ** tries);
        if (waitMs > Math.min(LONGEST_WAIT_MS, ports.remainingMs() - reserveMs)) {
          throw new OutOfTimeError(
            `the vendor asks to wait ${Math.ceil(waitMs / 1000)} s, longer than this run may; the next run goes on`,
            where,
          );
        }
        ports.log('debug', 'asking again', { ...where, tries, waitMs: Math.round(waitMs), reason: outcome.error.name });
        if (waitMs > 0) await ports.sleep(waitMs, ports.signal);
      }
    },
  };
}

/** A body that is not what the document says, at status 200, is retried: vendors serve error pages so (T18, T21). */
function readAnswer<T>(question: Question, where: Where, bytes: Buffer, read: (json: unknown) => T): Outcome<T> {
  const text = bytes.toString('utf8');
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch {
    // The parser's own message would quote the body.
    return {
      error: new ContractError(
        `${label(question)} answered 200 with a body of ${text.length} characters that is not JSON`,
        where,
      ),
      again: true,
    };
  }
  try {
    return { answer: { bytes, value: read(parsed) } };
  } catch (error) {
    if (error instanceof ContractError)
      return { error: new ContractError(`${label(question)}: ${error.message}`, where), again: error.retryable };
    throw error;
  }
}

function label({ method, path }: Question): string {
  return `${method} ${path}`;
}
