import { describe, expect, test } from 'vitest';
import { compare, isSweepDue, isTierDue, since } from '../../../../functions/extract/plan/plan.ts';
import { DAY_MS, HOUR_MS } from '../../../../functions/time.ts';

const AT = Date.parse('2026-11-21T09:00:00Z');
const state = (more = {}) => ({ tiers: {}, redact: [], ...more });

/** Marks of a full scan that is due in 30 days, as the setting was then. */
const swept = ({ ago, rests }: { readonly ago: number; readonly rests: number }) => ({
  sweptAt: AT - ago,
  sweepDueAt: AT - ago + 30 * DAY_MS,
  sweepRestsUntil: AT + rests,
});

describe('the time since a mark', () => {
  test.each([
    { says: 'an hour ago', mark: AT - HOUR_MS, ms: HOUR_MS },
    { says: 'now', mark: AT, ms: 0 },
    { says: 'an hour ahead', mark: AT + HOUR_MS, ms: -HOUR_MS },
    { says: 'further ahead, by a run with a wrong time', mark: AT + HOUR_MS + 1, ms: Number.POSITIVE_INFINITY },
    { says: 'never', mark: undefined, ms: Number.POSITIVE_INFINITY },
  ])('$says is $ms ms', ({ mark, ms }) => {
    expect(since(mark, AT)).toBe(ms);
  });
});

test.each([
  { one: 1, other: 2, sign: -1 },
  { one: 2, other: 1, sign: 1 },
  { one: 1, other: 1, sign: 0 },
  { one: Number.NEGATIVE_INFINITY, other: Number.NEGATIVE_INFINITY, sign: 0 },
  { one: Number.NEGATIVE_INFINITY, other: 1, sign: -1 },
])('$one compared with $other has sign $sign', ({ one, other, sign }) => {
  expect(Math.sign(compare(one, other))).toBe(sign);
});

test.each([
  { readAt: undefined, isDue: true },
  { readAt: AT - 15 * 60_000, isDue: true },
  { readAt: AT - 15 * 60_000 + 1, isDue: false },
  { readAt: AT + HOUR_MS, isDue: false },
  { readAt: AT + 31 * DAY_MS, isDue: true },
])('a tier of every 15 minutes, read at $readAt, is due: $isDue', ({ readAt, isDue }) => {
  const tiers = readAt === undefined ? {} : { '6h': readAt };
  expect(isTierDue({ every: '15m', back: '6h' }, state({ tiers }), AT)).toBe(isDue);
});

test.each([
  { says: 'never made', marks: {}, isDue: true },
  { says: 'due now', marks: { sweptAt: AT - 1, sweepDueAt: AT }, isDue: true },
  { says: 'due in a millisecond', marks: { sweptAt: AT - 1, sweepDueAt: AT + 1 }, isDue: false },
  { says: 'made a little ahead', marks: { sweptAt: AT + HOUR_MS, sweepDueAt: AT + DAY_MS }, isDue: false },
  { says: 'made far ahead', marks: { sweptAt: AT + 31 * DAY_MS, sweepDueAt: AT + 34 * DAY_MS }, isDue: true },
  { says: 'without a due time', marks: { sweepDueAt: AT + 1 }, isDue: true },
  { says: 'made longer ago than the setting is now', marks: swept({ ago: 3 * DAY_MS, rests: 0 }), isDue: true },
  { says: 'made less long ago than that', marks: swept({ ago: 3 * DAY_MS - 1, rests: 0 }), isDue: false },
  { says: 'made so long ago, but rests', marks: swept({ ago: 3 * DAY_MS, rests: 1 }), isDue: false },
  {
    says: 'begun when a text was shown that was hidden before',
    marks: { sweptAt: AT - 1, sweepDueAt: AT + 1, sweepBegan: AT - 2, rereadAt: AT - 2 },
    isDue: true,
  },
  {
    says: 'begun after that',
    marks: { sweptAt: AT - 1, sweepDueAt: AT + 1, sweepBegan: AT - 2, rereadAt: AT - 3 },
    isDue: false,
  },
])('a full scan that was $says is due: $isDue', ({ marks, isDue }) => {
  expect(isSweepDue(state(marks), AT, 3 * DAY_MS)).toBe(isDue);
});
