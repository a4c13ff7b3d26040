import { describe, expect, test } from 'vitest';
import { NotFoundError, SourceUnavailableError } from '../../../../functions/errors.ts';
import type { PlannedRead } from '../../../../functions/extract/plan/plan.ts';
import { readParents } from '../../../../functions/extract/reads/read-parents.ts';
import type { PartitionCursor } from '../../../../functions/lake/digest/digest-entry.ts';
import type { Stream } from '../../../../functions/source/source.ts';
import { DAY_MS } from '../../../../functions/time.ts';
import { carryOut } from '../../../helpers/carry-out.ts';
import { entry } from '../../../helpers/read-one.ts';
import { UNIT_AT, type UnitOptions, unitPartition, unitRecord } from '../../../helpers/session.ts';
import { siblingsWith } from '../../../helpers/siblings.ts';

const AT = UNIT_AT;
const NONE: Record<string, PartitionCursor> = {};
const TODAY = Math.floor(AT / DAY_MS);
const stream: Partial<Stream> = { kind: 'per-parent', parent: 'parents', readAtAges: ['1h'], thenEvery: '7d' };
const parents = new Map([['1', entry({ contentHash: 'parent-1' })]]);
const siblings = siblingsWith((name) => (name === 'parents' ? parents : new Map()));
const daysAgo = (days: number) => days * 24 * 60;

async function read(
  answer: UnitOptions['answer'],
  {
    plan = {},
    cursors = {},
    ids = ['1'],
    more = {},
    state = {},
  }: {
    plan?: Partial<PlannedRead>;
    cursors?: Record<string, PartitionCursor>;
    ids?: readonly string[];
    more?: Partial<Stream>;
    state?: { readonly rereadAt?: number };
  } = {},
) {
  const partitions = ids.map(unitPartition);
  const full: PlannedRead = { kind: 'parents', partitions, tiers: [], ...plan };
  const own = { ...stream, ...more } as Partial<Stream>;
  return carryOut(readParents, full, { answer, cursors, siblings, state, stream: own });
}
const shows =
  (...days: readonly number[]): UnitOptions['answer'] =>
  () => ({
    records: days.map((day, n) => unitRecord(`r${n}`, daysAgo(day))),
    more: false,
  });

const page = (ids: readonly string[], more: object = {}) => ({ records: ids.map((id) => unitRecord(id)), ...more });

describe('the cursor of a parent’s partition', () => {
  test('holds the run, the day of the newest record and the parent’s hash', async () => {
    const { digest, state } = await read(shows(9, 4, 6));
    expect(digest.cursors.get('1')).toEqual({ readAt: AT, newestDay: TODAY - 4, parentHash: 'parent-1' });
    expect(state.ranAt).toBe(AT);
  });

  test('never goes back', async () => {
    const cursors = { 1: { readAt: 1, newestDay: TODAY - 2, parentHash: 'old' } };
    expect((await read(shows(4), { cursors })).digest.cursors.get('1')).toEqual({
      readAt: AT,
      newestDay: TODAY - 2,
      parentHash: 'parent-1',
    });
    expect((await read(shows(), { cursors })).digest.cursors.get('1')?.newestDay).toBe(TODAY - 2);
  });

  test('is not later than the run, whatever a record says', async () => {
    expect((await read(shows(-30))).digest.cursors.get('1')?.newestDay).toBe(TODAY);
  });

  test('has no day if there is no record, and no hash if there is no parent', async () => {
    expect((await read(shows(), { ids: ['2'] })).digest.cursors.get('2')).toEqual({ readAt: AT });
  });

  test.each([
    { says: 'that failed', answer: (() => new SourceUnavailableError('down')) as UnitOptions['answer'] },
    {
      says: 'with fewer records than its total',
      answer: (() => ({ records: [], more: false, total: 1 })) as UnitOptions['answer'],
    },
  ])('does not change after a read $says', async ({ answer }) => {
    const cursor = { readAt: 1, newestDay: 2 };
    expect((await read(answer, { cursors: { 1: cursor } })).digest.cursors.get('1')).toEqual(cursor);
  });

  test('does not change in a backfill', async () => {
    const cursor = { readAt: 1, newestDay: 2 };
    const { digest, state } = await read(shows(1), { cursors: { 1: cursor }, plan: { backfill: true } });
    expect(digest.cursors.get('1')).toEqual(cursor);
    expect(state.ranAt).toBeUndefined();
  });

  const gone = new NotFoundError('gone');
  const first = page(['a', 'b'], { more: true });
  const noMore = Array(2).fill(page([], { more: false, total: 3 }));
  const fallen = page([], { more: false, total: 2 });
  const ofThree = page(['a', 'b'], { more: true, total: 3 });
  test.each<{ says: string; answers: readonly unknown[]; pageSize?: number }>([
    { says: 'ends in doubt', answers: [first, page(['c', 'd'], { more: false }), page(['a']), page(['a'])] },
    { says: 'has one page, because others repeat it', answers: Array(3).fill(page(['a', 'b'])), pageSize: 3 },
    {
      says: 'has a total that falls',
      answers: Array(4).fill([ofThree, fallen, fallen]).flat(),
    },
    { says: 'is gone (404) when it is read again', answers: [ofThree, ...noMore, gone] },
    { says: 'shows less when it is read again', answers: [ofThree, ...noMore, page([])] },
    {
      says: 'shows records again',
      answers: Array(2)
        .fill([first, page(['a', 'c'], { more: false }), page([])])
        .flat(),
    },
  ])('keeps its day if the list $says: what was not shown may be older', async ({ answers, pageSize = 2 }) => {
    const script = [...answers];
    const cursors = { 1: { readAt: 1, newestDay: TODAY - 9 } };
    const more = { pageSize, skipMissingPartition: true };
    const { digest } = await read(() => script.shift() ?? page([], { more: false }), { cursors, more });
    expect(digest.cursors.get('1')).toEqual({ readAt: AT, newestDay: TODAY - 9, parentHash: 'parent-1' });
    expect(script).toEqual([]);
  });

  test.each([
    { says: 'never', before: undefined, after: {} },
    { says: 'before', before: { readAt: 1, parentHash: 'parent-1', newestDay: 2 }, after: { newestDay: 2 } },
    { says: 'without an answer', before: { readAt: 1 }, after: { parentHash: 'parent-1' } },
  ])('lets a partition that does not exist be requested again by the next run: it was read $says', async (one) => {
    const { digest } = await read(() => new NotFoundError('gone'), {
      more: { skipMissingPartition: true },
      ...(one.before && { cursors: { 1: one.before } }),
    });
    expect(digest.cursors.get('1')).toEqual({ readAt: AT, ...one.after });
  });

  test('has no day of a list that disappeared while it was read a second time', async () => {
    let requests = 0;
    const { digest } = await read(
      () => {
        requests += 1;
        return requests < 2
          ? { records: [unitRecord('r0', daysAgo(1))], more: false, total: 9 }
          : new NotFoundError('gone');
      },
      { more: { skipMissingPartition: true } },
    );
    expect(requests).toBeGreaterThan(1);
    expect(digest.cursors.get('1')).toEqual({ readAt: AT });
  });
});

describe('the window of a parent’s partition', () => {
  test('begins the day before its newest record', async () => {
    const { windows } = await read(shows(0), { cursors: { 1: { readAt: 1, newestDay: TODAY - 3 } } });
    expect(windows).toEqual([new Date((TODAY - 4) * DAY_MS).toISOString()]);
  });

  test('begins at the latest on the day before this run, even after a run with a wrong time', async () => {
    const { windows } = await read(shows(0), { cursors: { 1: { readAt: 1, newestDay: TODAY + 400 } } });
    expect(windows).toEqual([new Date((TODAY - 1) * DAY_MS).toISOString()]);
  });

  test.each([
    { says: 'that was never read', cursors: NONE, plan: {} },
    { says: 'without a record', cursors: { 1: { readAt: 1 } } as typeof NONE, plan: {} },
    { says: 'in a backfill', cursors: { 1: { readAt: 1, newestDay: TODAY } } as typeof NONE, plan: { backfill: true } },
  ])('is unlimited for one $says', async ({ cursors, plan }) => {
    expect((await read(shows(0), { cursors, plan })).windows).toEqual([undefined]);
  });
});

test.each([
  { rereadAt: 6, says: 'begins at its newest record if texts were shown before it was read', from: TODAY - 4 },
  { rereadAt: 7, says: 'is unlimited if texts were shown in the run that read it', from: undefined },
  { rereadAt: 8, says: 'is unlimited if texts were shown since it was read', from: undefined },
])('the window of a partition $says', async ({ rereadAt, from }) => {
  const cursors = { 1: { readAt: 7, newestDay: TODAY - 3 } };
  const { windows } = await read(shows(0), { cursors, state: { rereadAt } });
  expect(windows).toEqual([from === undefined ? undefined : new Date(from * DAY_MS).toISOString()]);
});

test('a failed partition keeps the time of the last complete read', async () => {
  const { state, result } = await read(
    (request) => (request.partition === '2' ? new SourceUnavailableError('down') : shows(1)?.(request)),
    { ids: ['1', '2'] },
  );
  expect(state.ranAt).toBeUndefined();
  expect(state.failed).toEqual(['2']);
  expect(result.exitCode).toBe(3);
});
