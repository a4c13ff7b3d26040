import type { HashKind } from '../../schemas/column.ts';
import { keyedHash, toE164 } from '../extract/rows/hashes.ts';

/** Whose calls are erased. */
export type Person =
  /** A phone number or a patient id, as its owner or the vendor writes it. */
  | { readonly kind: 'phone' | 'patient'; readonly text: string }
  /** A hash that `callhouse` shows. */
  | { readonly kind: 'hash'; readonly hash: string };

/** True for a text of a hashed column that means the person. @param kind of the column's hash */
export type IsMeant = (kind: HashKind, text: string) => boolean;

/** Compiles which texts mean a person: a phone number in any way of writing it, a patient id exactly as it is. */
export function isMeantBy(person: Person, hashKey: string): IsMeant {
  if (person.kind === 'hash') {
    const isHash = (kind: HashKind, text: string) => keyedHash(kind, text, hashKey) === person.hash;
    return (kind, text) => isHash(kind, text) || (kind === 'phone' && isHash(kind, toE164(text) ?? text));
  }
  const texts = new Set(textsOf(person));
  const number = person.kind === 'phone' ? numberOf(person.text) : undefined;
  return (kind, text) => {
    if (kind !== person.kind) return false;
    return texts.has(text) || (number !== undefined && numbersIn(text).includes(number));
  };
}

/** Digits with at most three other characters between two of them, as people write numbers. */
const RUNS = /\+?\d(?:[\s\p{Z}().\u2010-\u2015-]{0,3}\d)*/gu;

/** The number that a text is, or those within it: a SIP address, or a number with an extension, contains one. */
function numbersIn(text: string): readonly string[] {
  const own = numberOf(text);
  if (own !== undefined) return [own];
  return (plainText(text).match(RUNS) ?? []).flatMap((run) => toE164(run) ?? []);
}

/** What the person's number or id may be stored as: as given, without the blanks that some programs append, and as the number that it is. */
export function textsOf({ kind, text }: Exclude<Person, { kind: 'hash' }>): readonly string[] {
  const number = kind === 'phone' ? numberOf(text) : undefined;
  return [...new Set([text, text.trim(), ...(number === undefined ? [] : [number])])];
}

/** The number in E.164, also if it was copied with invisible characters; undefined if the text is no number. */
export function numberOf(text: string): string | undefined {
  return toE164(plainText(text));
}

/** Address books put marks of the writing direction around numbers. `+44 (0)20` has a digit that is not dialled with the country code. */
function plainText(text: string): string {
  const visible = text.normalize('NFKC').replace(/\p{Cf}/gu, '');
  return visible.replace(/^(\s*(?:\+|00)[\d\s]+)\(0\)/, '$1');
}

/** What may be between two digits of a number. */
const BETWEEN = '[\\s\\p{Z}\\p{Cf}()./\u2010-\u2015-]{0,4}';

/**
 * A regular expression for texts with the number in them, with or without its country code if that is 1, and with whatever people write
 * between digits. RE2, which DuckDB has, reads it too.
 * @param number in E.164
 */
export function numberPattern(number: string): string {
  const isAmerican = /^\+1\d{10}$/.test(number);
  const digits = [...number.slice(isAmerican ? 2 : 1)].join(BETWEEN);
  const country = isAmerican ? `(?:(?:00|011)?${BETWEEN}1${BETWEEN})?` : '(?:00|011)?';
  return `(?:^|[^0-9])${country}${digits}(?:[^0-9]|$)`;
}
