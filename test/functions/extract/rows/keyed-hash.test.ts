import { createHash, createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addHashTexts, contentHasher, keyedHash, toE164 } from '../../../../functions/extract/rows/hashes.ts';
import type { Value } from '../../../../schemas/value.ts';
import { holds } from '../../../helpers/holds.ts';

describe('a keyed hash', () => {
  const KEY = 'k'.repeat(32);

  test('is HMAC-SHA256 of kind, zero byte and exact UTF-8 text, in lower-case hex', () => {
    const expected = createHmac('sha256', KEY).update(Buffer.from('patient\0\u00e9 1', 'utf8')).digest('hex');
    expect(keyedHash('patient', '\u00e9 1', KEY)).toBe(expected);
    expect(keyedHash('phone', '+1 555', KEY)).not.toBe(keyedHash('phone', '+1555', KEY));
    expect(keyedHash('phone', '\u00e9', KEY)).not.toBe(keyedHash('phone', 'e\u0301', KEY));
  });

  test('of one text differs between kinds, so that a customer id does not reveal whose number it is', () => {
    const kinds = ['phone', 'patient', 'customer', 'campaign', 'batch', 'session'] as const;
    expect(new Set(kinds.map((kind) => keyedHash(kind, '+15550001005', KEY))).size).toBe(kinds.length);
  });
});

describe('toE164', () => {
  test.each([
    ['+15551234567', '+15551234567'],
    ['+1 (555) 123-4567', '+15551234567'],
    ['+1-555-123-4567', '+15551234567'],
    ['555.123.4567', '+15551234567'],
    ['(555) 123–4567', '+15551234567'],
    ['15551234567', '+15551234567'],
    ['tel:+15551234567', '+15551234567'],
    [' TEL:5551234567 ', '+15551234567'],
    ['0044 20 7946 0958', '+442079460958'],
    ['+44 20 7946 0958', '+442079460958'],
  ])('reads %s as %s', (given, e164) => {
    expect(toE164(given)).toBe(e164);
  });

  test.each([
    '',
    'anonymous',
    'Restricted',
    'sip:1001@sip.kalem.me',
    '911',
    '+123',
    '+1234567890123456',
    '1001',
    '+1555x',
  ])('finds no number in %j', (given) => {
    expect(toE164(given)).toBeUndefined();
  });
});

describe('a content hash', () => {
  const value: fc.Arbitrary<Value> = fc.oneof(
    fc.constant(null),
    fc.string({ unit: 'binary', maxLength: 4 }),
    fc.constantFrom('', '-', '0:', '\u0000', '1:-'),
    fc.integer(),
  );
  const textsOf = (row: readonly Value[]) => {
    const texts: string[] = [];
    for (const one of row) addHashTexts(texts, one);
    return texts;
  };
  const textOf = (row: readonly Value[]) => textsOf(row).join('');

  test('is equal for two rows only if every column is equal', () => {
    const row = fc.array(value, { minLength: 3, maxLength: 3 });
    const property = fc.property(row, row, (a, b) => {
      const equal = a.every(
        (one, n) => one === b[n] || (one !== null && b[n] !== null && String(one) === String(b[n])),
      );
      expect(textOf(a) === textOf(b)).toBe(equal);
    });
    holds(property, { numRuns: 5000 });
    expect(textOf(['\u0000', 'a'])).not.toBe(textOf([null, 'a']));
  });

  test('is SHA-256 of the declaration and all texts in one, however long each is', () => {
    const long = fc.string({ unit: 'binary', maxLength: 3 }).map((text) => text.repeat(200));
    const row = fc.array(fc.oneof(value, long), { maxLength: 5 });
    const property = fc.property(fc.string(), row, (declaration, values) => {
      const all = createHash('sha256').update(declaration + textOf(values), 'utf8');
      expect(contentHasher(declaration)(textsOf(values))).toBe(all.digest('base64url').slice(0, 22));
    });
    holds(property, { numRuns: 2000 });
  });
});
