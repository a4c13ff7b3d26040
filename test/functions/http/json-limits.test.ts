import { describe, expect, test } from 'vitest';
import { JsonError, JsonLimitError } from '../../../functions/http/json-error.ts';
import { parseJson } from '../../../functions/http/lossless-json.ts';

const LONG = '12345678901234567890';

describe('a text of many values', () => {
  const list = (count: number, value: string) => `[${Array<string>(count).fill(value).join(',')}]`;

  test.each([
    ['1,000,000 values', list(999_999, '0'), list(1_000_000, '0')],
    ['1,000,000 values in objects', list(249_999, '{"a":0,"b":0}'), list(333_334, '{"a":0,"b":0}')],
    ['250,000 long numbers', list(250_000, LONG), list(250_001, LONG)],
    ['250,000 numbers below any double', list(250_000, '1e-400'), list(250_001, '1e-400')],
    ['250,000 members', `{${list(250_000, '"a":1').slice(1, -1)}}`, `{${list(250_001, '"a":1').slice(1, -1)}}`],
    ['100,000 levels', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, `${'['.repeat(100_001)}${']'.repeat(100_001)}`],
    ['100,000 levels of objects', `${'{"a":'.repeat(100_000)}0${'}'.repeat(100_000)}`, '{"a":'.repeat(100_001)],
  ])('is read up to %s, and refused above', (_what, most, above) => {
    expect(() => parseJson(most)).not.toThrow();
    expect(() => parseJson(above)).toThrow(JsonLimitError);
  });

  test('is not one that has brackets, commas and quotation marks in its texts', () => {
    const text = '[{,"\\'.repeat(300_000);
    expect(parseJson(JSON.stringify({ [text]: text }))).toEqual({ [text]: text });
    expect(() => parseJson(`["${'[,'.repeat(1_000_000)}`)).toThrow(JsonError);
  });
});
