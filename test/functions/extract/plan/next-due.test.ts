import { describe, expect, test } from 'vitest';
import { nextDueAt } from '../../../../functions/extract/plan/next-due.ts';
import type { DetailsStream, PerParentStream } from '../../../../functions/source/source.ts';
import kismet from '../../../../functions/sources/kismet.ts';
import { DAY_MS, dayOf, HOUR_MS, MINUTE_MS } from '../../../../functions/time.ts';
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

describe('the list of a record', () => {
  const logs = kismet.streams['call_audit_logs'] as PerParentStream;
  const born = AT - 30 * HOUR_MS;
  const parent = { contentHash: 'h', partOn: dayOf(AT), firstSeenAt: born };
  const state = { tiers: {}, redact: [] };
  const dueAt = (cursor: object | undefined, more: object = {}, at = AT) => {
    const read = cursor && { readAt: AT, parentHash: 'h', ...cursor };
    return nextDueAt(logs, { id: 'a', parent: { ...parent, ...more }, cursor: read, state, at });
  };

  test('that was never read, or whose record has changed, is due since the record came to be', () => {
    expect(dueAt(undefined)).toBe(born);
    expect(dueAt({ parentHash: 'before' })).toBe(born);
  });

  test('of a record that was first seen by a run for a later time is due now', () => {
    expect(dueAt(undefined, { firstSeenAt: AT + HOUR_MS, partOn: dayOf(AT) + 1 })).toBe(AT);
  });

  test.each([
    { read: 0, age: 15 * MINUTE_MS },
    { read: 15 * MINUTE_MS - 1, age: 15 * MINUTE_MS },
    { read: 15 * MINUTE_MS, age: HOUR_MS },
    { read: HOUR_MS, age: 6 * HOUR_MS },
    { read: 6 * HOUR_MS, age: 24 * HOUR_MS },
    { read: 24 * HOUR_MS, age: 7 * DAY_MS },
    { read: 7 * DAY_MS, age: 14 * DAY_MS },
    { read: 14 * DAY_MS, age: 44 * DAY_MS },
    { read: 77 * DAY_MS, age: 104 * DAY_MS },
    { read: 119 * DAY_MS, age: 134 * DAY_MS },
  ])('read at the age of $read ms is due again at the age of $age ms', ({ read, age }) => {
    expect(dueAt({ readAt: born + read }, {}, born + read)).toBe(born + age);
  });

  test('read by a run for a far later time is due now', () => {
    expect(dueAt({ readAt: AT + 9 * HOUR_MS })).toBe(born);
  });
});

describe('details that could not be read', () => {
  const parent = { contentHash: 'h', partOn: dayOf(AT), firstSeenAt: AT };
  test.each([
    { failedAt: AT - HOUR_MS, dueAt: AT - HOUR_MS },
    { failedAt: AT + HOUR_MS, dueAt: AT },
    { failedAt: undefined, dueAt: AT },
  ])('at $failedAt are looked at from $dueAt on', ({ failedAt, dueAt }) => {
    const cursor = { readAt: AT, parentHash: 'h', failedSince: AT - DAY_MS, ...(failedAt && { failedAt }) };
    const facts = { id: 'a', parent, cursor, state: { tiers: {}, redact: [] }, at: AT };
    expect(nextDueAt(stream, facts)).toBe(dueAt);
  });
});
