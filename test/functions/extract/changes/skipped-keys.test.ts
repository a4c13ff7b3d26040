import { describe, expect, test } from 'vitest';
import { WHOLE_STREAM } from '../../../../functions/source/page.ts';
import { HOUR_MS } from '../../../../functions/time.ts';
import { conclude, entry } from '../../../helpers/conclude.ts';
import { UNIT_AT as AT } from '../../../helpers/session.ts';

describe('a key that a scan may have skipped', () => {
  const [done, before] = [
    { [WHOLE_STREAM.id]: 'unordered' as const },
    { missingSince: AT - 9 * HOUR_MS, missingSinceClock: AT },
  ];
  const due = { ...before, missingSinceClock: AT - 9 * HOUR_MS };
  const [again, now] = [{ missingSince: AT, missingSinceClock: AT }, { mayBeSkipped: true as const }];

  test.each([
    { says: 'becomes a candidate', known: {}, left: { ...again, ...now } },
    { says: 'is missed a second time', known: { ...due, ...now }, left: again },
    { says: 'is missed too soon', known: { ...before, ...now }, left: { ...before, ...now } },
    { says: 'is missed a third time', known: due, left: undefined },
  ])('$says', async ({ known, left }) => {
    const { entries, candidates } = await conclude({ a: entry(known) }, { done });
    expect(entries['a']).toEqual(entry(left ?? { deletedAt: AT }));
    expect(candidates).toBe(left ? 1 : 0);
  });

  test('is marked deleted by a second scan that cannot have skipped it', async () => {
    const { deletes } = await conclude({ a: entry({ ...due, ...now }) });
    expect(deletes).toBe(1);
  });

  test('is held like any other, if too many are gone at once', async () => {
    const all = Object.fromEntries([...'abcdef'].map((key) => [key, entry({ ...due, ...now })]));
    const { ended, entries } = await conclude(all);
    expect(ended.held).toMatchObject({ count: 6 });
    expect(entries['a']).toEqual(entry(due));
  });
});
