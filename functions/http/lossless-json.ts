import type { RawNumber } from '../../schemas/json-text.ts';
import { JsonError, JsonLimitError } from './json-error.ts';
import { parseNumber } from './lossless-number.ts';

/**
 * Most values in one text, names of members not counted. A value of three characters takes 50 to 200 bytes of memory, and a text may
 * have 32 MiB.
 */
const MOST_VALUES = 1_000_000;
/** Most members of one object, which takes several times as long to copy as a list of as many values. */
const MOST_MEMBERS = 250_000;
/** Deepest nesting. */
const MOST_LEVELS = 100_000;

/**
 * Parses JSON without losing a digit: a number that a double cannot hold becomes a `RawNumber`. Everything else is as in
 * `JSON.parse`, which does the work; a byte order mark is ignored.
 * @throws JsonError, which does not quote the text
 * @throws JsonLimitError if the text has more than a million values, 100,000 levels, or 250,000 members in one object
 * @see {@link https://www.rfc-editor.org/rfc/rfc8259}
 */
export function parseJson(text: string): unknown {
  const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  try {
    const found = findLongNumbers(json);
    const whole = [JSON.parse(json)];
    putNumbers(whole, found);
    return whole[0];
  } catch (error) {
    // The message of `JSON.parse` quotes the text.
    throw error instanceof JsonLimitError ? error : new JsonError(json.length);
  }
}

/** Name of a member of an object, or position in a list. */
type Name = string | number;

/** The numbers in one object or list that a double cannot hold, and those in its members. */
interface LongNumbers {
  readonly own: Map<Name, RawNumber>;
  readonly below: Map<Name, LongNumbers>;
}

/** Puts the numbers where `JSON.parse` has the doubles next to them. A loop, so that only memory limits the nesting. */
function putNumbers(whole: unknown, found: LongNumbers): void {
  const waiting = [{ value: whole as Record<Name, unknown>, numbers: found }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, numbers } = next;
    for (const [name, number] of numbers.own) value[name] = number;
    for (const [name, below] of numbers.below)
      waiting.push({ value: value[name] as Record<Name, unknown>, numbers: below });
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const CAPITAL_E = 0x45;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const SMALL_E = 0x65;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Where a scan is, and what it found. */
interface Scan {
  readonly json: string;
  /** By level: the position in a list; or, below zero, the complement of where the name of a member begins. */
  readonly names: number[];
  /** By level: members of the present object so far. */
  readonly members: number[];
  /** By level: the long numbers of the present object or list; undefined for nearly all. */
  readonly levels: (LongNumbers | undefined)[];
}

/**
 * Reads the text once without parsing it: counts values and levels, so that a text that memory cannot hold is refused first, and finds
 * the numbers that a double cannot hold. Its state is in variables, because nearly all of its time goes to single characters.
 * @returns the numbers by their place in a list of which the text is the only member; of a text that is not JSON, anything
 */
function findLongNumbers(json: string): LongNumbers {
  const all = noNumbers();
  const scan: Scan = { json, names: [0], members: [0], levels: [all] };
  const { names, levels } = scan;
  let [level, values, textAt] = [0, 1, 0];
  // Begin of the present value; the last point and the last exponent of a number.
  let [begin, point, exponent] = [0, -1, -1];
  for (let at = 0; at < json.length; at += 1) {
    const character = json.charCodeAt(at);
    switch (character) {
      case QUOTE:
        textAt = at;
        at = endOfText(json, at + 1);
        begin = at + 1;
        break;
      case POINT:
        point = at;
        break;
      case SMALL_E:
      case CAPITAL_E:
        if (isDigit(json.charCodeAt(at - 1))) exponent = at;
        break;
      case COLON:
        begin = at + 1;
        names[level] = ~textAt;
        countMember(scan, level);
        if (levels[level]) forgetMember(scan, level);
        break;
      case COMMA:
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        if (exponent >= begin || mayBeLong(begin, point, at)) noteNumber(scan, level, json.slice(begin, at));
        begin = at + 1;
        if (character !== COMMA) level = Math.max(0, level - 1);
        else if ((names[level] ?? -1) >= 0) names[level] = (names[level] ?? 0) + 1;
        if (character === COMMA) checkLimits(++values, level);
        break;
      case OPEN_OBJECT:
      case OPEN_LIST:
        begin = at + 1;
        level += 1;
        checkLimits(++values, level);
        names[level] = character === OPEN_LIST ? 0 : -1;
        scan.members[level] = 0;
        levels[level] = undefined;
    }
  }
  noteNumber(scan, level, json.slice(begin));
  return all;
}

function noNumbers(): LongNumbers {
  return { own: new Map(), below: new Map() };
}

function checkLimits(values: number, levels: number): void {
  if (levels > MOST_LEVELS) throw new JsonLimitError(`more than ${MOST_LEVELS} levels of nesting`);
  if (values > MOST_VALUES) throw new JsonLimitError(`more than ${MOST_VALUES} values`);
}

function countMember({ members }: Scan, level: number): void {
  const count = (members[level] ?? 0) + 1;
  if (count > MOST_MEMBERS) throw new JsonLimitError(`more than ${MOST_MEMBERS} members in one object`);
  members[level] = count;
}

function isDigit(character: number): boolean {
  return character >= ZERO && character <= NINE;
}

/** True for 16 characters or more, spaces among them; of a number with a point, 16 before it or 19 in all. */
function mayBeLong(begin: number, point: number, end: number): boolean {
  return end - begin > 15 && (point < begin || point - begin > 15 || end - begin > 18);
}

/** Notes a value of the present object or list, if it is a number that a double cannot hold. */
function noteNumber(scan: Scan, level: number, value: string): void {
  const text = value.trim();
  const number = /^-?\d/.test(text) ? parseNumber(text) : undefined;
  if (typeof number === 'object') numbersAt(scan, level).own.set(nameAt(scan, level), number);
}

/** The numbers of the present object or list at a level, for whose sake those around it are noted too. */
function numbersAt(scan: Scan, level: number): LongNumbers {
  const { levels } = scan;
  let known = level;
  while (!levels[known]) known -= 1;
  let numbers = levels[known] ?? noNumbers();
  for (; known < level; known += 1) {
    const below = noNumbers();
    numbers.below.set(nameAt(scan, known), below);
    levels[known + 1] = below;
    numbers = below;
  }
  return numbers;
}

/** Of two members with one name, the last one counts. */
function forgetMember(scan: Scan, level: number): void {
  const numbers = numbersAt(scan, level);
  const name = nameAt(scan, level);
  numbers.own.delete(name);
  numbers.below.delete(name);
}

/** Position in the list at a level, or the name of the member. */
function nameAt({ json, names }: Scan, level: number): Name {
  const name = names[level] ?? 0;
  return name >= 0 ? name : String(JSON.parse(json.slice(~name, endOfText(json, ~name + 1) + 1)));
}

/** Position of the first quotation mark that no backslash escapes; the text's length if there is none. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (end - 1 - slashes >= start && text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
