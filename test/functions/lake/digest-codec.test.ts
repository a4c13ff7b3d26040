import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DigestEntry, PartitionCursor } from '../../../functions/lake/digest/digest-entry.ts';
import { decodeLine, encodeLine } from '../../../functions/lake/digest-objects.ts';
import { holds } from '../../helpers/holds.ts';

const plain: DigestEntry = { contentHash: 'hash', partOn: 20_000, firstSeenAt: 1_793_523_600_000 };
const full: Required<DigestEntry> = {
  ...plain,
  group: '101',
  sortedAt: 3,
  sortedBy: 1,
  missingSince: 5,
  missingSinceClock: 6,
  mayBeSkipped: true,
  deletedAt: 7,
  alias: 'uuid',
  optedOut: true,
  blanked: true,
  children: '[["a","h",1,2]]',
  handed: '{"office":"o1"}',
};

describe('a digest line', () => {
  test.each([
    ['["e","a",{"h":"hash","p":20000,"f":1793523600000}]', plain],
    ['["e","a",{"h":"hash","p":20000,"f":1793523600000,"g":"101"}]', { ...plain, group: '101' }],
    [
      '["e","a",{"h":"hash","p":20000,"f":1793523600000,"g":"101","t":3,"i":1,"s":5,"k":6,"m":1,"d":7,"a":"uuid","o":1,"b":1,"c":"[[\\"a\\",\\"h\\",1,2]]","x":"{\\"office\\":\\"o1\\"}"}]',
      full,
    ],
    ['["e","a",{"h":"hash","p":20000,"f":1793523600000,"d":7}]', { ...plain, deletedAt: 7 }],
    // As the first format wrote it: a candidate without a clock.
    ['["e","a",{"h":"hash","p":20000,"f":1793523600000,"s":5}]', { ...plain, missingSince: 5 }],
  ])('%s', (line, entry) => {
    expect(decodeLine(line)).toEqual({ kind: 'entry', key: 'a', entry });
    expect(encodeLine({ kind: 'entry', key: 'a', entry })).toBe(line);
  });

  test.each([
    ['["l","x",{"r":5}]', { readAt: 5 }],
    ['["l","x",{"r":5,"d":20000}]', { readAt: 5, newestDay: 20_000 }],
    ['["l","x",{"r":5,"f":-3}]', { readAt: 5, readFrom: -3 }],
    ['["l","x",{"r":5,"d":0,"v":"hash"}]', { readAt: 5, newestDay: 0, parentHash: 'hash' }],
  ])('%s', (line, cursor) => {
    expect(decodeLine(line)).toEqual({ kind: 'cursor', partition: 'x', cursor });
    expect(encodeLine({ kind: 'cursor', partition: 'x', cursor })).toBe(line);
  });

  test.each(['', '{}', '["e"', '["x","a",{}]', '[]', 'null'])('that is %j is refused', (line) => {
    expect(() => decodeLine(line)).toThrow();
  });
});

test('any entry and cursor is read as it was written, in one line', () => {
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const int = fc.integer({ min: -1e13, max: 1e13 });
  const entry = fc
    .record({
      contentHash: fc.string(),
      partOn: int,
      firstSeenAt: int,
      group: optional(fc.string()),
      missingSince: optional(int),
      missingSinceClock: optional(int),
      mayBeSkipped: optional(fc.constant(true)),
      deletedAt: optional(int),
      alias: optional(fc.string()),
      optedOut: optional(fc.constant(true as const)),
      children: optional(fc.string()),
    })
    .map((given) => withoutUndefined(given) as unknown as DigestEntry);
  const cursor = fc
    .record({ readAt: int, newestDay: optional(int), readFrom: optional(int), parentHash: optional(fc.string()) })
    .map((given) => withoutUndefined(given) as unknown as PartitionCursor);
  const property = fc.property(fc.string({ unit: 'binary' }), entry, cursor, (key, one, other) => {
    const lines = [
      encodeLine({ kind: 'entry', key, entry: one }),
      encodeLine({ kind: 'cursor', partition: key, cursor: other }),
    ];
    expect(lines.join('')).not.toContain('\n');
    expect(lines.map(decodeLine)).toStrictEqual([
      { kind: 'entry', key, entry: one },
      { kind: 'cursor', partition: key, cursor: other },
    ]);
  });
  holds(property, { numRuns: 500 });
});

const withoutUndefined = (given: object) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
