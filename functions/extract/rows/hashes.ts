import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { HashKind } from '../../../schemas/column.ts';
import { columnIndex } from '../../../schemas/layout.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';

/**
 * Compiles the content hash of rows of one table: 128 bits of SHA-256 as 22 characters of base64url, so many that two versions of a row
 * never agree by chance.
 * @param declaration text that the hash of every row begins with. It is hashed once, not for every row
 */
export function contentHasher(declaration: string): (texts: readonly string[]) => string {
  const begun = createHash('sha256').update(declaration, 'utf8');
  return (texts) => {
    const hash = begun.copy();
    let short = '';
    for (const text of texts) {
      if (text.length < LONG_TEXT) {
        short += text;
        continue;
      }
      // Joining a long text to others would copy it, at twice the size if one of them is not Latin-1.
      hash.update(short, 'utf8').update(text, 'utf8');
      short = '';
    }
    return hash.update(short, 'utf8').digest('base64url').slice(0, 22);
  };
}

const LONG_TEXT = 256;

/**
 * Appends the texts that a value adds to a row's content hash. The length in front keeps neighbouring values apart (equal texts
 * mean equal values), and no character is ever split between two texts.
 */
export function addHashTexts(texts: string[], value: Value): void {
  if (value === null) {
    texts.push('-');
    return;
  }
  const text = typeof value === 'string' ? value : Array.isArray(value) ? JSON.stringify(value) : String(value);
  texts.push(`${text.length}:`, text);
}

/** The declaration as text. If it changes, every row counts as changed and is staged again. */
function declarationText(table: Table): string {
  return Object.entries(table.columns)
    .map(([name, { type, paths, sensitive, hash, safe }]) => {
      // A changed kind of hash needs no new staging: a rotation of the hash key hashes the stored rows anew.
      return `${name}:${type}:${paths.join('|')}:${hash === undefined ? sensitive : 'hashed'}:${safe?.kind ?? ''}`;
    })
    .join(',');
}

/** A column of a row, and whether it holds an address. */
interface HashedColumn {
  readonly index: number;
  readonly url: boolean;
}

/**
 * Hashes a row: the table's declaration, which columns were refused or are not shown, and the vendor's values. An address counts without
 * its query.
 */
export function rowHasher(table: Table, columns: readonly HashedColumn[], extraAt: number) {
  const hash = contentHasher(declarationText(table));
  const hiddenAt = columnIndex(table)('_hidden');
  return (refused: string, values: readonly Value[]): string => {
    const texts = [refused, String(values[hiddenAt])];
    for (const { index, url } of columns) {
      const value = values[index] ?? null;
      addHashTexts(texts, url && typeof value === 'string' ? (value.split('?', 1)[0] ?? '') : value);
    }
    addHashTexts(texts, values[extraAt] ?? null);
    return hash(texts);
  };
}

/**
 * HMAC-SHA256 of the kind, a zero byte and the exact UTF-8 text, as 64 lower-case hex digits. No kind contains a zero byte, so texts
 * of two kinds never give equal hashes.
 * @see {@link https://www.rfc-editor.org/rfc/rfc2104}
 */
export function keyedHash(kind: HashKind, text: string, key: string): string {
  if (made?.key !== key || made.hashes.size >= MOST_HASHES)
    made = { key, object: createSecretKey(key, 'utf8'), hashes: new Map() };
  const hashed = `${kind}\0${text}`;
  const known = made.hashes.get(hashed);
  if (known !== undefined) return known;
  const keyed = createHmac('sha256', made.object).update(hashed, 'utf8').digest('hex');
  made.hashes.set(hashed, keyed);
  return keyed;
}

/** The text that replaces a part of a key which may not be shown: see `REPLACED_KEY`. */
export function replacedKey(text: string, key: string): string {
  return `~${keyedHash('key', text, key).slice(0, 32)}`;
}

/** The prepared key and the last hashes. A run has one key and a clinic few numbers, and preparing the key takes a third of the time. */
let made: { readonly key: string; readonly object: KeyObject; readonly hashes: Map<string, string> } | undefined;
const MOST_HASHES = 5000;

const E164 = /^\+\d{7,15}$/;
const SEPARATORS = /[\s().\-\u2010-\u2015/]/g;

/**
 * A phone number in E.164 (`+15551230000`), from the ways US clinics write one. Ten digits count as a US number.
 * @returns undefined if the text is not a phone number: withheld, a SIP address, a short code
 * @see {@link https://www.itu.int/rec/T-REC-E.164}
 */
export function toE164(text: string): string | undefined {
  if (E164.test(text)) return text;
  const digits = text.trim().replace(/^tel:/i, '').replace(SEPARATORS, '');
  if (E164.test(digits)) return digits;
  if (/^00\d{7,15}$/.test(digits)) return `+${digits.slice(2)}`;
  if (/^\d{10}$/.test(digits)) return `+1${digits}`;
  return /^1\d{10}$/.test(digits) ? `+${digits}` : undefined;
}
