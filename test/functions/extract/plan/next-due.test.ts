import { expect, test } from 'vitest';
import { nextDueAt } from '../../../../functions/extract/plan/next-due.ts';
import type { DetailsStream } from '../../../../functions/source/source.ts';
import { DAY_MS, dayOf, HOUR_MS } from '../../../../functions/time.ts';
import postbox from '../../../fixtures/sources/postbox.ts';

const AT = Date.parse('2026-11-21T09:00:00Z');
const details = postbox.streams['call_details'] as DetailsStream;
const stream: DetailsStream = {
  ...details,
  declared: { ...details.declared, again: [{ every: '6h', back: '3d' }] },
};

test.each([
  { says: 'a young record', born: 1, at: AT, dueAt: AT + 6 * HOUR_MS },
  { says: 'a young record that is due', born: 1, at: AT + 7 * HOUR_MS, dueAt: AT + 6 * HOUR_MS },
  { says: 'a record that is too old when they are due', born: 4, at: AT, dueAt: undefined },
  { says: 'a record that became too old since they were due', born: 1, at: AT + 5 * DAY_MS, dueAt: undefined },
])('the details of $says are due at $dueAt', ({ born, at, dueAt }) => {
  const parent = { contentHash: 'h', partOn: dayOf(AT - born * DAY_MS), firstSeenAt: AT - born * DAY_MS };
  const cursor = { readAt: AT, parentHash: 'h' };
  expect(nextDueAt(stream, { id: 'a', parent, cursor, state: { tiers: {}, redact: [] }, at })).toBe(dueAt);
});
