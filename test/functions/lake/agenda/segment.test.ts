import { describe, expect, test } from 'vitest';
import {
  changeRows,
  type DueRow,
  decodeSegment,
  encodeSegment,
  LostAgenda,
  segmentAt,
  splitRows,
} from '../../../../functions/lake/agenda/segment.ts';

const rowsAt = (instants: readonly number[]): DueRow[] => instants.map((at, n) => [at, `r${n}`]);
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('the rows of a segment', () => {
  test('are read as they were written', () => {
    const rows: DueRow[] = [
      [1, 'a'],
      [2, 'é'],
    ];
    expect(decodeSegment(encodeSegment(rows))).toEqual(rows);
  });

  test.each([
    { says: 'cut', damage: (bytes: Buffer) => bytes.subarray(0, -1) },
    { says: 'changed', damage: (bytes: Buffer) => Buffer.from(bytes.toString().replace('"a"', '"b"')) },
    { says: 'empty', damage: () => Buffer.alloc(0) },
  ])('are lost if their bytes are $says', ({ damage }) => {
    expect(() => decodeSegment(damage(encodeSegment([[1, 'a']])))).toThrow(LostAgenda);
  });

  test('change by name and instant, and stay sorted by instant, then by name', () => {
    const rows: DueRow[] = [
      [1, 'a'],
      [1, 'c'],
      [3, 'd'],
      [4, 'e'],
    ];
    const dropped = new Map([
      ['c', 1],
      ['d', 9],
    ]);
    expect(
      changeRows(rows, {
        dropped,
        added: [
          [3, 'b'],
          [1, 'f'],
          [4, 'e'],
        ],
      }),
    ).toEqual([
      [1, 'a'],
      [1, 'f'],
      [3, 'b'],
      [3, 'd'],
      [4, 'e'],
    ]);
  });
});

describe('rows are split', () => {
  const sizes = (rows: readonly DueRow[]) => splitRows(rows).map((part) => part.length);
  test('only if they are more than a segment has', () => {
    expect(splitRows([])).toEqual([]);
    expect(sizes(rowsAt(upTo(4096)))).toEqual([4096]);
    expect(sizes(rowsAt(upTo(4097)))).toEqual([2458, 1639]);
  });

  test('nowhere between rows of one instant', () => {
    const instants = upTo(4097).map((n) => (n >= 2400 && n < 2500 ? 2400 : n));
    expect(sizes(rowsAt(instants))).toEqual([2500, 1597]);
    expect(sizes(rowsAt(upTo(5000).map(() => 7)))).toEqual([5000]);
  });
});

test.each([
  { dueAt: -5, place: 0 },
  { dueAt: 0, place: 0 },
  { dueAt: 9, place: 0 },
  { dueAt: 10, place: 1 },
  { dueAt: 19, place: 1 },
  { dueAt: 20, place: 2 },
  { dueAt: 99, place: 2 },
])('the instant $dueAt belongs to segment $place', ({ dueAt, place }) => {
  const refs = [0, 10, 20].map((from) => ({ from, rows: 1, key: 'k' }));
  expect(segmentAt(refs, dueAt)).toBe(place);
});
