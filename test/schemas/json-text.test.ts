import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../functions/http/lossless-json.ts';
import { isJsonObject, RawNumber, toJsonText } from '../../schemas/json-text.ts';
import { holds } from '../helpers/holds.ts';

describe('toJsonText', () => {
  test('is JSON.stringify where a double holds every number', () => {
    const property = fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      expect(toJsonText(value)).toBe(JSON.stringify(value));
    });
    holds(property, { numRuns: 1000 });
  });

  test('keeps the digits of numbers that none holds, at any depth, through text and back', () => {
    const number = fc.stringMatching(/^-?[1-9]\d{16,30}(\.\d{1,9}[1-9])?$/);
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { depthSize: 'small' },
        number,
        fc.string().map((text) => JSON.stringify(text)),
        fc.constantFrom('null', 'true', '0', '-1.5'),
        fc.array(tie('json'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
        fc
          .uniqueArray(fc.tuple(fc.string({ maxLength: 3 }), tie('json')), { maxLength: 3, selector: ([name]) => name })
          // Names that are array indexes are moved to the front by every engine.
          .map((members) => members.filter(([name]) => !/^\d+$/.test(name)))
          .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`),
      ),
    }));
    const property = fc.property(json, (text) => {
      expect(toJsonText(parseJson(String(text)))).toBe(text);
    });
    holds(property, { numRuns: 2000 });
  });

  test('writes members called __proto__ and leaves out what JSON has no word for', () => {
    expect(toJsonText(parseJson('{"__proto__":{"a":12345678901234567890}}'))).toBe(
      '{"__proto__":{"a":12345678901234567890}}',
    );
    expect(toJsonText([undefined, new RawNumber('1e400')])).toBe('[null,1e400]');
  });

  test('refuses what is nested deeper than the stack holds', () => {
    const deep = parseJson(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
    expect(() => toJsonText(deep)).toThrow(RangeError);
  });
});

test('isJsonObject tells an object from what only looks like one', () => {
  expect([{}, Object.create(null)].every(isJsonObject)).toBe(true);
  expect([null, [], 'x', 1, undefined, new RawNumber('1e400')].some(isJsonObject)).toBe(false);
});
