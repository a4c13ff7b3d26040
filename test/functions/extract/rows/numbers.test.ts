import { describe, expect, test } from 'vitest';
import { toBigInt, toDecimal, toDouble } from '../../../../functions/extract/rows/numbers.ts';
import { RawNumber } from '../../../../schemas/json-text.ts';

const raw = (text: string) => new RawNumber(text);

describe('an integer', () => {
  test.each([
    { given: 7, is: 7n },
    { given: -7n, is: -7n },
    { given: Number.MAX_SAFE_INTEGER, is: 9007199254740991n },
    { given: raw('9007199254740993'), is: 9007199254740993n },
    { given: ' 12 ', is: 12n },
    { given: '-1234567890123456789', is: -1234567890123456789n },
  ])('is read from $given', ({ given, is }) => {
    expect(toBigInt(given)).toBe(is);
  });

  test.each([1.5, 2 ** 53, '', '1,000', '+1', '1.0', 'x1', '1x', '12345678901234567890', null, true, [1], raw('1e3')])(
    'is not read from %s',
    (given) => {
      expect(toBigInt(given)).toBeUndefined();
    },
  );
});

describe('a double', () => {
  test.each([
    { given: 1.5, is: 1.5 },
    { given: 5n, is: 5 },
    { given: raw('1.25'), is: 1.25 },
    { given: ' -1.5e-2 ', is: -0.015 },
    { given: '2E+3', is: 2000 },
    { given: '007', is: 7 },
  ])('is read from $given', ({ given, is }) => {
    expect(toDouble(given)).toBe(is);
  });

  test.each([
    ...['', ' ', '.5', '1.', '+1', '1e', '0x10', '1,5', 'x1', '1x', 'Infinity', '1e999', raw('1e999')],
    ...[Number.NaN, Number.POSITIVE_INFINITY, true, false, null, undefined, [], {}, new Date(0)],
  ])('is not read from %s', (given) => {
    expect(toDouble(given)).toBeUndefined();
  });
});

describe('a decimal', () => {
  test.each([
    { given: 0, is: '0.000000' },
    { given: '-0', is: '0.000000' },
    { given: 1.5, is: '1.500000' },
    { given: 12n, is: '12.000000' },
    { given: ' 12.25 ', is: '12.250000' },
    { given: raw('12.25'), is: '12.250000' },
    { given: '0.0000005', is: '0.000001' },
    { given: '0.00000049', is: '0.000000' },
    { given: '-0.0000005', is: '-0.000001' },
    { given: '-0.0000004', is: '0.000000' },
    { given: '1.0000015', is: '1.000002' },
    { given: '1.0000014', is: '1.000001' },
    { given: '0.9999995', is: '1.000000' },
    { given: '1e-7', is: '0.000000' },
    { given: '5e-7', is: '0.000001' },
    { given: '1e-99', is: '0.000000' },
    { given: '9e-8', is: '0.000000' },
    { given: '99e-9', is: '0.000000' },
    { given: '1e3', is: '1000.000000' },
    { given: '999999999999.999999', is: '999999999999.999999' },
    { given: '-999999999999.999999', is: '-999999999999.999999' },
  ])('of $given is $is', ({ given, is }) => {
    expect(toDecimal(given)).toBe(is);
  });

  test.each(['999999999999.9999995', '1000000000000', '1e12', '1e300', 'x', '', null, true])(
    'is none of %s',
    (given) => {
      expect(toDecimal(given)).toBeUndefined();
    },
  );
});
