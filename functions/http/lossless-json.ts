import { JsonError, JsonLimitError } from './json-error.ts';
import { parseNumber } from './lossless-number.ts';

/**
 * A number that a double may not hold, after a character that may precede a value: an integer of 16 digits or more, another number
 * of 18 characters or more, or an exponent of three digits. It also matches inside strings; a false match only costs time.
 */
const LONG_VALUE = /[:,[]\s*-?(?:\d{16}|\d[\d.]{18}|\d[\d.]*[eE][+-]?\d{3})/g;
/**
 * Prefix of numbers that we quote so that `JSON.parse` keeps them as text. If the input contains NUL itself, the slow parser
 * reads it.
 */
const MARK = '\u0000';

/**
 * Most values in one text, names of members not counted. A value of three characters takes 50 to 200 bytes of memory, and a text may
 * have 32 MiB.
 */
const MOST_VALUES = 1_000_000;
/** Deepest nesting. */
const MOST_LEVELS = 100_000;

/**
 * Parses JSON without losing a digit: a number that a double cannot hold becomes a `RawNumber`. Everything else is as in
 * `JSON.parse`; a byte order mark is ignored.
 * @throws JsonError, which does not quote the text
 * @throws JsonLimitError if the text has more than a million values or 100,000 levels
 * @see {@link https://www.rfc-editor.org/rfc/rfc8259}
 */
export function parseJson(text: string): unknown {
  const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (json.length > MOST_LEVELS) checkLimits(json);
  try {
    return /^\s*[\d-]/.test(json) ? readJson(json) : parseMarked(json);
  } catch {
    // `JSON.parse` quotes the text in its message, and our marks may be what it rejected: the slow parser decides.
    return readJson(json);
  }
}

/** Counts values and levels without parsing, so that a text that memory cannot hold is refused first. */
function checkLimits(json: string): void {
  let values = 1;
  let levels = 0;
  for (let at = 0; at < json.length; at += 1) {
    const character = json.charCodeAt(at);
    if (character === QUOTE) {
      at = endOfText(json, at + 1);
      // The parser finds that the text has no end.
      if (at === -1) return;
    } else if (character === COMMA) {
      values += 1;
    } else if (character === OPEN_OBJECT || character === OPEN_LIST) {
      values += 1;
      levels += 1;
      if (levels > MOST_LEVELS) throw new JsonLimitError(`more than ${MOST_LEVELS} levels of nesting`);
    } else if (character === CLOSE_OBJECT || character === CLOSE_LIST) {
      levels -= 1;
    }
    if (values > MOST_VALUES) throw new JsonLimitError(`more than ${MOST_VALUES} values`);
  }
}

const [QUOTE, COMMA, OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = Buffer.from('",{}[]');

/**
 * Quotes and marks long numbers, so that the built-in parser does the work. Quoting one inside a string makes the parser fail.
 */
function parseMarked(json: string): unknown {
  let marked = '';
  let copied = 0;
  for (const { 0: found, index } of json.matchAll(LONG_VALUE)) {
    const start = index + found.search(/[-\d]/);
    if (start < copied) continue;
    const digits = NUMBER.exec(from(NUMBER, { text: json, at: start }))?.[0] ?? '';
    const end = start + digits.length;
    if (!AFTER.includes(json.charAt(end)) || typeof parseNumber(digits) === 'number') continue;
    marked += `${json.slice(copied, start)}"\\u0000${digits}"`;
    copied = end;
  }
  if (copied === 0) return JSON.parse(json);
  return json.includes('\\u0000') ? readJson(json) : unmark(JSON.parse(marked + json.slice(copied)));
}

/** Characters that follow a number that is a value, and seldom a number inside a string. */
const AFTER = ',]} \t\n\r';

/** Replaces marked strings by numbers, in place. */
function unmark(value: unknown): unknown {
  if (typeof value === 'string') return value.startsWith(MARK) ? parseNumber(value.slice(1)) : value;
  if (Array.isArray(value)) {
    for (let n = 0; n < value.length; n += 1) if (typeof value[n] !== 'number') value[n] = unmark(value[n]);
    return value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const record = value as Record<string, unknown>;
  // Without Object.keys, which would make a list for each of the page's many small objects.
  for (const key in record) {
    const member = record[key];
    if (typeof member === 'object' ? member !== null : typeof member === 'string' && member.charCodeAt(0) === 0) {
      const plain = unmark(member);
      if (plain !== member) record[key] = plain;
    }
  }
  return value;
}

/** Position of the slow parser. */
interface Cursor {
  readonly text: string;
  at: number;
}

/** An object or list whose end has not been reached. */
interface Open {
  readonly members: unknown[] | Record<string, unknown>;
  /** Name of the next member; undefined in a list. */
  key: string | undefined;
}

/** Returned instead of a value if an object or list was opened. */
const OPENED = Symbol('opened');

const LITERALS: readonly (readonly [word: string, value: unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/** The slow parser. Not recursive, so that only memory limits the nesting, as in `JSON.parse`. */
function readJson(text: string): unknown {
  const cursor = { text, at: 0 };
  const open: Open[] = [];
  for (;;) {
    let value = readValue(cursor, open);
    while (value !== OPENED) {
      const parent = open.at(-1);
      if (parent === undefined) {
        if (next(cursor) !== '') fail(cursor);
        return value;
      }
      addMember(parent, value);
      if (take(cursor, ',')) {
        if (parent.key !== undefined) parent.key = readKey(cursor);
        break;
      }
      if (!take(cursor, parent.key === undefined ? ']' : '}')) fail(cursor);
      value = open.pop()?.members;
    }
  }
}

/** Reads a value, or the beginning of an object or list. */
function readValue(cursor: Cursor, open: Open[]): unknown {
  const first = next(cursor);
  if (first === '"') return readText(cursor);
  if (first === '{' || first === '[') return readOpening(cursor, open, first);
  const literal = LITERALS.find(([word]) => cursor.text.startsWith(word, cursor.at));
  if (literal) {
    cursor.at += literal[0].length;
    return literal[1];
  }
  const digits = NUMBER.exec(from(NUMBER, cursor))?.[0];
  if (digits === undefined) return fail(cursor);
  cursor.at += digits.length;
  return parseNumber(digits);
}

function readOpening(cursor: Cursor, open: Open[], first: '{' | '['): unknown {
  cursor.at++;
  const members = first === '{' ? {} : [];
  if (take(cursor, first === '{' ? '}' : ']')) return members;
  open.push({ members, key: first === '{' ? readKey(cursor) : undefined });
  return OPENED;
}

function readKey(cursor: Cursor): string {
  if (next(cursor) !== '"') fail(cursor);
  const key = readText(cursor);
  if (!take(cursor, ':')) fail(cursor);
  return key;
}

function addMember({ members, key }: Open, value: unknown): void {
  if (Array.isArray(members)) members.push(value);
  else if (key !== '__proto__') members[key ?? ''] = value;
  else Object.defineProperty(members, key, { value, writable: true, enumerable: true, configurable: true });
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not contain control characters
const NOT_PLAIN = /[\\\u0000-\u001f]/;

/** Reads a string. Only one with an escape or a control character needs `JSON.parse`. */
function readText(cursor: Cursor): string {
  const { text, at } = cursor;
  const end = endOfText(text, at + 1);
  if (end === -1) return fail({ text, at: text.length });
  const inside = text.slice(at + 1, end);
  cursor.at = end + 1;
  if (!NOT_PLAIN.test(inside)) return inside;
  try {
    return String(JSON.parse(text.slice(at, end + 1)));
  } catch {
    return fail({ text, at });
  }
}

/** Position of the first quotation mark that no backslash escapes; -1 if there is none. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (end - 1 - slashes >= start && text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end;
  }
  return -1;
}

/** Skips white space. @returns the next character, or '' at the end */
function next(cursor: Cursor): string {
  cursor.at += SPACE.exec(from(SPACE, cursor))?.[0].length ?? 0;
  return cursor.text.charAt(cursor.at);
}

/** Consumes the character if it comes next. */
function take(cursor: Cursor, character: string): boolean {
  if (next(cursor) !== character) return false;
  cursor.at++;
  return true;
}

/** Sets a sticky pattern to the position. @returns the text to match */
function from(pattern: RegExp, { text, at }: Cursor): string {
  pattern.lastIndex = at;
  return text;
}

function fail({ text, at }: Cursor): never {
  throw new JsonError(at, text.length);
}
