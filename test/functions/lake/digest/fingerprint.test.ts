import { describe, expect, test } from 'vitest';
import { cursorCodec, entryCodec, firstKeyCodec } from '../../../../functions/lake/digest/codecs.ts';
import {
  CANDIDATE,
  type ComparedRecord,
  DELETED,
  fingerprint,
  isPrint,
} from '../../../../functions/lake/digest/fingerprint.ts';
import { hash64 } from '../../../../functions/lake/digest/shard.ts';
import { digestEntry } from '../../../helpers/settled-digest.ts';

test.each([
  { one: [1, 2], other: [1, 2], isSame: true },
  { one: [1, 2], other: [1, 3], isSame: false },
  { one: [1, 2], other: [3, 2], isSame: false },
  { one: [1, 2], other: [2, 1], isSame: false },
])('fingerprints $one and $other are the same: $isSame', ({ one, other, isSame }) => {
  const print = ([high = 0, low = 0]: number[]) => ({ high, low });
  expect(isPrint(print(one), print(other))).toBe(isSame);
});

const RECORD: ComparedRecord = { contentHash: 'h', group: 'g', optedOut: false, children: new Map([['a', '1']]) };

describe('the fingerprint of a record', () => {
  test.each<Partial<ComparedRecord>>([
    { contentHash: 'i' },
    { group: undefined },
    { optedOut: true },
    { children: new Map() },
    { children: new Map([['a', '2']]) },
    { children: new Map([['b', '1']]) },
    { sortedAt: 1 },
  ])('is another with %j', (change) => {
    expect(isPrint(fingerprint(RECORD), fingerprint({ ...RECORD, ...change }))).toBe(false);
  });

  test('depends on the field of its place, which is the first if none is named', () => {
    const at = (more: Partial<ComparedRecord>) => fingerprint({ ...RECORD, sortedAt: 1, ...more });
    expect(at({ sortedBy: 0 })).toEqual(at({}));
    expect(isPrint(at({ sortedBy: 1 }), at({}))).toBe(false);
    expect(fingerprint({ ...RECORD, sortedBy: 1 })).toEqual(fingerprint(RECORD));
  });

  test('does not depend on the order of its children', () => {
    const [a, b] = [
      ['a', '1'],
      ['b', '2'],
    ] as const;
    expect(fingerprint({ ...RECORD, children: new Map([b, a]) })).toEqual(
      fingerprint({ ...RECORD, children: new Map([a, b]) }),
    );
  });
});

describe('the fingerprint of an entry', () => {
  const entry = digestEntry('h', { group: 'g' });
  test('is that of its record', () => {
    const children = new Map<string, string>();
    expect(entryCodec.fingerprint(entry)).toEqual(fingerprint({ ...RECORD, children }));
    expect(entryCodec.fingerprint({ ...entry, optedOut: true, sortedAt: 5, sortedBy: 1 })).toEqual(
      fingerprint({ ...RECORD, children, optedOut: true, sortedAt: 5, sortedBy: 1 }),
    );
  });

  test('is that of no record if it is marked deleted, or a deletion candidate', () => {
    expect(entryCodec.fingerprint({ ...entry, missingSince: 1 })).toEqual(CANDIDATE);
    expect(entryCodec.fingerprint({ ...entry, missingSince: 1, deletedAt: 2 })).toEqual(DELETED);
  });

  test('that others have: none of a cursor, and that of its key of a first key', () => {
    expect(cursorCodec.fingerprint({ readAt: 1 })).toEqual(DELETED);
    expect(firstKeyCodec.fingerprint({ key: 'k', firstSeenAt: 1, partOn: 1 } as never)).toEqual(hash64('k'));
  });
});

test('rows that were seen or read last are the likeliest to be read again', () => {
  expect(entryCodec.recency(digestEntry('h', { firstSeenAt: 7 }))).toBe(7);
  expect(cursorCodec.recency({ readAt: 8 })).toBe(8);
  expect(firstKeyCodec.recency({ key: 'k', firstSeenAt: 9 } as never)).toBe(9);
});
