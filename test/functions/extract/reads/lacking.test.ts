import { describe, expect, test } from 'vitest';
import type { PartitionScan } from '../../../../functions/extract/pages/scan.ts';
import { hasShownAll, noteSurplus } from '../../../../functions/extract/reads/read.ts';
import { HOUR_MS } from '../../../../functions/time.ts';
import { cutScan } from '../../../helpers/carry-out.ts';
import { entry } from '../../../helpers/read-one.ts';
import { UNIT_AT, type UnitAnswer, unitPartition, unitRecord, unitSession } from '../../../helpers/session.ts';
import { readLists, twoLists, y } from '../../../helpers/two-lists.ts';

const AT = UNIT_AT;
const own = entry({ group: 'y' });
const walked = ['y1', 'y2', 'y3', 'y4'];
const known = Object.fromEntries(walked.map((key) => [key, own]));
const MESSAGE =
  'unit.calls: /calls: the vendor counts 2 more records than its pages have shown; what was shown is kept, and the next full scan looks for them';

/** Six records in three pages, of a vendor that counts others too. */
const counting =
  (total: number | undefined): UnitAnswer =>
  ({ page }) => ({
    records: [2 * page - 1, 2 * page].filter((n) => n <= 6).map((n) => unitRecord(`y${n}`, n)),
    more: page < 3,
    ...(total !== undefined && { total }),
  });

/** Records before this day are left out, and the vendor counts them. */
const ofHistory = {
  settings: { historyDay: 1 },
  stream: { ...twoLists, window: { by: 'at', as: 'iso' as const } },
};

/** The end of a scan of list y, of which an earlier run has read two pages. */
const ending = (total: number | undefined, { surplus = {}, ...more }: Record<string, object> = {}) =>
  readLists(
    { partitions: [y] },
    {
      state: { surplus, scan: cutScan({ position: { partition: 'y', page: 3, size: 2 } }) } as never,
      ...{ known, walked, answer: counting(total), ...more },
    },
  );

describe('records that the vendor counts and nobody knows, at the end of a list that was read in parts', () => {
  test('are looked for by a scan an hour later, and noted', async () => {
    const { state, result } = await ending(8);
    expect(result).toMatchObject({ error: MESSAGE, exitCode: 6 });
    expect(state).toMatchObject({ sweptAt: AT, sweepDueAt: AT + HOUR_MS, surplus: { y: 2 } });
  });

  test.each([
    { says: 'the scan before could not find them either', total: 8, more: { surplus: { y: 2 } }, left: { y: 2 } },
    { says: 'all are known', total: 6, more: {}, left: {} },
    { says: 'some of them are known by now', total: 7, more: { surplus: { y: 2 } }, left: { y: 1 } },
    { says: 'the vendor does not count', total: undefined, more: { surplus: { y: 2 } }, left: { y: 2 } },
    { says: 'those before history are left out', total: 8, more: ofHistory, left: { y: 2 } },
  ])('are no failure if $says', async ({ total, more, left }) => {
    const { state, result } = await ending(total, more);
    expect(result.exitCode).toBe(0);
    expect([state.sweptAt, state.surplus]).toEqual([AT, left]);
  });

  test('say nothing of a list that was read in one part', async () => {
    const { state, result } = await readLists({ partitions: [y] }, { answer: counting(6) });
    expect([result.exitCode, state.surplus]).toEqual([0, undefined]);
  });
});

describe('a list has shown all', () => {
  const scan = (more: object = {}) =>
    ({
      ...{ isComplete: () => true, total: () => 3, totalChanged: () => false },
      ...{ keys: new Set(['a', 'b']), uncounted: () => 1, ...more },
    }) as unknown as PartitionScan;

  test.each([
    { says: 'with as many records as counted, keys or not', more: {}, is: true },
    { says: 'with more', more: { uncounted: () => 2 }, is: true },
    { says: 'but not with fewer', more: { uncounted: () => 0 }, is: false },
    { says: 'but not before its end', more: { isComplete: () => false }, is: false },
    { says: 'but not if the count has changed', more: { totalChanged: () => true }, is: false },
    { says: 'but not if nobody counts', more: { total: () => undefined }, is: false },
  ])('$says', ({ more, is }) => {
    expect(hasShownAll(scan(more))).toBe(is);
  });
});

describe('what a vendor counts beyond what is known', () => {
  const noted = async (total: number | undefined, before: object | undefined, partition = y) => {
    const { session } = await unitSession({ stream: { partitions: () => [y] } });
    session.digest.set('y1', own);
    session.progress.updateState(before ? { surplus: before as never } : {});
    noteSurplus(session, partition, { total: () => total } as PartitionScan);
    return session.progress.state().surplus;
  };

  test.each([
    { says: 'is noted for its list', total: 3, before: { x: 1 }, after: { x: 1, y: 2 } },
    { says: 'is noted anew', total: 2, before: { y: 2 }, after: { y: 1 } },
    { says: 'is forgotten where all is known', total: 1, before: { x: 1, y: 2 }, after: { x: 1 } },
    { says: 'is never below zero', total: 0, before: undefined, after: undefined },
    { says: 'stays as it was where nobody counts', total: undefined, before: { y: 2 }, after: { y: 2 } },
  ])('$says', async ({ total, before, after }) => {
    expect(await noted(total, before)).toEqual(after);
  });

  test('is not noted for a list that only full scans read', async () => {
    expect(await noted(3, undefined, { ...unitPartition('y'), sweepOnly: true })).toBeUndefined();
  });
});
