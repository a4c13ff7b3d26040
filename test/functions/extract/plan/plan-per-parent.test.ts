import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { birthOf } from '../../../../functions/extract/plan/plan-per-parent.ts';
import { planReads } from '../../../../functions/extract/reads/due-reads.ts';
import type { DigestEntry, PartitionCursor } from '../../../../functions/lake/digest/digest-entry.ts';
import { newDigest } from '../../../../functions/lake/digest.ts';
import { findSource } from '../../../../functions/source/registry.ts';
import { DAY_MS, dayOf, HOUR_MS, MINUTE_MS } from '../../../../functions/time.ts';
import { holds } from '../../../helpers/holds.ts';
import { knownCall } from '../../../helpers/known-call.ts';
import { PLAN_AT as AT, PLAN_SETTINGS as SETTINGS } from '../../../helpers/plan-of.ts';
import { siblingsWith } from '../../../helpers/siblings.ts';

const TODAY = dayOf(AT);
const stream = (await findSource('kismet')).streams['call_audit_logs'];

interface Known {
  readonly calls: Readonly<Record<string, DigestEntry>>;
  readonly cursors?: Readonly<Record<string, PartitionCursor>>;
  readonly at?: number;
  readonly failed?: string[];
  readonly window?: { readonly from: Date; readonly to: Date };
  readonly rereadAt?: number;
}

/** Ids of the calls whose audit logs a run reads, in order. */
function planned({ calls, cursors = {}, at = AT, failed, window, rereadAt }: Known): readonly string[] {
  if (!stream) throw new Error('Kismet has no audit logs');
  const digest = newDigest();
  for (const [call, cursor] of Object.entries(cursors)) digest.setCursor(call, cursor);
  const recordsOf = (name: string) => new Map(name === 'calls' ? Object.entries(calls) : []);
  const siblings = siblingsWith(recordsOf, { KISMET_USER_IDS: '101' });
  const state = { tiers: {}, redact: [], ...(failed && { failed }), ...(rereadAt && { rereadAt }) };
  const partitions = [...(stream.partitions?.(siblings) ?? [])];
  const [plan] = planReads({ stream, digest, siblings, settings: SETTINGS, window, at, state }, partitions);
  expect([plan?.kind, plan?.tiers, plan?.backfill]).toEqual(['parents', [], window !== undefined]);
  return plan?.partitions.map(({ id }) => id) ?? [];
}

/** A call that was seen first at this instant, on its own day. */
const bornAt = (ms: number, more: Partial<DigestEntry> = {}) => knownCall(dayOf(ms), ms, more);
const readAt = (ms: number): PartitionCursor => ({ readAt: ms, parentHash: 'h' });

describe('the audit log of a call', () => {
  test('is read at first, and when the call has changed', () => {
    const born = AT - 300 * DAY_MS;
    const calls = { 1: bornAt(born), 2: bornAt(born), 3: bornAt(born, { contentHash: 'new' }) };
    const read = readAt(AT - MINUTE_MS);
    expect(planned({ calls, cursors: { 1: read, 3: read } })).toEqual(['2', '3']);
  });

  test('is read again if a text is shown since it was read', () => {
    const calls = { 1: bornAt(AT - 300 * DAY_MS), 2: bornAt(AT - 300 * DAY_MS), 3: bornAt(AT - 300 * DAY_MS) };
    const rereadAt = AT - MINUTE_MS;
    const cursors = { 1: readAt(rereadAt - 1), 2: readAt(rereadAt), 3: readAt(rereadAt + 1) };
    expect([...planned({ calls, cursors, rereadAt })].sort()).toEqual(['1', '2']);
    expect(planned({ calls, cursors })).toEqual([]);
  });

  test('is not read if the call is marked deleted, or if its user is gone', () => {
    const calls = { 1: bornAt(AT, { deletedAt: AT }), 2: bornAt(AT, { group: '999' }), 3: bornAt(AT) };
    expect(planned({ calls })).toEqual(['3']);
  });

  test.each([
    [15, 15 * MINUTE_MS],
    [60, HOUR_MS],
    [360, 6 * HOUR_MS],
    [24 * 60, DAY_MS],
    [7 * 24 * 60, 7 * DAY_MS],
    [14 * 24 * 60, 14 * DAY_MS],
    [44 * 24 * 60, 44 * DAY_MS],
    [74 * 24 * 60, 74 * DAY_MS],
  ])('is read once when the call is %i minutes old', (_minutes, age) => {
    const calls = { 1: bornAt(AT - age) };
    expect(planned({ calls, cursors: { 1: readAt(AT - MINUTE_MS) } })).toEqual(['1']);
    expect(planned({ calls, cursors: { 1: readAt(AT - MINUTE_MS) }, at: AT - MINUTE_MS })).toEqual([]);
    expect(planned({ calls, cursors: { 1: readAt(AT) }, at: AT + MINUTE_MS })).toEqual([]);
  });

  test('is read again after a run at a wrong time, which left its mark years ahead', () => {
    const calls = { 1: bornAt(AT - 2 * HOUR_MS) };
    expect(planned({ calls, cursors: { 1: readAt(AT + 900 * DAY_MS) } })).toEqual(['1']);
  });

  test('of a call from yesterday that was seen today counts from midnight', () => {
    const midnight = TODAY * DAY_MS;
    const calls = { 1: knownCall(TODAY - 1, midnight + 5 * MINUTE_MS) };
    const cursors = { 1: readAt(midnight + 5 * MINUTE_MS) };
    expect(planned({ calls, cursors, at: midnight + 14 * MINUTE_MS })).toEqual([]);
    expect(planned({ calls, cursors, at: midnight + 15 * MINUTE_MS })).toEqual(['1']);
  });

  test('is read in a backfill if the call is of its days', () => {
    const calls = { 1: bornAt(AT), 2: bornAt(AT - 3 * DAY_MS), 3: bornAt(AT - 9 * DAY_MS) };
    const cursors = { 1: readAt(AT), 2: readAt(AT), 3: readAt(AT) };
    const window = { from: new Date(AT - 4 * DAY_MS), to: new Date(AT - DAY_MS) };
    expect(planned({ calls, cursors, window })).toEqual(['2']);
  });
});

describe('among the audit logs that are due', () => {
  const numbered = (count: number, ageOf: (n: number) => number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [String(n + 1), bornAt(AT - ageOf(n + 1))]));

  test('those of the newest calls come first, and every fourth is one that has waited longest', () => {
    const calls = numbered(12, (n) => n * HOUR_MS);
    const cursors = { 11: readAt(AT - 9 * HOUR_MS) };
    expect(planned({ calls, cursors })).toEqual(['1', '2', '3', '12', '4', '5', '6', '10', '7', '8', '9', '11']);
  });

  test('those that failed last come last', () => {
    expect(planned({ calls: numbered(3, (n) => n * HOUR_MS), failed: ['1', '3'] })).toEqual(['2', '1', '3']);
  });

  test('none starves if each run is cut after a few', () => {
    const perRun = 8;
    const read = new Map<string, number>();
    const calls: Record<string, DigestEntry> = numbered(60, (n) => n * DAY_MS);
    for (let run = 0; run < 40; run += 1) {
      const at = AT + run * HOUR_MS;
      for (let n = 0; n < 5; n += 1) calls[`new-${run}-${n}`] = bornAt(at);
      const cursors = Object.fromEntries([...read].map(([id, ms]) => [id, readAt(ms)]));
      for (const id of planned({ calls, cursors, at }).slice(0, perRun)) read.set(id, at);
    }
    expect(Object.keys(calls).filter((id) => !id.startsWith('new') && !read.has(id))).toEqual([]);
    expect([...read.keys()].filter((id) => id.startsWith('new')).length).toBeGreaterThan(100);
  });
});

test('each audit log is read within 31 days, at any interval of runs', () => {
  const born = fc.integer({ min: 0, max: 400 * 24 });
  const property = fc.property(fc.integer({ min: 1, max: 24 }), fc.array(born, { maxLength: 30 }), (hours, ages) => {
    const calls = Object.fromEntries(ages.map((age, n) => [String(n + 1), knownCall(dayOf(AT - age * HOUR_MS), AT)]));
    const read = new Map<string, number>();
    for (let at = AT; at <= AT + 70 * DAY_MS; at += hours * HOUR_MS) {
      const cursors = Object.fromEntries([...read].map(([id, ms]) => [id, readAt(ms)]));
      for (const id of planned({ calls, cursors, at })) read.set(id, at);
      for (const ms of read.values()) expect(at - ms).toBeLessThanOrEqual(31 * DAY_MS);
    }
  });
  holds(property, { numRuns: 8 });
});

test('200,000 calls of a year cost at most 12,000 requests a day', () => {
  const share = 100;
  const count = 200_000 / share;
  const start = AT - 365 * DAY_MS;
  const calls = Array.from({ length: count }, (_, n): [string, DigestEntry] => [
    String(n + 1),
    bornAt(start + (n / count) * 365 * DAY_MS),
  ]);
  const read = new Map(calls.map(([id, { firstSeenAt }]) => [id, firstSeenAt]));
  const run = (at: number) => {
    const known = Object.fromEntries(calls.filter(([, { firstSeenAt }]) => firstSeenAt <= at));
    const cursors = Object.fromEntries(Object.keys(known).map((id) => [id, readAt(read.get(id) ?? at)]));
    const due = planned({ calls: known, cursors, at });
    for (const id of due) read.set(id, at);
    return due.length;
  };
  for (let day = 45; day >= 1; day -= 1) run(AT - day * DAY_MS);
  let requests = 0;
  for (let at = AT - DAY_MS + 15 * MINUTE_MS; at <= AT; at += 15 * MINUTE_MS) requests += run(at);
  expect(requests * share).toBeGreaterThan(6_000);
  expect(requests * share).toBeLessThanOrEqual(12_000);
});

test('of many lists, every fourth is the one that has waited longest', () => {
  // The older a call, the longer its log has waited.
  const names = Array.from({ length: 12 }, (_, n) => String(n));
  const calls = Object.fromEntries(names.map((name, n) => [name, bornAt(AT - (n + 1) * DAY_MS)]));
  const cursors = Object.fromEntries(
    names.map((name, n) => [name, { readAt: AT - (n + 1) * DAY_MS, parentHash: 'before' }]),
  );
  expect(planned({ calls, cursors })).toEqual(['0', '1', '2', '11', '3', '4', '5', '10', '6', '7', '8', '9']);
});

test('of calls that were seen long after their day, the logs are due at moments of that day that differ', () => {
  const births = Array.from({ length: 50 }, (_, n) => birthOf(knownCall(TODAY - 100, AT), `call-${n}`) / DAY_MS);
  for (const birth of births) expect(Math.floor(birth)).toBe(TODAY - 100);
  expect(new Set(births).size).toBeGreaterThan(40);
  expect(Math.max(...births) - Math.min(...births)).toBeGreaterThan(0.4);
  expect(birthOf(knownCall(TODAY - 100, AT), 'call-1')).toBe(birthOf(knownCall(TODAY - 100, AT), 'call-1'));
});
