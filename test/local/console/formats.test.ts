import { describe, expect, test } from 'vitest';
import { didYouMean } from '../../../functions/nearest.ts';
import { csvFormat } from '../../../local/console/format-csv.ts';
import { jsonFormat } from '../../../local/console/format-json.ts';
import { formatTable } from '../../../local/console/format-table.ts';
import { inFormat } from '../../helpers/in-format.ts';

const AT = new Date('2026-01-02T03:04:05.678Z');

describe('formatTable', () => {
  test('aligns columns, numbers to the right', () => {
    expect(
      formatTable(
        ['name', 'n'],
        [
          ['a', 5],
          ['long name', 12_345n],
          ['ünï', null],
        ],
      ),
    ).toBe(['name           n', '---------  -----', 'a              5', 'long name  12345', 'ünï', ''].join('\n'));
  });

  test('cuts long cells and replaces control characters', () => {
    expect(
      formatTable(['t'], [['x'.repeat(100)], ['a\u001b[31m\nb']])
        .split('\n')
        .slice(2, 4),
    ).toEqual([`${'x'.repeat(59)}…`, 'a [31m b']);
  });

  test('draws only the head if there are no rows', () => {
    expect(formatTable(['a', 'b'], [])).toBe('a  b\n-  -\n');
  });
});

describe('csvFormat', () => {
  const csv = (value: unknown) => inFormat(csvFormat(['c']), [[value]]).slice('c\n'.length, -1);

  test.each([
    [null, ''],
    ['', '""'],
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['a;=1+1', '"a;=1+1"'],
    ['a\t=1+1', '"a\t=1+1"'],
    [' a', '" a"'],
    [AT, '2026-01-02T03:04:05.678Z'],
    [9007199254740993n, '9007199254740993'],
    [[1, 2n], '"[1,""2""]"'],
    [true, 'true'],
  ])('%s is %s', (value, text) => expect(csv(value)).toBe(text));

  test.each([
    ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
    ['+1+1', "'+1+1"],
    ['-cmd', "'-cmd"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', `"'\tx"`],
    ['\n=1+1', `"'\n=1+1"`],
    [' =1', `' =1`],
    ['\u00a0=1', `'\u00a0=1`],
    ['\u200b=1', `'\u200b=1`],
    ['＝1+1', `'＝1+1`],
    ['＋1', `'＋1`],
    ['－1', `'－1`],
    ['＠SUM(A1)', `'＠SUM(A1)`],
    ['|calc', `'|calc`],
    ['%0A=1', `'%0A=1`],
  ])('text that a spreadsheet would run gets an apostrophe: %j', (value, text) => expect(csv(value)).toBe(text));

  test.each([
    [-5, '-5'],
    ['-1.500000', '-1.500000'],
    ['+15550100', '+15550100'],
    ['-1e-7', '-1e-7'],
  ])('a number stays as it is: %j', (value, text) => expect(csv(value)).toBe(text));
});

describe('jsonFormat', () => {
  const json = (columns: string[], rows: unknown[][]) => JSON.parse(inFormat(jsonFormat(columns), rows));

  test('writes unsafe integers as strings and instants in ISO 8601, inside lists too', () => {
    expect(json(['a', 'b', 'c', 'd'], [[2n ** 60n, AT, [1n, { x: AT }], undefined]])).toEqual([
      { a: '1152921504606846976', b: AT.toISOString(), c: ['1', { x: AT.toISOString() }], d: null },
    ]);
  });

  test('keeps columns of the same name apart', () => {
    expect(json(['n', 'n', 'n_1'], [[1, 2, 3]])).toEqual([{ n: 1, n_1: 2, n_1_1: 3 }]);
  });

  test('writes an empty array if there are no rows', () => expect(json(['a'], [])).toEqual([]));
});

describe('didYouMean', () => {
  test.each([
    ['kalme', ' (did you mean kalem?)'],
    ['KISMET', ' (did you mean kismet?)'],
    ['hubspot', ''],
    ['', ''],
  ])('%s', (written, hint) => expect(didYouMean(written, ['kalem', 'kismet', 'solum', 'zudu'])).toBe(hint));
});
