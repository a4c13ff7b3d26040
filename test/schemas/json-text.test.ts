import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../functions/http/lossless-json.ts';
import { isJsonObject, RawNumber, toJsonText } from '../../schemas/json-text.ts';
import { holds } from '../helpers/holds.ts';

describe('toJsonText', () => {
  test('gives the text of JSON.stringify if doubles hold every number exactly', () => {
    const property = fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      expect(toJsonText(value)).toBe(JSON.stringify(value));
    });
    holds(property, { numRuns: 1000 });
  });

  test('keeps all digits of numbers that no double holds, at any depth', () => {
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

  test('writes a member called __proto__, and null for undefined in an array', () => {
    expect(toJsonText(parseJson('{"__proto__":{"a":12345678901234567890}}'))).toBe(
      '{"__proto__":{"a":12345678901234567890}}',
    );
    expect(toJsonText([undefined, new RawNumber('1e400')])).toBe('[null,1e400]');
  });

  test('keeps a string that looks like one of its own marks', () => {
    const mark = '\u0000number 7';
    const value = { [mark]: [mark, new RawNumber('12345678901234567890')], flag: true, none: null, left: undefined };
    const quoted = '"\\u0000number 7"';
    expect(toJsonText(value)).toBe(`{${quoted}:[${quoted},12345678901234567890],"flag":true,"none":null}`);
    expect(toJsonText([mark])).toBe(`[${quoted}]`);
  });

  test('is well-formed: a lone surrogate becomes U+FFFD, wherever it is and whatever comes before', () => {
    const part = fc.constantFrom('\ud800', '\udfff', '\ud83d\ude00', '\\', 'u', 'd800', '\\ud800', '"', 'a', '\u0000');
    const text = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''));
    const property = fc.property(fc.dictionary(text, fc.array(text), { maxKeys: 2 }), (value) => {
      let replaced = 0;
      const json = toJsonText(value, () => (replaced = 1));
      const names = Object.entries(value).map(([name, texts]) => [
        name.toWellFormed(),
        texts.map((one) => one.toWellFormed()),
      ]);
      expect(json).toBe(
        `{${names.map(([name, texts]) => `${JSON.stringify(name)}:${JSON.stringify(texts)}`).join(',')}}`,
      );
      expect(replaced === 1).toBe(
        !Object.entries(value)
          .flat(2)
          .every((one) => one.isWellFormed()),
      );
    });
    holds(property, { numRuns: 3000 });
  });

  test('throws a RangeError if the value is nested too deeply for the call stack', () => {
    const deep = parseJson(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(() => toJsonText(deep)).toThrow(RangeError);
  });
});

test('isJsonObject is false for arrays, null, primitives and RawNumber', () => {
  expect([{}, Object.create(null)].every(isJsonObject)).toBe(true);
  expect([null, [], 'x', 1, undefined, new RawNumber('1e400')].some(isJsonObject)).toBe(false);
});
