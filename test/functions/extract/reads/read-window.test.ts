import { describe, expect, test } from 'vitest';
import { SourceUnavailableError } from '../../../../functions/errors.ts';
import type { PlannedRead } from '../../../../functions/extract/plan/plan.ts';
import { HOUR_MS } from '../../../../functions/time.ts';
import { entry } from '../../../helpers/read-one.ts';
import { UNIT_AT, unitRecord } from '../../../helpers/session.ts';
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
    expect(state).toEqual({ began: 1, tiers: { '6h': AT }, redact: [], resume: undefined });
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
    expect(state).toEqual({ began: 1, tiers: {}, redact: [], resume });
    expect(resumes.every((one) => one === resume)).toBe(true);
  });

  test('of a list with tokens continues at the last page that was taken, by its token', async () => {
    const pages = [
      { records: [unitRecord('a', 1), unitRecord('b', 2)], more: true, next: 't2' },
      { records: [unitRecord('c', 3), unitRecord('d', 4)], more: true, next: 't3' },
      { records: [unitRecord('e', 5)], more: false },
    ];
    const { resumes } = await readLists(plan, { answer: ({ page }) => pages[page - 1] });
    const places = resumes.map((resume) => resume && 'page' in resume && [resume.page, resume.token]);
    // Twice each: when the page was taken, and when the next one is requested.
    expect(places).toEqual([
      [1, undefined],
      [2, undefined],
      [2, undefined],
      [3, 't2'],
      [3, 't2'],
      [4, 't3'],
    ]);
  });

  test.each([
    { says: 'one without an instant', note: { at: null }, hasOutside: true },
    { says: 'one with an instant only', note: {}, hasOutside: undefined },
  ])('notes that a record is in no window, if it shows $says', async ({ note, hasOutside }) => {
    const answer = () => ({ records: [{ ...unitRecord('a', 1), ...note }], more: false });
    const options = { answer, stream: { window: { by: 'at', as: 'iso' } } as never };
    expect((await readLists({ ...plan, partitions: [x] }, options)).state.hasOutsideWindows).toBe(hasOutside);
  });
});
