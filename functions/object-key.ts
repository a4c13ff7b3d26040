import { StorageError } from './errors.ts';

const PART = /^[A-Za-z0-9._=-]+$/;

/** True if the text may be one part of a key, between two slashes. `.` and `..` are not, because keys become paths. */
export function isKeyPart(part: string): boolean {
  return PART.test(part) && part !== '.' && part !== '..';
}

/**
 * Checks that a key is safe as a path.
 * @returns the key
 * @throws StorageError that does not quote the key
 */
export function checkKey(key: string): string {
  if (key.split('/').every(isKeyPart)) return key;
  throw new StorageError('unsafe object key; expected parts of letters, digits and ._=- between single slashes');
}

/**
 * Checks that the beginning of keys is safe as a path. Its last part may be empty or incomplete.
 * @returns the prefix
 * @throws StorageError that does not quote the prefix
 */
export function checkPrefix(prefix: string): string {
  const parts = prefix.split('/');
  const last = parts.pop();
  if (parts.every(isKeyPart) && (last === '' || last === '.' || (last !== undefined && isKeyPart(last)))) return prefix;
  throw new StorageError('unsafe object prefix; expected parts of letters, digits and ._=- between single slashes');
}
