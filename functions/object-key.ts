import { StorageError } from './errors.ts';

const PART = /^[A-Za-z0-9._=-]+$/;

/** True for what may stand between two slashes of a key; never a way out of the folder. */
export function isKeyPart(part: string): boolean {
  return PART.test(part) && part !== '.' && part !== '..';
}

/**
 * A key that is safe as a path.
 * @throws StorageError that does not repeat it
 */
export function checkKey(key: string): string {
  if (key.split('/').every(isKeyPart)) return key;
  throw new StorageError('unsafe object key; expected parts of letters, digits and ._=- between single slashes');
}

/**
 * The beginning of keys, safe as a path; its last part may be empty or incomplete.
 * @throws StorageError that does not repeat it
 */
export function checkPrefix(prefix: string): string {
  const parts = prefix.split('/');
  const last = parts.pop();
  if (parts.every(isKeyPart) && (last === '' || last === '.' || (last !== undefined && isKeyPart(last)))) return prefix;
  throw new StorageError('unsafe object prefix; expected parts of letters, digits and ._=- between single slashes');
}
