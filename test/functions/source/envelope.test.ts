import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ContractError } from '../../../functions/errors.ts';
import { count, flag, readEnvelope } from '../../../functions/source/envelope.ts';

describe('a count', () => {
  test.each([
    [0, 0],
    [7, 7],
    ['7', 7],
    ['', 0],
    [null, null],
    [undefined, undefined],
    [-1, undefined],
    [1.5, undefined],
    ['many', undefined],
    [{}, undefined],
    [Number.POSITIVE_INFINITY, undefined],
  ])('of %j is %s', (given, expected) => {
    expect(count.parse(given)).toBe(expected);
  });
});

describe('a flag', () => {
  test.each([
    [true, true],
    [false, false],
    ['true', true],
    ['false', false],
    [null, null],
    [undefined, undefined],
    ['True', undefined],
    ['yes', undefined],
    [1, undefined],
    [0, undefined],
  ])('of %j is %s', (given, expected) => {
    expect(flag.parse(given)).toBe(expected);
  });
});

describe('an envelope', () => {
  const shape = z.looseObject({
    data: z.array(z.unknown()),
    meta: z.looseObject({ total: z.number(), page: z.number() }),
  });

  test('is read as its shape says', () => {
    const body = { data: [1], meta: { total: 2, page: 3 }, more: 'kept' };
    expect(readEnvelope(shape, body)).toEqual(body);
  });

  test.each([
    [{}, 'data (invalid_type), meta (invalid_type)'],
    [{ data: 'Jane Doe', meta: { total: 1, page: 'Jane Doe' } }, 'data (invalid_type), meta.page (invalid_type)'],
    [null, 'the body (invalid_type)'],
    ['Jane Doe', 'the body (invalid_type)'],
  ])('that is wrong is refused with paths and kinds, and no value: %j', (body, seen) => {
    const reading = () => readEnvelope(shape, body);
    expect(reading).toThrow(ContractError);
    expect(reading).toThrow(new ContractError(`the answer is not what the vendor's document says: ${seen}`));
  });

  test('names three wrong paths at most', () => {
    const wide = z.object({ a: z.number(), b: z.number(), c: z.number(), d: z.number() });
    expect(() => readEnvelope(wide, {})).toThrow(
      new ContractError(
        "the answer is not what the vendor's document says: a (invalid_type), b (invalid_type), c (invalid_type)",
      ),
    );
  });
});
