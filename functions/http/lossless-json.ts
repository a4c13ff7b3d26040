import { membersIn, type RawNumber } from '../../schemas/json-text.ts';
import { JsonError, JsonLimitError, MOST_LEVELS, MOST_LONG_NUMBERS, MOST_MEMBERS, MOST_VALUES } from './json-error.ts';
import { parseNumber } from './lossless-number.ts';

/**
 * Parses JSON without losing a digit: a number that a double cannot hold becomes a `RawNumber`. Everything else is as in
 * `JSON.parse`, which does the work; a byte order mark is ignored.
 * @param repeated called if an object has two members of one name, of which the last one counts
 * @throws JsonError, which does not quote the text
 * @throws JsonLimitError if the text is beyond one of the limits in `json-error.ts`
 * @see {@link https://www.rfc-editor.org/rfc/rfc8259}
 */
export function parseJson(text: string, repeated?: () => void): unknown {
  const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  try {
    const found = findLongNumbers(json);
    const whole = [JSON.parse(json)];
    if (repeated && found.members !== membersIn(whole)) repeated();
    if (found.numbers.length > 0) putNumbers(json, whole, found);
    return whole[0];
  } catch (error) {
    // The message of `JSON.parse` quotes the text.
    throw error instanceof JsonLimitError ? error : new JsonError(json.length);
  }
}

/** Where a member is named: below zero, the complement of where its name begins; else its position in a list. */
type Place = number;

/**
 * The numbers that a double cannot hold, and the objects and lists around them. To make and free an object for each of a million of them
 * would take seconds, so they are in columns. Objects and lists are named by their number; outer ones come first.
 */
interface LongNumbers {
  /** Members of all objects of the text. */
  members: number;
  readonly parents: number[];
  readonly places: Place[];
  /** Members of an object; below zero for a list. */
  readonly sizes: number[];
  /** The numbers: their object or list, and where it has them. */
  readonly owners: number[];
  readonly ownPlaces: Place[];
  readonly numbers: RawNumber[];
  /** Members of objects from the first one on that matters. Of two members with one name, the last one counts. */
  readonly named: number[];
  readonly names: Place[];
}

/** Puts the numbers where `JSON.parse` has the doubles next to them. */
function putNumbers(json: string, whole: unknown, found: LongNumbers): void {
  const { parents, places, sizes, owners, ownPlaces, numbers } = found;
  const values: unknown[] = [whole];
  const isHidden = hiddenMembers(json, found, values);
  const memberOf = (owner: number, place: Place) => {
    const value = values[owner] as Record<string | number, unknown>;
    return value === undefined || (sizes[owner] ?? 0) < 0 || !isHidden(owner, place) ? value : undefined;
  };
  for (let n = 1; n < parents.length; n += 1) {
    const place = places[n] ?? 0;
    values[n] = memberOf(parents[n] ?? 0, place)?.[place < 0 ? nameAt(json, place) : place];
  }
  for (const [n, number] of numbers.entries()) {
    const place = ownPlaces[n] ?? 0;
    const value = memberOf(owners[n] ?? 0, place);
    if (value) value[place < 0 ? nameAt(json, place) : place] = number;
  }
}

/** True for a member whose object has a later one of the same name. Nearly no object has: then it has as many keys as members. */
function hiddenMembers(json: string, { sizes, named, names }: LongNumbers, values: readonly unknown[]) {
  const isFull: (boolean | undefined)[] = [];
  let last: Map<number, Map<string, Place>> | undefined;
  const lastPlaces = (all = new Map<number, Map<string, Place>>()) => {
    for (const [n, place] of names.entries())
      all.set(named[n] ?? 0, (all.get(named[n] ?? 0) ?? new Map()).set(nameAt(json, place), place));
    return all;
  };
  return (owner: number, place: Place): boolean => {
    isFull[owner] ??= Object.keys(values[owner] as object).length === sizes[owner];
    if (isFull[owner]) return false;
    last ??= lastPlaces();
    return last.get(owner)?.get(nameAt(json, place)) !== place;
  };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const POINT = 0x2e;
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
  /** By level: the present member of the present object or list. */
  readonly places: Place[];
  /** By level: members of the present object so far. */
  readonly members: number[];
  /** By level: the number of the present object or list in {@link LongNumbers}; below zero for nearly all. */
  readonly levels: number[];
  readonly found: LongNumbers;
}

/**
 * Reads the text once without parsing it: counts values and levels, so that a text that memory cannot hold is refused first, and finds
 * the numbers that a double cannot hold. Its state is in variables, because nearly all of its time goes to single characters.
 * @returns the numbers by their place in a list of which the text is the only member; of a text that is not JSON, anything
 */
function findLongNumbers(json: string): LongNumbers {
  const scan: Scan = { json, places: [0], members: [0], levels: [0], found: noNumbers() };
  const { places, levels } = scan;
  let [level, values, textAt] = [0, 1, 0];
  // Beginning of the present value; the last point and the last exponent of a number.
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
        // In `true` and `false`, a letter is before it.
        if (json.charCodeAt(at - 1) <= NINE) exponent = at;
        break;
      case COLON:
        begin = at + 1;
        places[level] = ~textAt;
        countMember(scan, level);
        break;
      case COMMA:
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        if (exponent >= begin || mayBeLong(begin, point, at)) noteNumber(scan, level, json.slice(begin, at));
        begin = at + 1;
        if (character === COMMA) {
          if ((places[level] ?? -1) >= 0) places[level] = (places[level] ?? 0) + 1;
          checkValues(++values, level);
        } else {
          level = endLevel(scan, level);
        }
        break;
      case OPEN_OBJECT:
      case OPEN_LIST:
        begin = at + 1;
        level += 1;
        checkValues(++values, level);
        places[level] = character === OPEN_LIST ? 0 : -1;
        scan.members[level] = 0;
        levels[level] = -1;
    }
  }
  noteNumber(scan, level, json.slice(begin));
  return scan.found;
}

/** None, and the list of which the text is the only member. */
function noNumbers(): LongNumbers {
  const [owners, ownPlaces, numbers, named, names] = [[], [], [], [], []];
  return { members: 0, parents: [0], places: [0], sizes: [-1], owners, ownPlaces, numbers, named, names };
}

/** @returns the level around the one that ends */
function endLevel({ levels, members, places, found }: Scan, level: number): number {
  const own = levels[level] ?? -1;
  if (own > 0 && (places[level] ?? 0) < 0) found.sizes[own] = members[level] ?? 0;
  return Math.max(0, level - 1);
}

function countMember({ members, levels, places, found }: Scan, level: number): void {
  const count = (members[level] ?? 0) + 1;
  if (count > MOST_MEMBERS) throw new JsonLimitError(`more than ${MOST_MEMBERS} members in one object`);
  members[level] = count;
  found.members += 1;
  const own = levels[level] ?? -1;
  if (own >= 0) nameMember(found, own, places[level] ?? 0);
}

function nameMember({ named, names }: LongNumbers, owner: number, place: Place): void {
  named.push(owner);
  names.push(place);
}

function checkValues(values: number, levels: number): void {
  if (levels > MOST_LEVELS) throw new JsonLimitError(`more than ${MOST_LEVELS} levels of nesting`);
  if (values > MOST_VALUES) throw new JsonLimitError(`more than ${MOST_VALUES} values`);
}

/** True for 16 characters or more, including spaces; with a point, for 16 before it or 19 in all. */
function mayBeLong(begin: number, point: number, end: number): boolean {
  return end - begin > 15 && (point < begin || point - begin > 15 || end - begin > 18);
}

/** Notes a value of the present object or list, if it is a number that a double cannot hold. */
function noteNumber(scan: Scan, level: number, value: string): void {
  const text = value.trim();
  const number = /^-?\d/.test(text) ? parseNumber(text) : undefined;
  if (typeof number !== 'object') return;
  if (scan.found.numbers.push(number) > MOST_LONG_NUMBERS)
    throw new JsonLimitError(`more than ${MOST_LONG_NUMBERS} numbers of 16 digits or more`);
  scan.found.owners.push(ownerAt(scan, level));
  scan.found.ownPlaces.push(scan.places[level] ?? 0);
}

/** The number of the present object or list at a level. Notes it, and those around it, if they are not noted yet. */
function ownerAt({ levels, places, found }: Scan, level: number): number {
  let known = level;
  while ((levels[known] ?? 0) < 0) known -= 1;
  let own = levels[known] ?? 0;
  for (; known < level; known += 1) {
    const place = places[known + 1] ?? 0;
    found.parents.push(own);
    found.places.push(places[known] ?? 0);
    own = found.sizes.push(-1) - 1;
    levels[known + 1] = own;
    if (place < 0) nameMember(found, own, place);
  }
  return own;
}

/** The name of a member. */
function nameAt(json: string, place: Place): string {
  const end = endOfText(json, ~place + 1);
  const name = json.slice(~place + 1, end);
  return name.includes('\\') ? String(JSON.parse(json.slice(~place, end + 1))) : name;
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
