import { createHmac } from 'node:crypto';
import { ConfigError } from './errors.ts';

/** A shorter key can be guessed, and then the hash of every phone number too. */
const MIN_LENGTH = 32;

/** Where a hash key was found, for messages. */
export interface HashKeyPlace {
  /** For example `CALLHOUSE_HASH_KEY`. */
  readonly label: string;
  /** What to do with a key that is too short, before `rotate`. */
  readonly renew: string;
  /** The command that hashes everything anew with another key. */
  readonly rotate: string;
}

/** A hash key and where it was found. */
export interface FoundHashKey extends HashKeyPlace {
  readonly key: string;
}

/** True if the key is long enough to be used. */
export function isLongEnough(key: string): boolean {
  return key.length >= MIN_LENGTH;
}

/**
 * Checks that a key cannot be guessed.
 * @returns the key
 * @throws ConfigError that says how to replace a short one; it never quotes the key
 */
export function checkHashKey({ key, label, renew, rotate }: FoundHashKey): string {
  if (isLongEnough(key)) return key;
  throw new ConfigError(
    `${label} has ${key.length} characters; expected at least ${MIN_LENGTH}, because a short key can be guessed; ${renew}, then hash what is stored anew: ${rotate}`,
  );
}

/** Identifies a key without revealing it. The first word keeps it apart from the hashes of texts. */
export function fingerprintOf(key: string, use: 'hash key' | 'erasure key' = 'hash key'): string {
  return createHmac('sha256', key).update(`fingerprint\0${use}`, 'utf8').digest('hex');
}
