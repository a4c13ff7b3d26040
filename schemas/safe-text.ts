/**
 * How a text earns its place in `callhouse`. `id`: it has the form of an id. `code`: it is one of `words`, or a word that enough records
 * show. `label`: it is a short name that staff chose. `named`: the setting `safeValues` names it. Whatever does not fit is null in
 * `callhouse`, and as the vendor sent it in `callhouse_phi`.
 */
export type SafeText =
  | { readonly kind: 'id' | 'label' | 'named' }
  | { readonly kind: 'code'; readonly words: readonly string[] };

const ID = /^[A-Za-z0-9_.:-]{1,128}$/;
const WORD = /^[A-Za-z0-9_.:-]{1,64}$/;
const LONGEST_LABEL = 120;

/** How the reason in `rejects` begins if `callhouse` does not show a text. Such a text is not refused. */
export const HIDDEN = 'hidden in callhouse';

/** True for what an id of a vendor looks like: letters, digits and `_ . : -`, at most 128, and no telephone number. */
export function isIdText(text: string): boolean {
  return ID.test(text) && !isPhoneNumber(text);
}

/** True for one word of at most 64 letters, digits and `_ . : -` that is no telephone number. */
export function isWord(text: string): boolean {
  return WORD.test(text) && !isPhoneNumber(text);
}

/** True for a name of at most 120 characters without `@` and without a telephone number in it, also if they are escaped or spread out. */
export function isLabel(text: string): boolean {
  if (text.length > LONGEST_LABEL) return false;
  const plain = plainText(text);
  return !plain.includes('@') && !holdsPhoneNumber(plain);
}

/** The text as people read it: without characters that nobody sees, without the escapes of URLs and HTML, and with one kind of dash. */
function plainText(text: string): string {
  const characterOf = (_: string, hex?: string, decimal?: string) =>
    String.fromCharCode(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  return text
    .replace(/%([2-7][0-9a-f])/gi, characterOf)
    .replace(/&#(?:x0{0,5}([0-9a-f]{1,4})|0{0,5}(\d{1,5}));/gi, characterOf)
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\p{Pd}\u2212]/gu, '-');
}

/** A word as it is compared: vendors differ in case, and in hyphens, blanks and underscores between the parts of a word. */
export function normalWord(text: string): string {
  return text.toLowerCase().replace(/[- ]/g, '_');
}

/** For vendors that write a word of several parts in two ways: a text with underscores for its hyphens, any other value as it is. */
export function withUnderscores(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('-', '_') : value;
}

const PHONE_CHARACTERS = /^[+\d\s().:-]+$/;
const SEPARATORS = /[\s().:-]/g;
const BETWEEN = String.raw`[\s().:/_\u00b7\u2022\u2219-]+`;

/** What URLs of telephone numbers begin with. See RFC 3966. */
const SCHEME = /^(?:tel|sips?|callto):/i;
const EXTENSION = /(?<=\d)(?:x|ext)\.?\d{1,6}$/i;
/** The groups of a number. Underscores between other groups are those of an id. */
const UNDERSCORED = /^(?:1[_.:-])?\d{3}[_.:-]\d{3}[_.:-]\d{4}$/;

/**
 * True if the text as a whole is a telephone number: without blanks, `( ) . - :`, the scheme of a URL and an extension it is `+` and 7 to
 * 15 digits, or 10 digits of the North American form, or 1 and those. In groups of 3, 3 and 4 digits, underscores separate too.
 */
export function isPhoneNumber(text: string): boolean {
  const number = text.replace(SCHEME, '').replace(EXTENSION, '');
  const spaced = UNDERSCORED.test(number) ? number.replaceAll('_', '-') : number;
  return PHONE_CHARACTERS.test(spaced) && isPhoneDigits(spaced.replace(SEPARATORS, ''));
}

function isPhoneDigits(digits: string): boolean {
  return /^(?:\+\d{7,15}|1?[2-9]\d{9})$/.test(digits);
}

/** Groups of digits that only blanks and `( ) . - : / _` and dots in the middle separate. Digits within a longer word are no group. */
const GROUPS = new RegExp(
  String.raw`(?<![\p{L}\p{N}_])\+?\d+(?:${BETWEEN}\+?\d+)*(?=(?:x|ext)\.?\d|[^\p{L}\p{N}_]|$)`,
  'giu',
);
const MOST_DIGITS = 15;

/** True if a run of groups of digits in the text is a telephone number, whatever digits stand before and after it. */
function holdsPhoneNumber(text: string): boolean {
  for (const [run] of text.matchAll(GROUPS)) {
    const groups = run.split(new RegExp(BETWEEN));
    for (let first = 0; first < groups.length; first += 1) {
      let digits = '';
      for (let next = first; next < groups.length && digits.length <= MOST_DIGITS; next += 1) {
        digits += groups[next];
        if (isPhoneDigits(digits)) return true;
      }
    }
  }
  return false;
}

/** Marks a key part that is not shown: `~` and the first 32 hex digits of the keyed hash of the text as served. */
export const REPLACED_KEY = /^~[0-9a-f]{32}$/;

/** Texts of a column whose verdict is remembered. */
const MOST_REMEMBERED = 1000;

/** True if `callhouse` shows the text. @param key of the record that shows it */
export type IsShown = (text: string, key: string) => boolean;

/** Texts that a column may show. */
export interface ShownRule {
  readonly safe: SafeText | undefined;
  /** The column holds a list of words as JSON text. */
  readonly isList: boolean;
  /** Texts that the setting `safeValues` names. */
  readonly named: readonly string[];
  /** True if enough records have shown the word. */
  readonly isEarned: IsShown;
}

/** Compiles which texts of a column `callhouse` shows. */
export function compileRule({ safe, isList, named, isEarned }: ShownRule): IsShown {
  const shown = new Set(named);
  if (safe?.kind === 'id') return (text) => isIdText(text) || shown.has(text) || REPLACED_KEY.test(text);
  if (safe?.kind === 'label') return (text) => isLabel(text) || shown.has(text);
  if (safe?.kind !== 'code') return (text) => shown.has(text);
  const listed = new Set(safe.words.map(normalWord));
  const isWordShown: IsShown = (text, key) => shown.has(text) || listed.has(normalWord(text)) || isEarned(text, key);
  // Every member is judged, so that each is counted.
  const isListShown: IsShown = (text, key) =>
    membersOf(text)
      ?.map((word) => isWordShown(word, key))
      .every(Boolean) ?? false;
  return remembering(isList ? isListShown : isWordShown, shown);
}

/** A text that was shown once is shown for the rest of the run. */
function remembering(rule: IsShown, shown: Set<string>): IsShown {
  return (text, key) => {
    if (shown.has(text)) return true;
    const isShown = rule(text, key);
    if (isShown && shown.size < MOST_REMEMBERED) shown.add(text);
    return isShown;
  };
}

/** The members of a list of words as JSON text; undefined for other JSON. */
function membersOf(json: string): readonly string[] | undefined {
  const list: unknown = JSON.parse(json);
  return Array.isArray(list) && list.every((word) => typeof word === 'string') ? list : undefined;
}
