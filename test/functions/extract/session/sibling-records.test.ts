import { expect, test } from 'vitest';
import { recordOf } from '../../../../functions/extract/session/sibling-records.ts';
import { digestEntry } from '../../../helpers/settled-digest.ts';

const always = { contentHash: 'h', partOn: 20_000, firstSeenAt: 1_793_523_600_000 };

test.each([
  { entry: {}, known: {} },
  { entry: { handed: '["+12025550100"]' }, known: { handed: '["+12025550100"]' } },
  { entry: { handed: '' }, known: { handed: '' } },
  { entry: { group: 'x', deletedAt: 7 }, known: { group: 'x', deletedAt: 7 } },
  { entry: { optedOut: true, blanked: true }, known: { optedOut: true, blanked: true } },
  { entry: { optedOut: false, blanked: false }, known: {} },
  { entry: { alias: 'u', sortedAt: 7, sortedBy: 1, missingSince: 8 }, known: {} },
])('other streams know of a record with $entry: $known', ({ entry, known }) => {
  expect(recordOf(digestEntry('h', entry as object))).toStrictEqual({ ...always, ...known });
});
