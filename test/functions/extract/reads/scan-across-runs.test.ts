import { describe, expect, test } from 'vitest';
import { InterruptedError, OutOfTimeError, SourceUnavailableError } from '../../../../functions/errors.ts';
import type { ScanPosition, ScanProgress } from '../../../../functions/lake/scan-progress.ts';
import { HOUR_MS } from '../../../../functions/time.ts';
import { cutScan } from '../../../helpers/carry-out.ts';
import { entry } from '../../../helpers/read-one.ts';
import { UNIT_AT, type UnitAnswer, unitRecord } from '../../../helpers/session.ts';
import { onePage, readLists, twoLists, y } from '../../../helpers/two-lists.ts';

const AT = UNIT_AT;

describe('a full scan that takes several runs', () => {
  const y5 = entry({ group: 'y' });
  /** List y, of which an earlier run has read two pages of two records. */
  const cut = (change: Partial<ScanPosition> = {}) =>
    cutScan({ done: { x: 'all' }, position: { partition: 'y', page: 3, size: 2, total: 6, ...change } });
  const answer =
    (pages: readonly (readonly string[])[], total = 6): UnitAnswer =>
    ({ page }) => ({
      records: (pages[page - 1] ?? []).map((id) => unitRecord(id, Number(id.slice(1)))),
      more: page < pages.length,
      total,
    });
  const six = [
    ['y1', 'y2'],
    ['y3', 'y4'],
    ['y5', 'y6'],
  ];
  const known = { y1: y5, y2: y5, y3: y5, y4: y5, gone: entry({ group: 'y', sortedAt: AT - 3.5 * 60_000 }) };
  const walked = ['y1', 'y2', 'y3', 'y4'];

  test('notes its place after each page', async () => {
    const { positions } = await readLists({ partitions: [y] }, { answer: answer(six) });
    expect(positions.map((position) => position?.page)).toEqual([1, 2, 2, 3, 3, 4]);
    expect(positions.at(-1)).toEqual({ partition: 'y', page: 4, size: 2, total: 6 });
  });

  test('continues one page before the next, and leaves out the partitions before', async () => {
    const { asked, state, digest } = await readLists(
      {},
      { state: { scan: cut() }, known, walked, answer: answer(six) },
    );
    // The last page is full, so one more is requested.
    expect(asked).toEqual(['y/2', 'y/3', 'y/4']);
    expect(state).toMatchObject({ sweptAt: AT, sweepDueAt: AT + HOUR_MS });
    expect(state.scan).toBeUndefined();
    expect(digest.entries.get('gone')).toMatchObject({ missingSince: AT });
    expect(digest.entries.get('y1')).not.toHaveProperty('missingSince');
  });

  test('goes back, farther each time, until a page begins with a record that it has shown', async () => {
    const moved = [['y1', 'y2'], ['y3', 'y4'], ['y5', 'y6'], ['y7', 'y8'], ['y9']];
    const scan = cutScan({ done: { x: 'all' }, position: { partition: 'y', page: 5, size: 2, total: 12 } });
    const { asked, state } = await readLists({}, { state: { scan }, known, walked, answer: answer(moved, 9) });
    expect(asked).toEqual(['y/4', 'y/3', 'y/1', 'y/2', 'y/3', 'y/4', 'y/5']);
    expect(state.sweptAt).toBe(AT);
  });

  test('judges no key that would be between two pages, if the total moved', async () => {
    const edge = entry({ group: 'y', sortedAt: AT - 4.5 * 60_000 });
    const inside = entry({ group: 'y', sortedAt: AT - 3.5 * 60_000 });
    const scan = { ...cut({ hasMoved: true }), sortedBy: 0, falls: { at: 8 } };
    const { digest, state } = await readLists(
      {},
      { state: { scan, order: 'at' }, known: { ...known, edge, inside }, walked, answer: answer(six) },
    );
    expect(digest.entries.get('inside')).toHaveProperty('missingSince');
    expect(digest.entries.get('edge')).not.toHaveProperty('missingSince');
    expect(state.sweepDueAt).toBe(AT + HOUR_MS);
  });

  test('begins with the next page after a run that had time for the page before alone', async () => {
    const first = await readLists(
      {},
      {
        state: { scan: cut() },
        ...{ known, walked },
        answer: (request) => (request.page > 2 ? new OutOfTimeError('late') : answer(six)(request)),
      },
    );
    expect(first.state.scan?.position).toMatchObject({ page: 3, isHeldUp: true });
    const scan = first.state.scan;
    const second = await readLists({}, { state: { ...(scan && { scan }) }, known, walked, answer: answer(six) });
    expect(second.asked).toEqual(['y/3', 'y/4']);
    expect(second.digest.entries.get('gone')).not.toHaveProperty('missingSince');
  });

  test('reads a list that failed once more in a later run, and ends without it then', async () => {
    const answer: UnitAnswer = (request) =>
      request.partition === 'x' ? new SourceUnavailableError('down') : onePage(request);
    const first = await readLists({}, { answer, known: { gone: entry({ group: 'y' }) } });
    expect(first.state.scan).toMatchObject({ failed: ['x'], done: { y: 'all' } });
    const { scan } = first.state;
    const second = await readLists(
      {},
      { answer, state: { ...(scan && { scan }) }, known: { gone: entry({ group: 'y' }) } },
    );
    expect(second.asked).toEqual(['x/1']);
    expect(second.state).toMatchObject({ sweptAt: AT, sweepDueAt: AT + 6 * HOUR_MS });
    expect(second.digest.entries.get('gone')).not.toHaveProperty('missingSince');
  });

  test.each([
    { says: 'no farther than before: then the scan of the others ends', until: 3, isOver: true },
    { says: 'farther: then it is read once more', until: 4, isOver: false },
  ])('comes in a list that fails again $says', async ({ until, isOver }) => {
    const scan = { ...cut(), failed: ['y'] };
    const failing: UnitAnswer = (request) =>
      request.page >= until ? new SourceUnavailableError('down') : answer(six)(request);
    const { state } = await readLists({}, { state: { scan }, known, walked, answer: failing });
    expect([state.sweptAt, state.scan === undefined]).toEqual(isOver ? [AT, true] : [undefined, false]);
  });

  test.each([
    { says: 'as it goes, if none was ever read to its end', sweptAt: undefined, order: 'at' },
    { says: 'at its end, if an earlier one has said it', sweptAt: AT - HOUR_MS, order: 'none' },
  ])('says how its lists are sorted $says', async ({ sweptAt, order }) => {
    const sorted = Array.from({ length: 10 }, (_, n) => unitRecord(`x${n}`, n));
    const late: UnitAnswer = ({ partition }) =>
      partition === 'y' ? new OutOfTimeError('late') : { records: sorted, more: false };
    const { state } = await readLists({}, { state: { order: 'none', ...(sweptAt && { sweptAt }) }, answer: late });
    expect(state).toMatchObject({ order, scan: { done: { x: 'all' } } });
  });

  test('begins again if its partition is no longer listed', async () => {
    const scan = cutScan({ position: { partition: 'z', page: 3, size: 2 } });
    expect((await readLists({}, { state: { scan } })).asked).toEqual(['x/1', 'y/1']);
  });

  describe('that has no time left to ask the vendor about a removal', () => {
    const missing = { missingSince: AT - 99 * HOUR_MS, missingSinceClock: AT - 99 * HOUR_MS };
    const began = { startedAt: AT - 72 * HOUR_MS, startedClock: AT - 72 * HOUR_MS };
    const once = { ...known, gone: { ...known.gone, ...missing } };
    const late: UnitAnswer = (request) => (request.page === 1 ? new OutOfTimeError('late') : answer(six)(request));
    const ended = (state: { readonly scan?: ScanProgress | undefined }, answering: UnitAnswer, isExtra = false) =>
      readLists(
        { isExtra },
        {
          state: state.scan === undefined ? {} : { scan: state.scan },
          known: { ...once, y5, y6: y5 },
          walked: [...walked, 'y5', 'y6'],
          answer: answering,
        },
      );
    const first = (isExtra: boolean) => ended({ scan: { ...cut(), ...began, leastSurplus: { y: -1 } } }, late, isExtra);

    test.each([
      { says: 'and has read what is new', isExtra: true, status: 'ok' },
      { says: 'and nothing else was read', isExtra: false, status: 'partial' },
    ])('$says is not over: the run is $status', async ({ isExtra, status }) => {
      const { state, digest, result, session } = await first(isExtra);
      expect(state.scan).toMatchObject({ done: { x: 'all', y: 'all' } });
      expect(state.sweptAt).toBeUndefined();
      expect(digest.entries.get('gone')).toEqual(once.gone);
      expect([session.progress.status(), result.exitCode]).toEqual([status, isExtra ? 0 : 6]);
    });

    test('is not over either if the record is to be looked for in a window of time', async () => {
      const scan = { ...cut(), ...began };
      const { state, asked } = await readLists(
        { isExtra: true },
        {
          stream: { ...twoLists, window: { by: 'at', as: 'iso' } },
          ...{ state: { scan }, known: once, walked, answer: late },
        },
      );
      expect(asked.at(-1)).toBe('y/1');
      expect(state.scan).toMatchObject({ done: { x: 'all', y: 'all' } });
    });

    test('is ended by a later run, which reads no list again', async () => {
      const { state } = await first(true);
      const second = await ended(state, answer(six));
      expect(second.asked).toEqual(['y/1']);
      expect(second.state).toMatchObject({ sweptAt: AT });
      expect(second.state.scan).toBeUndefined();
      expect(second.digest.entries.get('gone')).toHaveProperty('deletedAt', AT);
    });

    test('is ended by a later run that has no time either, without the removal', async () => {
      const { state } = await first(true);
      const second = await ended(state, late, true);
      expect(second.state.scan).toBeUndefined();
      expect(second.state.sweepDueAt).toBeGreaterThan(AT);
      expect(second.digest.entries.get('gone')).toMatchObject({ missingSince: AT, mayBeSkipped: true });
      expect(second.session.progress.status()).toBe('ok');
    });

    test('is not ended by a later run that is interrupted', async () => {
      const { state } = await first(true);
      const second = await ended(state, () => new InterruptedError('stop'), true);
      expect(second.state.scan).toMatchObject({ hasWaited: true });
      expect(second.result.exitCode).toBe(130);
      expect(second.digest.entries.get('gone')).toEqual(once.gone);
    });

    test('is ended by a later run, which removes nothing that may be listed again', async () => {
      const { state } = await first(true);
      const second = await ended(state, answer(six, 7));
      expect(second.state.scan).toBeUndefined();
      expect(second.digest.entries.get('gone')).toMatchObject({ missingSince: AT, mayBeSkipped: true });
    });
  });

  test('counts its pause from the time that it took', async () => {
    const scan = { ...cut(), ranAt: AT - 5 * HOUR_MS, tookMs: 20 * HOUR_MS };
    const { state } = await readLists({}, { state: { scan }, known, walked, answer: answer(six) });
    expect(state.sweepDueAt).toBe(AT + 4 * 21 * HOUR_MS);
  });
});
