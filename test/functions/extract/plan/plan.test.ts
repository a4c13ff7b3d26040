import { describe, expect, test } from 'vitest';
import { historyStart } from '../../../../functions/extract/plan/plan.ts';
import { findSource } from '../../../../functions/source/registry.ts';
import type { CollectionStream } from '../../../../functions/source/source.ts';
import { cutScan } from '../../../helpers/carry-out.ts';
import {
  PLAN_AT as AT,
  planOf as plan,
  PLAN_SETTINGS as SETTINGS,
  planState as state,
} from '../../../helpers/plan-of.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const { streams: solum } = await findSource('solum');
const { streams: zudu } = await findSource('zudu');

const swept = { sweptAt: AT - HOUR_MS, sweepDueAt: AT + DAY_MS, order: 'started_at' };

describe('a listing', () => {
  const stream = solum['calls'] as CollectionStream;

  test('gets a full scan at first, and when one is due', () => {
    expect(plan({ stream })).toMatchObject([{ kind: 'sweep' }]);
    expect(plan({ stream, state: state({ ...swept, sweepDueAt: AT }) })).toMatchObject([{ kind: 'sweep' }]);
  });

  test('with a known order is read from the newest record back to the reach of the tiers that are due', () => {
    const reach = (tiers: Record<string, number>) =>
      plan({ stream, state: state({ ...swept, tiers }) }).map(({ kind, until, tiers: due }) => [
        kind,
        (AT - (until ?? 0)) / HOUR_MS,
        due,
      ]);
    expect(reach({})).toEqual([['newest', 72, ['6h', '3d']]]);
    expect(reach({ '6h': AT, '3d': AT - 5 * HOUR_MS })).toEqual([['newest', 6, ['6h']]]);
    expect(reach({ '3d': AT - 6 * HOUR_MS })).toEqual([['newest', 72, ['6h', '3d']]]);
    // A tier last read by a run for a time a little later is not due.
    expect(reach({ '3d': AT + HOUR_MS })).toEqual([['newest', 6, ['6h']]]);
    expect(reach({ '3d': AT + 9 * HOUR_MS })).toEqual([['newest', 72, ['6h', '3d']]]);
  });

  test('that was not read for longer than its tiers reach back is read back to the last time', () => {
    const tiers = [{ every: '15m', back: '6h' }];
    const readBack = (order: string, readAt: number) =>
      plan({ stream, settings: { ...SETTINGS, tiers }, state: state({ ...swept, order, tiers: { '6h': readAt } }) });
    const [window] = readBack('none', AT - 2 * DAY_MS);
    expect(window).toMatchObject({ kind: 'window', window: { from: new Date(AT - 3 * DAY_MS) } });
    expect(readBack('started_at', AT - 2 * DAY_MS)).toMatchObject([{ kind: 'newest', until: AT - 2 * DAY_MS }]);
    expect(readBack('started_at', AT + DAY_MS)).toMatchObject([{ kind: 'newest', until: AT - 6 * HOUR_MS }]);
  });

  test('gets a full scan as soon as a shorter interval says so', () => {
    const marks = { ...swept, sweptAt: AT - DAY_MS, sweepDueAt: AT + 29 * DAY_MS, sweepRestsUntil: AT };
    const kinds = (sweepEvery: string) =>
      plan({ stream, settings: { ...SETTINGS, sweepEvery }, state: state(marks) }).map(({ kind }) => kind);
    expect(kinds('1d')).toEqual(['sweep']);
    expect(kinds('30d')).toEqual(['newest']);
  });

  test('gets a full scan if a run at a wrong time left its marks years ahead', () => {
    const ahead = AT + 900 * 365 * DAY_MS;
    const wrong = state({ sweptAt: ahead, sweepDueAt: ahead + DAY_MS, order: 'started_at', tiers: { '3d': ahead } });
    expect(plan({ stream, state: wrong })).toMatchObject([{ kind: 'sweep', tiers: ['6h', '3d'] }]);
    const late = state({ ...swept, sweptAt: AT + HOUR_MS, tiers: { '3d': AT + HOUR_MS } });
    expect(plan({ stream, state: late })).toMatchObject([{ kind: 'newest', tiers: ['6h'] }]);
  });

  test('without a known order is read by a window with a day of margin, or by a full scan if the vendor has no time filter', () => {
    const none = state({ ...swept, order: 'none', tiers: { '3d': AT } });
    expect(plan({ stream, state: none })).toMatchObject([
      { kind: 'window', window: { from: new Date(AT - 30 * HOUR_MS) } },
    ]);
    expect(plan({ stream: zudu['calls'] as CollectionStream, state: none })).toMatchObject([{ kind: 'sweep' }]);
  });

  test('that was interrupted reads back to the same point again, and its window does not grow with each interruption', () => {
    const from = AT - 9 * DAY_MS;
    const resume = { kind: 'newest' as const, partition: 'all', page: 3, from };
    expect(plan({ stream, state: state({ ...swept, resume }) })).toMatchObject([{ kind: 'newest', until: from }]);
    const cut = plan({ stream, state: state({ ...swept, order: 'none', resume: { ...resume, kind: 'window' } }) });
    expect(cut).toMatchObject([{ kind: 'window', until: from, window: { from: new Date(from - DAY_MS) } }]);
  });

  test('is read by the window of a backfill, which reads no tier', () => {
    const window = { from: new Date(AT - DAY_MS), to: new Date(AT) };
    expect(plan({ stream, window })).toMatchObject([{ kind: 'window', window, tiers: [], backfill: true }]);
    expect(plan({ stream: zudu['calls'] as CollectionStream, window })).toMatchObject([
      { kind: 'window', window: undefined },
    ]);
  });

  test('gets a full scan without a filter, and one at once if history begins earlier than at the last', () => {
    const planned = (keptFrom: number | undefined, historyDay: number | undefined) =>
      plan({ stream, settings: { ...SETTINGS, historyDay }, state: state({ ...swept, keptFrom }) }).map(
        ({ kind, window }) => [kind, window],
      );
    for (const day of [19_999, undefined]) expect(planned(20_000, day)).toEqual([['sweep', undefined]]);
    for (const day of [20_000, 20_001]) expect(planned(20_000, day)).toEqual([['newest', undefined]]);
    expect(planned(undefined, 20_000)).toEqual([['newest', undefined]]);
  });

  test('in several partitions begins with the one in which the last run was cut; one for full scans only is read by these', () => {
    const partitions = () => ['a', 'b', 'c'].map((id) => ({ id, context: {}, ...(id === 'b' && { sweepOnly: true }) }));
    const lists = { ...stream, partitions } as CollectionStream;
    const ids = (more: object) =>
      plan({ stream: lists, state: state(more) }).map((read) => read.partitions.map(({ id }) => id));
    const resume = (partition: string) => ({ kind: 'newest' as const, partition, page: 3, from: AT - DAY_MS });
    expect(ids(swept)).toEqual([['a', 'c']]);
    expect(ids({ ...swept, resume: resume('c') })).toEqual([['c', 'a']]);
    expect(ids({ ...swept, resume: resume('gone') })).toEqual([['a', 'c']]);
    expect(ids({})).toEqual([['a', 'b', 'c']]);
  });

  test('whose full scan was cut continues it in each run, after what is new, or before if it had to wait', () => {
    const scan = cutScan({ position: { partition: 'all', page: 3, size: 50 } });
    const kinds = (more: object) =>
      plan({ stream, state: state({ ...swept, scan, ...more }) }).map(({ kind, isExtra }) => [kind, isExtra]);
    const newest = ['newest', undefined];
    expect(kinds({})).toEqual([newest, ['sweep', true]]);
    expect(kinds({ scanWaits: true })).toEqual([['sweep', true], newest]);
    expect(kinds({ sweptAt: undefined })).toEqual([newest, ['sweep', false]]);
    expect(plan({ stream, state: state(swept) }).map(({ kind }) => kind)).toEqual(['newest']);
  });
});

test.each([
  { says: 'has a filter on time', change: {}, day: 20_000 },
  { says: 'has none', change: { window: undefined }, day: undefined },
  { says: 'belongs to a record of another one', change: { kind: 'per-parent' }, day: undefined },
])('history begins at a day for a list that $says: $day', ({ change, day }) => {
  const stream = { ...solum['calls'], window: { by: 'started_at', as: 'iso' }, ...change } as never;
  expect(historyStart({ stream, settings: { ...SETTINGS, historyDay: 20_000 } })).toBe(day);
});
