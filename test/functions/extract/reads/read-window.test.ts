import { describe, expect, test } from 'vitest';
import { SourceUnavailableError } from '../../../../functions/errors.ts';
import type { PlannedRead } from '../../../../functions/extract/plan/plan.ts';
import { HOUR_MS } from '../../../../functions/time.ts';
import { entry } from '../../../helpers/read-one.ts';
import { UNIT_AT } from '../../../helpers/session.ts';
import { onePage, readLists, x, y } from '../../../helpers/two-lists.ts';

const AT = UNIT_AT;

describe('a window', () => {
  const from = AT - 9 * HOUR_MS;
  const plan: Partial<PlannedRead> = { kind: 'window', partitions: [x], until: from, window: { from: new Date(from) } };

  test('yields no deletion candidates, and does not change the order or the next full scan', async () => {
    const { state, digest, resumes } = await readLists(plan, {
      known: { gone: entry({ group: 'x', missingSince: 1 }) },
    });
    expect(digest.entries.get('gone')).toMatchObject({ missingSince: 1 });
    expect(state).toEqual({ tiers: { '6h': AT }, redact: [], resume: undefined });
    expect(resumes[0]).toEqual({ kind: 'window', partition: 'x', page: 1, from, since: AT });
  });

  test('of which a partition failed has the next run read back as far', async () => {
    const { state, result } = await readLists(
      { ...plan, partitions: [x, y] },
      {
        answer: (request) => (request.partition === 'x' ? new SourceUnavailableError('down') : onePage(request)),
      },
    );
    expect(result.exitCode).toBe(3);
    expect(state.resume).toEqual({ kind: 'window', partition: 'y', page: 2, from, since: AT });
    expect(state.tiers).toEqual({});
  });

  test('of a backfill leaves the schedule and a cut read alone', async () => {
    const resume = { kind: 'newest' as const, partition: 'y', page: 3 };
    const { state, resumes } = await readLists({ ...plan, backfill: true, tiers: [] }, { state: { resume } });
    expect(state).toEqual({ tiers: {}, redact: [], resume });
    expect(resumes.every((one) => one === resume)).toBe(true);
  });
});
