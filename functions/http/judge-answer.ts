import { isUtf8 } from 'node:buffer';
import { isJsonObject, valueAtPath } from '../../schemas/json-text.ts';
import {
  AnswerTooLargeError,
  ContractError,
  CredentialsError,
  RequestRefusedError,
  SourceUnavailableError,
} from '../errors.ts';
import type { ErrorContext } from '../ports.ts';
import { describeFailure } from './connection-fault.ts';
import { bytesAsRead, decodeBody } from './decode-body.ts';
import { describeBlock } from './firewall.ts';
import { JsonLimitError } from './json-error.ts';
import { parseJson } from './lossless-json.ts';
import { isRateLimit, mostTries, retryAfterMs } from './pacing.ts';
import { refusal, refusedCredentials, settingOf } from './refusal.ts';
import type { Answer, Attempt, HttpRequest } from './send.ts';
import { vendorWords } from './vendor-words.ts';

/** The outcome of one try: an answer, or an error and whether to try again. */
export type Judgement<T> =
  | { readonly response: HttpResponse<T> }
  | {
      readonly error: Error;
      /** Tries to make in all, this one included; 1: do not try again. */
      readonly tries: number;
      /** Time that the vendor asks to wait, ms. */
      readonly waitMs?: number | undefined;
    };

/** Statuses that say "try again", besides a rate limit: request timeout, too early. */
const RETRIED = new Set([408, 425]);

/** What the judgement of an attempt needs to know. */
export interface JudgeOptions<T> {
  readonly context: ErrorContext;
  /** Where the credentials are kept, as messages name it. */
  readonly credentials: string;
  /** Statuses that refuse the credentials. @default 401, 403 */
  readonly refusedBy?: readonly number[] | undefined;
  /** Further statuses that say "try again". */
  readonly retry?: readonly number[] | undefined;
  /** The clock, ms, for a `Retry-After` that is a date. */
  readonly now: number;
  /** Turns the parsed body into what the caller wants. Its own {@link ContractError} is a passing fault, a {@link CredentialsError} a refusal. */
  readonly read: (json: unknown) => T;
}

/** Decides what an attempt means. */
export function judgeAnswer<T>(request: HttpRequest, sent: Attempt, options: JudgeOptions<T>): Judgement<T> {
  const { context, now, refusedBy = [401, 403], retry = [] } = options;
  // How messages name the request.
  const label = `${request.method} ${request.path}`;
  if ('refused' in sent) {
    const Refusal = sent.isTooLarge ? AnswerTooLargeError : ContractError;
    return { error: new Refusal(`${label}: ${sent.refused}`, context), tries: 1 };
  }
  if ('failure' in sent) {
    const error = new SourceUnavailableError(`${label} ${describeFailure(sent.failure, settingOf(context))}`, context);
    return { error, tries: sent.passing ? mostTries(sent.failure) : 1 };
  }
  const { status } = sent;
  const isGood = status >= 200 && status < 300;
  const judged = isGood ? readAnswer(label, sent, options) : undefined;
  if (judged && 'response' in judged) return judged;
  const block = describeBlock(sent);
  if (block !== undefined) {
    const says = `answered ${status} with ${block}: a firewall refused the request before it reached the API`;
    const remedy = 'ask the vendor to allow the address of this machine (or of its proxy); the next run tries again';
    return { error: new SourceUnavailableError(`${label} ${says}; ${remedy}`, context), tries: 1 };
  }
  if (judged && !(judged.error instanceof CredentialsError)) return judged;
  const says = `answered ${status}${vendorWords(request, sent)}`;
  const isLimited = isRateLimit(sent);
  if ((judged || refusedBy.includes(status)) && !isLimited)
    return { error: refusedCredentials(`${label} ${says}`, sent, options), tries: 2 };
  if (isLimited || RETRIED.has(status) || status >= 500 || retry.includes(status)) {
    const reason = `${label} answered ${status}: the vendor is unavailable; the next run continues`;
    const error = new SourceUnavailableError(reason, context);
    return { error, tries: mostTries(undefined), waitMs: retryAfterMs(sent.headers.get('retry-after'), now) };
  }
  return { error: refusal(`${label} ${says}`, status, context), tries: 1 };
}

/** Some vendors answer errors with status 200 and an HTML or partial body, so a body that cannot be read is a passing fault. */
function readAnswer<T>(label: string, { status, headers, body }: Answer, options: JudgeOptions<T>): Judgement<T> {
  const { context, read } = options;
  const wrong = (seen: string, Wrong = ContractError, tries = mostTries(undefined)) => ({
    error: new Wrong(`${label} answered ${status} ${seen}`, context),
    tries,
  });
  if (status === 204 || status === 205)
    return wrong('without a body; expected JSON, also if there are no records', RequestRefusedError, 1);
  if (body.length === 0) return wrong('with an empty body; expected JSON, also if there are no records');
  const contentType = headers.get('content-type') ?? '';
  const isPlain = isPlainUtf8(body, contentType);
  const decoded = isPlain ? { text: body.toString('utf8') } : decodeBody(body, contentType);
  if ('wrong' in decoded) return wrong(`with a body ${decoded.wrong}`);
  let parsed: unknown;
  let isRepeated = false;
  try {
    parsed = parseJson(decoded.text, () => {
      isRepeated = true;
    });
  } catch (error) {
    if (error instanceof JsonLimitError) {
      const says = `${label}: the answer has ${error.message}; expected one page of records`;
      return { error: new AnswerTooLargeError(says, context), tries: 1 };
    }
    // The parser's own message would quote the body.
    const kind = /^\s*</.test(decoded.text) ? 'that is an HTML or XML page; expected JSON' : 'that is not JSON';
    return wrong(`with a body of ${decoded.text.length} characters ${kind}`);
  }
  try {
    const value = read(parsed);
    if (isRepeated) return { response: { bytes: bytesAsRead(parsed), value, isRepeated } };
    return { response: { bytes: isPlain ? body : Buffer.from(decoded.text), value } };
  } catch (error) {
    if (error instanceof CredentialsError) return { error, tries: 1 };
    if (!(error instanceof ContractError)) throw error;
    return { error: new ContractError(`${label}: ${error.message}`, context), tries: mostTries(undefined) };
  }
}

/** Charsets other than UTF-8 and those of single bytes, which servers declare by default and which are hardly valid UTF-8 by chance. */
const FOREIGN = /charset(?!\s*=\s*["']?(?:utf-?8|us-ascii|iso-?8859-\d+|latin-?1|windows-125\d)\b)/i;

/** True for nearly every answer. */
function isPlainUtf8(bytes: Buffer, contentType: string): boolean {
  return !FOREIGN.test(contentType) && isUtf8(bytes);
}

/**
 * An answer: its bytes in UTF-8, as served unless the vendor used another charset or repeats names, and what the reader made of them. The bytes
 * have no value that the reader does not see, because nothing could remove it from a raw copy later.
 */
export interface HttpResponse<T> {
  readonly bytes: Buffer;
  readonly value: T;
  /** Set if an object has two members of one name. Only the last one was read, and is in the bytes. */
  readonly isRepeated?: boolean;
}

type Sign = (value: unknown) => boolean;

/** Fields that say whether a request succeeded, in lower case and without `_`, and the values by which they say that it did not. */
const PLAIN_SIGNS: Readonly<Record<string, Sign>> = {
  ...ofAll(['success', 'succeeded', 'successful', 'issuccess', 'issuccessful', 'ok', 'isok'], isNo),
  ...ofAll(['error', 'errors'], reportsError),
  iserror: isYes,
};

/** Those that mean something else in a single record, such as how a call ended. */
const OTHER_SIGNS: Readonly<Record<string, Sign>> = {
  ...ofAll(['haserror', 'haserrors', 'failed', 'isfailed'], isYes),
  ...ofAll(['errorcode', 'errcode', 'errormessage', 'errormsg', 'exception', 'fault'], reportsError),
  ...ofAll(['code', 'statuscode', 'httpstatus', 'httpcode', 'httpstatuscode'], isErrorCode),
  ...ofAll(['result', 'state', 'type'], isFailedWord),
  status: (value) => value === false || isFailedWord(value) || isErrorCode(value),
};

const SIGNS = { ...PLAIN_SIGNS, ...OTHER_SIGNS };
/** Signs that are no failure in the details of a single record, which may have such fields; see {@link failureIn}. */
export const MAY_BE_DATA: readonly string[] = Object.keys(OTHER_SIGNS);

function ofAll(names: readonly string[], sign: Sign): Readonly<Record<string, Sign>> {
  return Object.fromEntries(names.map((name) => [name, sign]));
}

/** The field by which an answer with status 200 reports a failure. @param data names of fields, or signs, that are data */
export function failureIn(body: unknown, data: ReadonlySet<string> = new Set()): string | undefined {
  if (!isJsonObject(body)) return undefined;
  return Object.entries(body).find(([name, value]) => {
    const sign = name.toLowerCase().replace(/[_-]/g, '');
    return !data.has(name) && !data.has(sign) && Object.hasOwn(SIGNS, sign) && SIGNS[sign]?.(value);
  })?.[0];
}

/** Objects in which answers say about themselves what others say at the top. */
const ENVELOPES = new Set(['meta', 'metadata', '_meta', 'response', 'result', 'status', 'header', 'head', 'info']);

/**
 * The field beside the records, such as `meta.status`, or of an object around them, such as `data.success`, by which an answer reports a
 * failure. A state around them may be that of a record, whose list they are.
 * @param records paths of the records
 */
export function failureBeside(body: unknown, records: readonly string[]): string | undefined {
  if (!isJsonObject(body)) return undefined;
  const ofRecords = new Set(records.map((path) => path.split('.', 1)[0]));
  for (const [name, value] of Object.entries(body)) {
    const failure = ENVELOPES.has(name.toLowerCase()) && !ofRecords.has(name) ? failureIn(value) : undefined;
    if (failure !== undefined) return `${name}.${failure}`;
  }
  const around = records.flatMap((path) =>
    path.split('.').flatMap((_, n, names) => (n > 0 ? [names.slice(0, n)] : [])),
  );
  for (const names of around) {
    const failure = failureIn(valueAtPath(body, names), new Set(MAY_BE_DATA));
    if (failure !== undefined) return `${names.join('.')}.${failure}`;
  }
  return undefined;
}

function isNo(value: unknown): boolean {
  return value === false || value === 0 || (typeof value === 'string' && /^(false|0|no)$/i.test(value.trim()));
}

function isYes(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === 'string' && /^(true|1|yes)$/i.test(value.trim()));
}

function isFailedWord(value: unknown): boolean {
  return typeof value === 'string' && /^(error|failed|failure|fail)$/i.test(value.trim());
}

/** A status of HTTP that says that a request failed. */
function isErrorCode(value: unknown): boolean {
  const code = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof code === 'number' && code >= 400 && code < 600;
}

/** True unless the value is empty: an object or list without members, 0, or a text that says that there is none. */
function reportsError(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value) && !/^(?:|false|0+|ok|none|null|success|no[ _-]?errors?)$/i.test(String(value).trim());
}
