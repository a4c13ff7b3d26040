import { JsonError } from './json-error.ts';
import { parseNumber } from './lossless-number.ts';

/**
 * Where a value may stand, a number that a double may not hold: an integer of 16 digits or more, another number of 18 or more, or
 * one with an exponent of three. Found in texts too: a false alarm costs time alone.
 */
const LONG_VALUE = /[:,[]\s*-?(?:\d{16}|\d[\d.]{18}|\d[\d.]*[eE][+-]?\d{3})/g;
/** Marks a number that was set in quotation marks for `JSON.parse`; where the text holds such a character itself, it is read slowly. */
const MARK = '\u0000';

/**
 * The value of a JSON text, in which no number has lost a digit: one that a double does not hold is a `RawNumber`. Otherwise as
 * `JSON.parse` has it; a byte order mark is passed over.
 * @throws JsonError which does not quote the text
 */
export function parseJson(text: string): unknown {
  const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  try {
    return /^\s*[\d-]/.test(json) ? readJson(json) : parseMarked(json);
  } catch {
    // Its message quotes the text; and what it refuses may be of the marks' making.
    return readJson(json);
  }
}

/** Sets long numbers in marked quotation marks, so that the built-in parser does the work; one inside a text makes it refuse. */
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

/** What stands after a number that is a value, and seldom after one in a text. */
const AFTER = ',]} \t\n\r';

/** Marked texts become numbers again, in place. */
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

interface Cursor {
  readonly text: string;
  at: number;
}

/** An object or a list that has been opened and not closed. */
interface Open {
  readonly members: unknown[] | Record<string, unknown>;
  /** Name of the member that comes next; a list has none. */
  key: string | undefined;
}

/** Stands for a value that is only begun: its first member comes next. */
const OPENED = Symbol('opened');

const LITERALS: readonly (readonly [word: string, value: unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

/** Without recursion: nesting is bounded by memory alone, as in `JSON.parse`. */
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

/** A whole value, or `OPENED`. */
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
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON text may not hold
const NOT_PLAIN = /[\\\u0000-\u001f]/;

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

/** Where the first quotation mark is that no backslash escapes. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (end - 1 - slashes >= start && text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end;
  }
  return -1;
}

/** The character after white space, or '' at the end. */
function next(cursor: Cursor): string {
  cursor.at += SPACE.exec(from(SPACE, cursor))?.[0].length ?? 0;
  return cursor.text.charAt(cursor.at);
}

function take(cursor: Cursor, character: string): boolean {
  if (next(cursor) !== character) return false;
  cursor.at++;
  return true;
}

function from(pattern: RegExp, { text, at }: Cursor): string {
  pattern.lastIndex = at;
  return text;
}

function fail({ text, at }: Cursor): never {
  throw new JsonError(at, text.length);
}
