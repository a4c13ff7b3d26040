import { expect, test } from 'vitest';
import { REPLACED } from '../../../../functions/extract/rows/coerce.ts';
import { accepted, coerce, refused } from '../../../helpers/coerce-json.ts';

const ms = (text: string) => Date.parse(text);

accepted('text', [
  ['"é\\u0000😀"', 'é\u0000😀'],
  ['""', ''],
  ['" 12 "', ' 12 '],
  ['12', '12'],
  ['-0', '0'],
  ['true', 'true'],
  ['9007199254740993', '9007199254740993'],
  ['123456789012345678901234567890', '123456789012345678901234567890'],
  ['0.5', '0.5'],
]);
refused('text', [
  ['{"a":1}', 'an object where text is expected'],
  ['[1]', 'a list where text is expected'],
]);

accepted('bigint', [
  ['12', 12n],
  ['"12"', 12n],
  ['" -12 "', -12n],
  ['12.0', 12n],
  ['-0', 0n],
  ['9007199254740993', 9007199254740993n],
  ['"9223372036854775807"', 9223372036854775807n],
  ['-9223372036854775808', -9223372036854775808n],
  ['1e3', 1000n],
]);
refused('bigint', [
  ['1.5', 'another number where an integer is expected'],
  ['9223372036854775808', 'integer beyond 64 bits'],
  ['12345678901234567890123', 'another number where an integer is expected'],
  ['"00:03:15"', 'other text where an integer is expected'],
  ['"12.5"', 'other text where an integer is expected'],
  ['"1,234"', 'other text where an integer is expected'],
  ['"1 234"', 'other text where an integer is expected'],
  ['"1_234"', 'other text where an integer is expected'],
  ['""', 'other text where an integer is expected'],
  ['true', 'a boolean where an integer is expected'],
  ['[1]', 'a list where an integer is expected'],
]);

accepted('double', [
  ['4.08', 4.08],
  ['"4.08"', 4.08],
  ['"1e-7"', 1e-7],
  ['-0.017', -0.017],
  ['12', 12],
  ['300.000197', 300.000197],
  ['0.30000000000000004', 0.30000000000000004],
  ['1.7976931348623157e308', Number.MAX_VALUE],
]);
refused('double', [
  ['1e400', 'another number where a number is expected'],
  ['"NaN"', 'other text where a number is expected'],
  ['"Infinity"', 'other text where a number is expected'],
  ['"0x10"', 'other text where a number is expected'],
  ['"1,234.5"', 'other text where a number is expected'],
  ['"1 234"', 'other text where a number is expected'],
  ['""', 'other text where a number is expected'],
  ['true', 'a boolean where a number is expected'],
  ['{}', 'an object where a number is expected'],
]);

accepted('boolean', [
  ['true', true],
  ['false', false],
  ['"true"', true],
  ['"false"', false],
  ['"True"', true],
  ['"FALSE"', false],
  ['" false "', false],
  ['1', true],
  ['0', false],
  ['1.0', true],
  ['"1"', true],
  ['"0"', false],
]);
refused('boolean', [
  ['2', 'another number where true or false is expected'],
  ['-1', 'another number where true or false is expected'],
  ['0.5', 'another number where true or false is expected'],
  ['""', 'other text where true or false is expected'],
  ['"t"', 'other text where true or false is expected'],
  ['"falsey"', 'other text where true or false is expected'],
  ['"untrue"', 'other text where true or false is expected'],
  ['"11"', 'other text where true or false is expected'],
  ['"10"', 'other text where true or false is expected'],
  ['{}', 'an object where true or false is expected'],
  ['"yes"', 'other text where true or false is expected'],
]);

accepted('date', [
  ['"2025-07-17"', ms('2025-07-17T00:00:00Z') / 86_400_000],
  ['"2025-07-17T23:59:59Z"', ms('2025-07-17T00:00:00Z') / 86_400_000],
  ['" 2025-07-17 "', ms('2025-07-17T00:00:00Z') / 86_400_000],
  ['"1970-01-02"', 1],
]);
refused('date', [
  ['"2025-02-30"', 'other text where a day YYYY-MM-DD is expected'],
  ['"17/07/2025"', 'other text where a day YYYY-MM-DD is expected'],
  ['20250717', 'another number where a day YYYY-MM-DD is expected'],
  ['"2025-07-17 or so"', 'other text where a day YYYY-MM-DD is expected'],
  ['"1970-01-01"', 'the day 1970-01-01 or one before, which means none'],
  ['"0001-01-01"', 'the day 1970-01-01 or one before, which means none'],
  ['"0001-01-01T00:00:00Z"', 'the day 1970-01-01 or one before, which means none'],
]);

accepted('decimal', [
  ['0.98', '0.980000'],
  ['"0.98"', '0.980000'],
  ['12', '12.000000'],
  ['-0.017', '-0.017000'],
  ['0.1234565', '0.123457'],
  ['0.1234564999', '0.123456'],
  ['-0.1234565', '-0.123457'],
  ['1.0000005', '1.000001'],
  ['5e-7', '0.000001'],
  ['4.9e-7', '0.000000'],
  ['-1e-9', '0.000000'],
  ['-0', '0.000000'],
  ['1e-7', '0.000000'],
  ['"1E2"', '100.000000'],
  ['999999999999', '999999999999.000000'],
  ['"999999999999.999999"', '999999999999.999999'],
  ['1e-400', '0.000000'],
]);
const NO_AMOUNT = 'where an amount below 10^12 is expected';
refused('decimal', [
  ['1000000000000', `another number ${NO_AMOUNT}`],
  ['-1000000000000', `another number ${NO_AMOUNT}`],
  ['"999999999999.9999995"', `other text ${NO_AMOUNT}`],
  ['1e21', `another number ${NO_AMOUNT}`],
  ['1e300', `another number ${NO_AMOUNT}`],
  ['1e400', `another number ${NO_AMOUNT}`],
  ['"$4.20"', `other text ${NO_AMOUNT}`],
  ['"1,234.50"', `other text ${NO_AMOUNT}`],
  ['"1,5"', `other text ${NO_AMOUNT}`],
  ['null', `an object ${NO_AMOUNT}`],
]);

accepted('json', [
  ['{"b":[1, 2.50,null],"a":{"x":"é"}}', '{"b":[1,2.5,null],"a":{"x":"é"}}'],
  ['[9007199254740993, 1e400, -12345678901234567890.5]', '[9007199254740993,1e400,-12345678901234567890.5]'],
  ['"text"', '"text"'],
  ['[]', '[]'],
]);

accepted('doubles', [
  ['[120.5, 135.2, null, "3"]', [120.5, 135.2, null, 3]],
  ['[]', []],
  ['{"0":1,"2":3}', [1, 3]],
]);
refused('doubles', [
  ['[1, "x"]', 'a member that is no number'],
  ['[1e400]', 'a member that is no number'],
  ['5', 'another number where a list of numbers is expected'],
  ['{"a":1}', 'an object where a list of numbers is expected'],
  ['{}', 'an object where a list of numbers is expected'],
  ['["1,234"]', 'a member that is no number'],
]);

test.each([
  ['text', '"a\\ud800b"', 'a\ufffdb'],
  ['text', '"\\udc00\\ud800"', '\ufffd\ufffd'],
  ['json', '{"\\ud800k":["\\udc00"]}', '{"\ufffdk":["\ufffd"]}'],
  ['json', '{"a":"\\ud800","n":12345678901234567890}', '{"a":"\ufffd","n":12345678901234567890}'],
] as const)('%s holds half a surrogate pair in %s as U+FFFD, and counts it', (type, json, value) => {
  expect(coerce(type, json)).toEqual({ value, doubts: [REPLACED] });
});

test('text that only looks like half a surrogate pair is as it was', () => {
  expect(coerce('json', '["\\\\ud800","\\ud83d\\ude00"]')).toEqual({ value: '["\\\\ud800","😀"]', doubts: [] });
});

test('json nested deeper than the stack holds is refused', () => {
  const deep = `${'['.repeat(100_000)}1${']'.repeat(100_000)}`;
  expect(coerce('json', deep)).toEqual({ value: null, doubts: ['JSON nested too deep'] });
  // Below that depth it is kept.
  expect(coerce('json', '[[[[1]]]]').value).toBe('[[[[1]]]]');
});
