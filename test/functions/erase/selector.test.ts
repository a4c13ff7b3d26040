import { expect, test } from 'vitest';
import { checkNamesPerson } from '../../../functions/erase/selector.ts';
import { ConfigError } from '../../../functions/errors.ts';
import { keyedHash } from '../../../functions/extract/rows/hashes.ts';
import { HASH_KINDS } from '../../../schemas/column.ts';

const KEY = 'a key of the tests, of 32 characters or more';
const check = (hash: string) => checkNamesPerson({ kind: 'hash', hash }, KEY);

test.each(HASH_KINDS)('the hash of an empty text of kind %s is refused, because many persons may have it', (kind) => {
  for (const text of ['', ' ']) expect(() => check(keyedHash(kind, text, KEY))).toThrow(ConfigError);
  expect(() => check(keyedHash(kind, '0', KEY))).not.toThrow();
});

test('the hash of an empty text with another key is not refused, because it may be that of a person with this one', () => {
  expect(() => check(keyedHash('patient', '', `${KEY}, and another one`))).not.toThrow();
});
