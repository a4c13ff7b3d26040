import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PlanOptions } from '../../../../functions/extract/plan/plan.ts';
import { newDigest } from '../../../../functions/lake/digest.ts';
import { findSource } from '../../../../functions/source/registry.ts';
import type { DailyStream } from '../../../../functions/source/source.ts';
import { DAY_MS, HOUR_MS } from '../../../../functions/time.ts';
import { holds } from '../../../helpers/holds.ts';
import { knownCall } from '../../../helpers/known-call.ts';
import {
  PLAN_AT as AT,
  planOf as plan,
  PLAN_SETTINGS as SETTINGS,
  planState as state,
} from '../../../helpers/plan-of.ts';
import { siblingsWith } from '../../../helpers/siblings.ts';

const { streams: kismet } = await findSource('kismet');

const entry = (day: number, more = {}) => knownCall(day, AT, more);

describe('figures by day', () => {
  const stream = kismet['daily_call_metrics'] as DailyStream;
  const days = (more: Partial<PlanOptions>) =>
    plan({ stream, ...more }).map(({ window, partitions, tiers }) => ({
      partitions: partitions.map(({ id }) => id),
      from: window?.from.toISOString(),
      to: window?.to?.toISOString(),
      tiers,
    }));

  test('of an unread partition are requested back to the first call or user, a year at a time, the newest first', () => {
    const siblings = siblingsWith([['1', entry(Math.floor(Date.parse('2025-01-15T00:00:00Z') / DAY_MS))]]);
    expect(days({ siblings }).map(({ from, to }) => [from, to])).toEqual([
      ['2025-11-21T00:00:00.000Z', '2026-11-21T09:30:00.000Z'],
      ['2025-01-15T00:00:00.000Z', '2025-11-21T00:00:00.000Z'],
    ]);
  });

  test('are requested once for every day of any history, until today', () => {
    const property = fc.property(
      fc.integer({ min: 0, max: 1500 }),
      fc.integer({ min: 0, max: DAY_MS - 1 }),
      (back, time) => {
        const at = Math.floor(AT / DAY_MS) * DAY_MS + time;
        const today = Math.floor(at / DAY_MS);
        const siblings = siblingsWith([['1', entry(today - Math.max(back, 46))]]);
        const ranges = plan({ stream, siblings, at });
        expect(ranges[0]?.window?.to?.getTime()).toBe(at);
        const covered = ranges.toReversed().flatMap(({ window, lastDay }) => {
          const [from, last] = [window?.from.getTime() ?? 0, window?.to?.getTime() ?? 0].map((ms) =>
            Math.floor(ms / DAY_MS),
          );
          const to = lastDay ?? last;
          // An older range is requested with the day after it.
          if (lastDay !== undefined) expect(last).toBe(lastDay + 1);
          expect((last ?? 0) - (from ?? 0)).toBeLessThan(366);
          return Array.from({ length: (to ?? 0) - (from ?? 0) + 1 }, (_, n) => (from ?? 0) + n);
        });
        expect(covered).toEqual(
          Array.from({ length: Math.max(back, 46) + 1 }, (_, n) => today - Math.max(back, 46) + n),
        );
      },
    );
    holds(property, { numRuns: 300 });
  });

  test('of an unread partition are requested a year back if nothing is known of its users or calls', () => {
    const siblings = siblingsWith(
      (name: string) => new Map(name === 'calls' ? [['1', entry(Math.floor(AT / DAY_MS) - 10)]] : []),
    );
    expect(days({ siblings })).toMatchObject([{ from: '2025-11-21T00:00:00.000Z', tiers: ['7d', '45d'] }]);
  });

  const readBack = (back: number) => {
    const digest = newDigest();
    digest.set('a day of the organization', entry(Math.floor(AT / DAY_MS), { group: 'organization' }));
    digest.setCursor('organization', { readAt: AT, ...(back < 0 ? {} : { readFrom: Math.floor(AT / DAY_MS) - back }) });
    return digest;
  };

  test('of partitions already read are requested only for the tiers that are due', () => {
    const digest = readBack(45);
    const siblings = siblingsWith([['1', entry(Math.floor(AT / DAY_MS), { deletedAt: AT })]]);
    const tiers = (read: Record<string, number>) => days({ digest, siblings, state: state({ tiers: read }) });
    expect(tiers({})).toEqual([
      {
        partitions: ['organization'],
        from: '2026-10-07T09:30:00.000Z',
        to: '2026-11-21T09:30:00.000Z',
        tiers: ['7d', '45d'],
      },
    ]);
    expect(tiers({ '7d': AT - 6 * HOUR_MS, '45d': AT - 23 * HOUR_MS })).toMatchObject([
      { from: '2026-11-14T09:30:00.000Z', tiers: ['7d'] },
    ]);
    expect(tiers({ '7d': AT - HOUR_MS, '45d': AT - HOUR_MS })).toEqual([]);
  });

  test('of a partition whose answers had none so far are requested from the beginning, when a tier is due', () => {
    const digest = newDigest();
    digest.setCursor('organization', { readAt: AT, readFrom: Math.floor(AT / DAY_MS) - 300 });
    const siblings = siblingsWith([['1', entry(Math.floor(Date.parse('2026-01-25') / DAY_MS), { deletedAt: AT })]]);
    expect(days({ digest, siblings, state: state({ tiers: { '45d': AT } }) })).toMatchObject([
      { from: '2026-01-25T00:00:00.000Z', to: '2026-11-21T09:30:00.000Z', tiers: ['7d'] },
    ]);
    expect(days({ digest, siblings, state: state({ tiers: { '7d': AT, '45d': AT } }) })).toEqual([]);
  });

  describe('of partitions already read, with a tier that is due,', () => {
    const due = state({ tiers: { '45d': AT } });
    const since = (day: string) =>
      siblingsWith([['1', entry(Math.floor(Date.parse(day) / DAY_MS), { deletedAt: AT })]]);

    test('are requested for the days by which history has become longer', () => {
      expect(days({ digest: readBack(45), state: due, siblings: since('2026-09-01') })).toMatchObject([
        { from: '2026-11-14T09:30:00.000Z', tiers: [] },
        { from: '2026-09-01T00:00:00.000Z', to: '2026-10-07T00:00:00.000Z', tiers: ['7d'] },
      ]);
    });

    test('are requested for the days that each of them lacks', () => {
      const users = siblingsWith([['1', entry(Math.floor(Date.parse('2025-09-01') / DAY_MS))]]);
      const reads = days({ digest: readBack(45), state: due, siblings: users });
      const daysOf = reads.map(({ partitions, from, to }) => [...partitions, from?.slice(0, 10), to?.slice(0, 10)]);
      expect(daysOf).toEqual([
        ['user-1', '2025-11-21', '2026-11-21'],
        ['organization', '2026-11-14', '2026-11-21'],
        // Each of an older range with the day after it.
        ['user-1', '2025-09-01', '2025-11-21'],
        ['organization', '2025-10-07', '2026-10-07'],
        ['organization', '2025-09-01', '2025-10-07'],
      ]);
    });

    test('are requested back to a start of history that was moved', () => {
      const settings = { ...SETTINGS, historyDay: Math.floor(Date.parse('2026-10-01') / DAY_MS) };
      expect(days({ digest: readBack(45), state: due, siblings: since('2026-09-01'), settings })).toMatchObject([
        {},
        { from: '2026-10-01T00:00:00.000Z', to: '2026-10-07T00:00:00.000Z' },
      ]);
    });

    test('are requested for all of history if earlier versions did not note how much of it they had read', () => {
      expect(days({ digest: readBack(-1), state: due, siblings: since('2026-09-01') })).toMatchObject([
        { from: '2026-09-01T00:00:00.000Z', to: '2026-11-21T09:30:00.000Z' },
      ]);
    });
  });
});
