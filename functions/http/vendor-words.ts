import { isJsonObject } from '../../schemas/json-text.ts';
import { parseJson } from './lossless-json.ts';
import type { Answer, HttpRequest } from './send.ts';

/** A longer answer is a page, and not the reason for a refusal. */
const MOST_BYTES = 65_536;
const MOST_NODES = 200;
const MOST_WORDS = 5;
const LONGEST = 64;

/** Fields that hold a machine's code, and those that hold the name of a parameter; in lower case, without `_` and `-`. */
const CODES = new Set(['code', 'error', 'errorcode', 'errortype', 'type', 'reason', 'status', 'name']);
const NAMES = new Set([
  'param',
  'parameter',
  'parameters',
  'field',
  'fields',
  'path',
  'loc',
  'pointer',
  'property',
  'target',
]);
/** Fields whose members are called like the parameters that are wrong. */
const BY_NAME = new Set(['errors', 'fields', 'details', 'validationerrors', 'invalidparams']);

/** Objects and lists that tell of a failure. Others, such as `data`, may be records, and are not looked into. */
const PLACES = new Set([
  ...[
    '',
    'detail',
    'error',
    'exception',
    'failures',
    'fault',
    'fielderrors',
    'fieldviolations',
    'innererror',
    'issues',
    'meta',
    'problems',
  ],
  ...['source', 'status', 'violations', ...NAMES, ...BY_NAME],
]);

/** Words that say that something is wrong. Every code that is shown has one of them, so that no two words can be a person's name. */
const TROUBLE = wordSet(
  'bad conflict denied deprecated disabled duplicate error exceeded exceeds expired extra failed forbidden format illegal insufficient invalid limit',
  'limited malformed mismatch missing must no not out parse parsing required restricted revoked suspended syntax throttled timeout too unauthorized',
  'unavailable unexpected unknown unprocessable unrecognized unsupported validation wrong',
);

/**
 * Other words of which codes and parameters of public APIs consist. A text is shown only if each of its words is known, so that no
 * message can show a name, an id or a credential that an answer repeats.
 */
const PLAIN = wordSet(
  'access account action after agent api app argument array attribute auth authentication authorization authorized balance before begin bearer',
  'body boolean call caller calls cap client code constraint content contract count credential credentials cursor date day days decimal default',
  'deleted direction does duration empty end ended endpoint enum exist exists expected field filter filters found from grant gt gte header id ids',
  'in index int integer internal is iso json key large last length less limits list log long lower lt lte match max maximum method min minimum',
  'more next null number object of offset old on only operation order outside pages page pagination param parameter parameters params past path',
  'payload per period permission permissions phone plan policy query quota range rate reached read record request resource result results scope',
  'scopes search server short size sort start started state status string subscription tenant time timestamp timezone to token total type until',
  'updated upgrade upper user value version window',
);

function wordSet(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.join(' ').split(' '));
}

/**
 * What an answer says of why a request was refused, as far as it can be no value of anybody: numbers of up to six digits, codes and
 * parameters that consist of well-known words, and names of parameters that the request has. Free text is never shown.
 * @returns such as ` (the vendor names invalid_parameter, started_gte)`; empty if there is nothing of that kind
 */
export function vendorWords(request: HttpRequest, { status, body }: Pick<Answer, 'status' | 'body'>): string {
  const words = body.length > MOST_BYTES ? [] : [...wordsIn(parsed(body.toString('utf8')), namesIn(request))];
  const shown = [...new Set(words)].filter((word) => word !== String(status)).slice(0, MOST_WORDS);
  return shown.length === 0 ? '' : ` (the vendor names ${shown.join(', ')})`;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Names of the parameters of a request. */
function namesIn({ url, body, contentType }: HttpRequest): ReadonlySet<string> {
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  const form = contentType === undefined ? '' : (body ?? '');
  const names = [query, form].flatMap((text) => [...new URLSearchParams(text).keys()]);
  const waiting = contentType === undefined && body !== undefined ? [parsed(body)] : [];
  for (const value of waiting) {
    if (Array.isArray(value)) waiting.push(...value);
    if (!isJsonObject(value)) continue;
    names.push(...Object.keys(value));
    waiting.push(...Object.values(value));
  }
  return new Set(names);
}

function* wordsIn(answer: unknown, sent: ReadonlySet<string>): Iterable<string> {
  const waiting: [name: string, value: unknown][] = [['', answer]];
  for (let n = 0; n < Math.min(waiting.length, MOST_NODES); n += 1) {
    const [name, value] = waiting[n] ?? ['', undefined];
    if (CODES.has(name) && isCode(value)) yield String(value);
    else if (NAMES.has(name) && typeof value === 'string') yield* namesOf(value, sent);
    // In a list, the names of an object's members are not names of parameters.
    const own = BY_NAME.has(name) && !NAMES.has(name) ? '' : name;
    if (!PLACES.has(name)) continue;
    if (Array.isArray(value)) for (const member of value.slice(0, MOST_NODES)) waiting.push([own, member]);
    if (!isJsonObject(value)) continue;
    for (const [key, member] of Object.entries(value).slice(0, MOST_NODES)) {
      if (BY_NAME.has(name)) yield* namesOf(key, sent);
      waiting.push([key.toLowerCase().replace(/[_-]/g, ''), member]);
    }
  }
}

function isCode(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && value > 0 && value < 1e6;
  if (typeof value !== 'string') return false;
  return /^\d{1,6}$/.test(value) || (wordsOf(value)?.some((word) => TROUBLE.has(word)) ?? false);
}

/** A path such as `query.limit` or `/date_from` is as good as its last name. */
function* namesOf(text: string, sent: ReadonlySet<string>): Iterable<string> {
  const name = text
    .slice(0, LONGEST + 1)
    .split(/[./]/)
    .findLast((part) => !/^\d*$/.test(part));
  if (name !== undefined && (sent.has(name) || (/^[a-z]/.test(name) && wordsOf(name)))) yield name;
}

/** The words of a code or name; undefined if one of them is not known. */
function wordsOf(text: string): readonly string[] | undefined {
  if (text.length > LONGEST || !/^[A-Za-z][A-Za-z_.-]*$/.test(text)) return undefined;
  const words = text
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[_.-]+/);
  return words.every((word) => TROUBLE.has(word) || PLAIN.has(word)) ? words : undefined;
}
