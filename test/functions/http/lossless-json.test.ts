import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonError } from '../../../functions/http/json-error.ts';
import { parseJson } from '../../../functions/http/lossless-json.ts';
import { RawNumber, toJsonText } from '../../../schemas/json-text.ts';
import { holds } from '../../helpers/holds.ts';

const LONG = '12345678901234567890';
/** The value beside and below numbers that a double cannot hold. */
const besideLong = (json: string) =>
  (parseJson(`[${LONG},{"a":${json},"b":${LONG}}]`) as [unknown, { a: unknown }])[1].a;

function errorOf(text: string): JsonError {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) return error;
  }
  throw new Error('expected a JsonError');
}

describe('parseJson', () => {
  test('equals JSON.parse for any document whose numbers a double holds', () => {
    const document = fc.tuple(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 1, '\t', ' \n\r '));
    const property = fc.property(document, ([value, space]) => {
      const text = JSON.stringify(value, null, space);
      expect(withoutRawNumbers(parseJson(text))).toStrictEqual(JSON.parse(text));
      expect(withoutRawNumbers(besideLong(text))).toStrictEqual(JSON.parse(text));
    });
    holds(property, { numRuns: 1000 });
  });

  test('accepts and rejects the same texts as JSON.parse', () => {
    const nearly = fc.array(
      fc.constantFrom(
        ...'{}[],:"\\ \t\n01-+.eEux/'.split(''),
        'true',
        'false',
        'null',
        '"a"',
        '\\u00e9',
        '\u0001',
        '"k":',
      ),
      { maxLength: 8 },
    );
    const property = fc.property(nearly, (parts) => {
      const text = parts.join('');
      const strict = attempt(() => JSON.parse(text));
      expect(attempt(() => parseJson(text))).toStrictEqual(strict);
      const list = attempt(() => parseJson(`[${LONG},${text}\n]`));
      const strictList = attempt(() => JSON.parse(`[1,${text}\n]`));
      expect(list instanceof Error).toBe(strictList instanceof Error);
    });
    holds(property, { numRuns: 5000 });
  });

  test('keeps every digit of an integer when it is parsed and written', () => {
    const property = fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), (integer) => {
      const text = `{"a":[${integer}],"b":"${integer}"}`;
      const value = parseJson(text) as { a: unknown[]; b: string };
      const safe = integer >= Number.MIN_SAFE_INTEGER && integer <= Number.MAX_SAFE_INTEGER;
      expect(value.a[0]).toEqual(safe ? Number(integer) : new RawNumber(String(integer)));
      expect(toJsonText(value)).toBe(text);
    });
    holds(property, { numRuns: 1000 });
  });

  test('keeps every digit of a decimal number, which is a plain number if a double holds it', () => {
    const digits = fc.stringMatching(/^(0|[1-9]\d{0,25})\.\d{0,25}[1-9]$/);
    const property = fc.property(digits, (text) => {
      const [value] = parseJson(`[${text}]`) as unknown[];
      if (typeof value === 'number') expect(Number(value)).toBe(Number(text));
      else expect(value).toEqual(new RawNumber(text));
      // The same number next to a long one is the same: what a record becomes does not hang on its neighbours.
      expect(besideLong(text)).toEqual(value);
    });
    holds(property, { numRuns: 2000 });
  });

  test('returns any double as a plain number', () => {
    const property = fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
      const expected =
        Number.isInteger(double) && !Number.isSafeInteger(double) && Math.abs(double) < 1e21
          ? new RawNumber(String(double))
          : double;
      expect(parseJson(`[${Object.is(double, -0) ? '-0' : double}]`)).toStrictEqual([expected]);
    });
    holds(property, { numRuns: 2000 });
  });

  test.each([
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740992', new RawNumber('9007199254740992')],
    ['-9007199254740993', new RawNumber('-9007199254740993')],
    ['1000000000000000', 1_000_000_000_000_000],
    ['100000000000000000000', new RawNumber('100000000000000000000')],
    ['0.30000000000000004', 0.30000000000000004],
    ['123456789.1234567', 123456789.1234567],
    ['0.1000000000000000055', new RawNumber('0.1000000000000000055')],
    ['9007199254740993.0', new RawNumber('9007199254740993.0')],
    ['12345678901234567890.5', new RawNumber('12345678901234567890.5')],
    ['1.50000000000000000000', 1.5],
    ['1e400', new RawNumber('1e400')],
    ['-1E+400', new RawNumber('-1E+400')],
    ['1e-400', new RawNumber('1e-400')],
    ['0e-999999999999', 0],
    ['1e22', 1e22],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['5e-324', 5e-324],
    ['9'.repeat(1000), new RawNumber('9'.repeat(1000))],
    ['-0', -0],
    ['-0.00000000000000000', -0],
  ])('parses %s', (text, expected) => {
    expect(parseJson(text)).toStrictEqual(expected);
    expect(parseJson(`{"a":${text}}`)).toStrictEqual({ a: expected });
    expect(besideLong(text)).toStrictEqual(expected);
  });

  test('ignores one byte order mark', () => {
    expect(parseJson('\ufeff{"a":1}')).toEqual({ a: 1 });
    expect(errorOf('\ufeff\ufeff1')).toMatchObject({ length: 2 });
  });

  test.each(['{"__proto__":{"a":1},"b":2}', `{"__proto__":{"a":${LONG}},"b":2}`])(
    'keeps __proto__ as an own member: %s',
    (text) => {
      const value = parseJson(text) as object;
      expect(Object.keys(value)).toEqual(['__proto__', 'b']);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(({} as { a?: unknown }).a).toBeUndefined();
    },
  );

  test('keeps the last of two members of the same name', () => {
    expect(parseJson(`{"a":${LONG},"b":2,"a":1}`)).toEqual({ a: 1, b: 2 });
    expect(parseJson(`{"a":0.1000000000000000055,"\\u0061":0.1}`)).toEqual({ a: 0.1 });
    expect(parseJson(`{"a":{"b":${LONG}},"a":{"c":${LONG}}}`)).toEqual({ a: { c: new RawNumber(LONG) } });
    expect(parseJson(`{"a":{"b":[${LONG}]},"a":null}`)).toEqual({ a: null });
    expect(parseJson(`{"a":1,"b":2,"a":${LONG}}`)).toEqual({ a: new RawNumber(LONG), b: 2 });
    expect(parseJson(`{"a":[${LONG}],"b":{"c":${LONG},"d":1},"b":{"c":1,"d":${LONG}},"a":{"0":1}}`)).toEqual({
      ...{ a: { 0: 1 }, b: { c: 1, d: new RawNumber(LONG) } },
    });
    expect(parseJson(`{"a":{"a":{"a":${LONG}}},"a":{"a":{"a":1},"\\u0061":{"a":2}}}`)).toEqual({ a: { a: { a: 2 } } });
    const value = parseJson(`{"__proto__":1,"__proto__":${LONG}}`) as object;
    expect(Object.entries(value)).toEqual([['__proto__', new RawNumber(LONG)]]);
  });

  test('parses 100,000 levels of nesting', () => {
    for (const innermost of ['', LONG]) {
      let value = parseJson(`${'['.repeat(100_000)}${innermost}${']'.repeat(100_000)}`);
      let depth = 0;
      for (; Array.isArray(value); value = value[0]) depth++;
      expect(depth).toBe(100_000);
    }
  });

  test('parses long texts with many escapes', () => {
    const text = JSON.stringify({ a: '\\"\n'.repeat(500_000), b: 'x'.repeat(2_000_000) });
    expect(besideLong(text)).toEqual(JSON.parse(text));
  });

  test('finds long numbers in any place, among members of one name too, and tells whether there are any', () => {
    const raw = (text: string) => ({ text, value: new RawNumber(text) as unknown, isRepeated: false });
    const plain = (text: string) => ({ text, value: JSON.parse(text) as unknown, isRepeated: false });
    const leaf = fc.constantFrom(raw(LONG), raw('-9007199254740993'), raw('1e400'), plain('0.1'), plain(`"${LONG}"`));
    const name = fc.constantFrom('a', 'b', '"\\', '{[,:', '__proto__', '0', '');
    const { node } = fc.letrec<{ node: { text: string; value: unknown; isRepeated: boolean } }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('node')).map((nodes) => ({
          text: `[${nodes.map(({ text }) => text).join(' ,')}\n]`,
          value: nodes.map(({ value }) => value),
          isRepeated: nodes.some(({ isRepeated }) => isRepeated),
        })),
        fc.array(fc.tuple(name, tie('node'))).map((members) => ({
          text: `{${members.map(([key, { text }]) => `${JSON.stringify(key)} : ${text}`).join(',')}}`,
          value: Object.fromEntries(members.map(([key, { value }]) => [key, value])) as unknown,
          isRepeated:
            new Set(members.map(([key]) => key)).size < members.length ||
            members.some(([, { isRepeated }]) => isRepeated),
        })),
      ),
    }));
    const property = fc.property(node, ({ text, value, isRepeated }) => {
      let told = false;
      const parsed = parseJson(text, () => {
        told = true;
      });
      expect(parsed).toStrictEqual(value);
      expect(told).toBe(isRepeated);
    });
    holds(property, { numRuns: 2000 });
  });

  test('takes one pass over many long numbers at the end of a deep nesting', () => {
    const deep = 90_000;
    const numbers = Array<string>(20_000).fill(`{"a":${LONG}}`).join(',');
    let value = parseJson(`${'['.repeat(deep)}${numbers}${']'.repeat(deep)}`);
    for (let depth = 1; depth < deep; depth += 1) value = (value as unknown[])[0];
    expect((value as unknown[]).at(-1)).toEqual({ a: new RawNumber(LONG) });
  });

  test('says how long a text is that is not JSON, and quotes none of it', () => {
    const broken = [
      '',
      '{"name":Jane Doe}',
      '{"name":"Jane',
      '{"name":"Jane"',
      '{"name":"Jane",}',
      '{ "error": "Unauthorized", }',
      '<html>Jane</html>',
      '[1,2] Jane',
      '{"a":"\u0001Jane"}',
      `[${LONG}, Jane]`,
      `{${LONG}}`,
      `{"Jane\\x":${LONG}}`,
    ];
    for (const text of broken) {
      const error = errorOf(text);
      expect(error).toMatchObject({ length: text.length, message: `${text.length} characters that are not JSON` });
      expect(JSON.stringify(error) + error.stack).not.toContain('Jane');
      expect(error.cause).toBeUndefined();
    }
  });
});

/** As `JSON.parse` has it: unsafe integers as the double next to them. */
function withoutRawNumbers(value: unknown): unknown {
  if (value instanceof RawNumber) return Number(value.text);
  if (Array.isArray(value)) return value.map(withoutRawNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutRawNumbers(member)]));
}

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch {
    return new Error('refused');
  }
}
