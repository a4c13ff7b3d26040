import { describe, expect, test } from 'vitest';
import type { PartitionCursor } from '../../../../functions/lake/digest/digest-entry.ts';
import { newDigest } from '../../../../functions/lake/digest.ts';
import type { DetailsStream, KnownRecord } from '../../../../functions/source/source.ts';
import { DAY_MS, dayOf, HOUR_MS } from '../../../../functions/time.ts';
import postbox from '../../../fixtures/sources/postbox.ts';
import { PLAN_AT, planOf } from '../../../helpers/plan-of.ts';
import { digestEntry } from '../../../helpers/settled-digest.ts';
import { siblingsWith } from '../../../helpers/siblings.ts';

const AT = PLAN_AT;
const declared = postbox.streams['call_details'] as DetailsStream;

interface Known {
  /** Days since the record began. */
  readonly daysOld?: number;
  /** @default never read */
  readonly cursor?: Partial<PartitionCursor>;
}

/** The plan of the details of these records. */
function planned(records: Readonly<Record<string, Known>>, more: object = {}) {
  const digest = newDigest();
  const known = Object.entries(records).map(([id, { daysOld = 0, cursor }]): [string, KnownRecord] => {
    if (cursor) digest.setCursor(id, { readAt: AT - HOUR_MS, parentHash: 'h', ...cursor });
    return [id, digestEntry('h', { partOn: dayOf(AT) - daysOld })];
  });
  const stream: DetailsStream = {
    ...declared,
    partitions: () => Object.keys(records).map((id) => ({ id, context: {} })),
    declared: { ...declared.declared, again: [{ every: '6h', back: '3d' }] },
  };
  const [plan] = planOf({ stream, digest, siblings: siblingsWith(known), ...more });
  const { kind, tiers, postponed, backfill } = plan ?? {};
  expect([kind, tiers]).toEqual(['details', []]);
  return { ids: plan?.partitions.map(({ id }) => id), postponed, backfill };
}

describe('details are requested', () => {
  test('of records that were never read, and of those that have changed, the newest records first', () => {
    const records = {
      old: { daysOld: 9 },
      same: { daysOld: 9, cursor: {} },
      changed: { daysOld: 2, cursor: { parentHash: 'before' } },
      new: { daysOld: 1 },
    };
    expect(planned(records)).toEqual({ ids: ['new', 'changed', 'old'], postponed: 0, backfill: false });
  });

  test.each([
    { says: 'is young', daysOld: 3, hours: 6, isDue: true },
    { says: 'is too old', daysOld: 4, hours: 6, isDue: false },
    { says: 'was read a moment too late', daysOld: 3, hours: 5.999, isDue: false },
  ])('again of a record that $says: $isDue', ({ daysOld, hours, isDue }) => {
    const { ids } = planned({ a: { daysOld, cursor: { readAt: AT - hours * HOUR_MS } } });
    expect(ids).toEqual(isDue ? ['a'] : []);
  });
});

describe('details that could not be read', () => {
  const failed = (failingHours: number, triedHours: number) => ({
    cursor: { failedSince: AT - (triedHours + failingHours) * HOUR_MS, failedAt: AT - triedHours * HOUR_MS },
  });

  test.each([
    { says: 'in the run after the first failure', failing: 0, tried: 0, isDue: true },
    { says: 'once as long has passed as they have failed', failing: 5, tried: 5, isDue: true },
    { says: 'not before', failing: 5, tried: 4.999, isDue: false },
    { says: 'each day, however long they have failed', failing: 400, tried: 24, isDue: true },
    { says: 'not more often then', failing: 400, tried: 23.999, isDue: false },
  ])('are tried again $says', ({ failing, tried, isDue }) => {
    expect(planned({ a: failed(failing, tried) })).toMatchObject({ ids: isDue ? ['a'] : [], postponed: isDue ? 0 : 1 });
  });

  test('come after all others, those first that have waited longest', () => {
    const records = { b: failed(1, 2), c: failed(1, 3), a: { daysOld: 20 } };
    expect(planned(records).ids).toEqual(['a', 'c', 'b']);
  });

  test('are requested like others once their record has changed', () => {
    const { cursor } = failed(5, 1);
    expect(planned({ a: { cursor: { ...cursor, parentHash: 'before' } } })).toMatchObject({ ids: ['a'], postponed: 0 });
  });
});

test('a backfill requests those of its days too, also what could not be read', () => {
  const window = { from: new Date(AT - 2 * DAY_MS), to: new Date(AT) };
  const records = {
    within: { daysOld: 1, cursor: {} },
    failing: { daysOld: 1, cursor: { failedSince: AT - 9 * HOUR_MS, failedAt: AT - HOUR_MS } },
    before: { daysOld: 9, cursor: {} },
  };
  expect(planned(records, { window })).toEqual({ ids: ['within', 'failing'], postponed: 0, backfill: true });
});
