/** A JSON number that a double cannot hold exactly, kept as the vendor wrote it. */
export class RawNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Called by `JSON.stringify`. Gives a marked string; {@link toJsonText} turns it into a bare number. */
  toJSON(): string {
    marks += 1;
    return `${MARK}${this.text}`;
  }
}

/** How many numbers were marked so far. By this count {@link toJsonText} notices a vendor's string that looks like a mark. */
let marks = 0;
const MARK = '\u0000number ';
const MARKED = /"\\u0000number (-?[\d.eE+-]+)"/g;
/** What JSON text has more for a mark than for the number: two quotation marks, and an escape of six characters in place of one. */
const MARK_LENGTH = MARK.length + 7;

/** True for a JSON object, not for an array, null or a {@link RawNumber}. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RawNumber);
}

/** The member at a path of names; undefined if a part of the path is missing or no object. A member that is null is null. */
export function valueAtPath(value: unknown, names: readonly string[]): unknown {
  let at = value;
  for (const name of names) {
    if (!isJsonObject(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

/** A path, and the list, text or number that it leads into. */
export interface PathIntoOther {
  readonly path: string;
  /** Path of the value that is no object. */
  readonly at: string;
  readonly kind: 'a list' | 'text' | 'a number' | 'true';
}

/**
 * The first path that leads into something other than an object, if no record has a value at any of the paths. Empty values do not count:
 * PHP writes an empty object as an empty list, and some vendors send an empty text, 0 or false in place of a missing object.
 */
export function pathIntoOther(paths: readonly string[], records: readonly unknown[]): PathIntoOther | undefined {
  if (!paths.some((path) => path.includes('.'))) return undefined;
  const split = paths.map((path) => path.split('.'));
  if (records.some((record) => split.some((names) => valueAtPath(record, names) !== undefined))) return undefined;
  for (const names of split) {
    for (let end = 1; end < names.length; end += 1) {
      const own = names.slice(0, end);
      const kind = records.map((record) => otherKindOf(valueAtPath(record, own))).find((found) => found !== undefined);
      if (kind) return { path: names.join('.'), at: own.join('.'), kind };
    }
  }
  return undefined;
}

/** The kind of a value where an object is expected; undefined if it is an object or empty. */
function otherKindOf(value: unknown): PathIntoOther['kind'] | undefined {
  if (Array.isArray(value)) return value.length > 0 ? 'a list' : undefined;
  // Some servers send an object as JSON text.
  if (typeof value === 'string') return /^\s*(?:[[{]|$)/.test(value) ? undefined : 'text';
  if (value === true) return 'true';
  return value instanceof RawNumber || ((typeof value === 'number' || typeof value === 'bigint') && Number(value) !== 0)
    ? 'a number'
    : undefined;
}

/** The kind of a parsed JSON value, for reasons that must not quote it. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value instanceof RawNumber || typeof value === 'bigint' || typeof value === 'number') return 'another number';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'other text' : `a ${typeof value}`;
}

/**
 * Members of a list. Some servers write a list with gaps as an object of numbered members.
 * @returns undefined if the value is not a list; an empty object may be anything
 */
export function listOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isJsonObject(value)) return undefined;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => /^\d{1,9}$/.test(key)) ? Object.values(value) : undefined;
}

/** How many members the objects within a parsed value have together. */
export function membersIn(value: unknown): number {
  let members = 0;
  const waiting = [value];
  while (waiting.length > 0) {
    const within = waiting.pop();
    if (!isJsonObject(within)) {
      if (Array.isArray(within)) for (const member of within) if (typeof member === 'object') waiting.push(member);
      continue;
    }
    for (const name in within) {
      members += 1;
      if (typeof within[name] === 'object') waiting.push(within[name]);
    }
  }
  return members;
}

/** A lone surrogate, as `JSON.stringify` writes it. */
const HALVES = /\\ud[89a-f][0-9a-f]{2}/g;
/** An escape in JSON text, the lone surrogates among them at full length. */
const ESCAPES = /\\(?:u[dD][89a-fA-F][0-9a-fA-F]{2}|.)/gs;

/**
 * Compact JSON text of a parsed value, in well-formed Unicode: U+FFFD replaces a lone surrogate. Numbers of any length keep every
 * digit.
 * @param replaced called if there was a lone surrogate
 * @throws RangeError if the value is nested too deeply for the call stack
 */
export function toJsonText(value: unknown, replaced?: () => void): string {
  const before = marks;
  const text = wellFormed(JSON.stringify(value), replaced);
  if (marks === before) return text;
  // A function in place of '$1' takes half as much time again.
  const plain = text.replace(MARKED, '$1');
  const taken = (text.length - plain.length) / MARK_LENGTH;
  return taken === marks - before ? plain : wellFormed(writeJson(value));
}

/** `JSON.stringify` escapes each surrogate that has no partner, and no other, in small letters. */
function wellFormed(json: string, replaced?: () => void): string {
  if (!json.includes('\\ud')) return json;
  // Where no backslash comes before an escape, a function is not needed, which takes seconds for millions of them.
  const text = json.includes('\\\\ud')
    ? json.replace(ESCAPES, (found) => (found.length > 2 ? '\ufffd' : found))
    : json.replace(HALVES, '\ufffd');
  if (text !== json) replaced?.();
  return text;
}

function writeJson(value: unknown): string {
  if (value instanceof RawNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).flatMap(([key, member]) =>
    member === undefined ? [] : [`${JSON.stringify(key)}:${writeJson(member)}`],
  );
  return `{${members.join(',')}}`;
}
