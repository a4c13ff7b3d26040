import { describe, expect, test } from 'vitest';
import type { Proof } from '../../../../functions/lake/scan-progress.ts';
import { HOUR_MS } from '../../../../functions/time.ts';
import { clinic } from '../../../helpers/clinic.ts';
import { conclude, entry, outcome } from '../../../helpers/conclude.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { runSource } from '../../../helpers/run-source.ts';
import { UNIT_AT, unitPartition } from '../../../helpers/session.ts';
import { solumCalls } from '../../../helpers/solum-server.ts';

const AT = UNIT_AT;

describe('a key that a full scan did not contain', () => {
  test('becomes a candidate, with the scheduled time and the clock', async () => {
    const { candidates, entries, deletes } = await conclude({ a: entry() }, { clock: () => AT + 5 });
    expect({ candidates, deletes }).toEqual({ candidates: 1, deletes: 0 });
    expect(entries['a']).toEqual(entry({ missingSince: AT, missingSinceClock: AT + 5 }));
  });

  test.each([
    { says: 'an hour by schedule and by the clock', since: HOUR_MS, clock: HOUR_MS, isDeleted: true },
    { says: 'a millisecond less by schedule', since: HOUR_MS - 1, clock: HOUR_MS, isDeleted: false },
    { says: 'a millisecond less by the clock', since: HOUR_MS, clock: HOUR_MS - 1, isDeleted: false },
    { says: 'three days by schedule, seconds by the clock', since: 72 * HOUR_MS, clock: 4000, isDeleted: false },
    { says: 'no time by the clock', since: HOUR_MS, clock: 0, isDeleted: false },
    { says: 'no time between them', since: 0, clock: 0, isDeleted: false },
  ])('is marked deleted only by a second scan an hour later: $says', async ({ since, clock, isDeleted }) => {
    const now = AT + 70_000;
    const known = entry({ missingSince: AT - since, missingSinceClock: now - clock });
    const { candidates, entries, deletes } = await conclude({ a: known }, { clock: () => now });
    expect({ candidates, deletes }).toEqual(isDeleted ? { candidates: 0, deletes: 1 } : { candidates: 1, deletes: 0 });
    expect(entries['a']).toEqual(isDeleted ? entry({ deletedAt: AT }) : known);
  });

  test.each([
    { since: HOUR_MS, isDeleted: true },
    { since: HOUR_MS - 1, isDeleted: false },
  ])('is judged only by the scheduled time in a run with --at: $since ms later', async ({ since, isDeleted }) => {
    // A backfill of the past: the clock of the session is its scheduled time.
    const { deletes } = await conclude({ a: entry({ missingSince: AT - since, missingSinceClock: AT - since }) });
    expect(deletes).toBe(isDeleted ? 1 : 0);
  });

  test.each([
    { since: HOUR_MS, isDeleted: true },
    { since: HOUR_MS - 1, isDeleted: false },
  ])(
    'recorded without a clock is judged by its scheduled time alone: $since ms later',
    async ({ since, isDeleted }) => {
      const { deletes } = await conclude({ a: entry({ missingSince: AT - since }) }, { clock: () => AT });
      expect(deletes).toBe(isDeleted ? 1 : 0);
    },
  );

  test.each([
    { says: 'a later scheduled time', known: { missingSince: AT + 1, missingSinceClock: AT - 9 * HOUR_MS } },
    { says: 'a later scheduled time, years ahead', known: { missingSince: AT + 9e11, missingSinceClock: AT } },
    { says: 'a later clock', known: { missingSince: AT - 9 * HOUR_MS, missingSinceClock: AT + 1 } },
    { says: 'a later scheduled time without a clock', known: { missingSince: AT + 1 } },
  ])('recorded by a run with a wrong time is recorded again: $says', async ({ known }) => {
    const { candidates, entries, deletes } = await conclude({ a: entry(known) });
    expect({ candidates, deletes }).toEqual({ candidates: 1, deletes: 0 });
    expect(entries['a']).toEqual(entry({ missingSince: AT, missingSinceClock: AT }));
  });

  test('recorded at the same moment does not change', async () => {
    const known = entry({ missingSince: AT, missingSinceClock: AT - 5 });
    expect((await conclude({ a: known })).entries['a']).toEqual(known);
  });
});

describe('a key does not become a deletion candidate', () => {
  const due = { missingSince: AT - 9 * HOUR_MS, missingSinceClock: AT - 9 * HOUR_MS };

  test.each([
    { says: 'if the scan contained it', known: entry(due), outcomes: [outcome(['a'])] },
    { says: 'if a second partition contained it', known: entry(due), outcomes: [outcome([]), outcome(['a'])] },
    { says: 'if it is already marked deleted', known: entry({ ...due, deletedAt: 1 }), outcomes: [outcome([])] },
  ])('$says', async ({ known, outcomes }) => {
    const result = await conclude({ a: known }, { outcomes });
    expect(result).toMatchObject({ candidates: 0, deletes: 0 });
    expect(result.entries).toEqual({ a: known });
  });

  const assigned = { assignOwner: () => ({ group: 'x' }) };
  test.each<{ says: string; stream: object; gone: readonly string[] }>([
    { says: 'if its list is not requested any more', stream: {}, gone: ['a', 'c', 'd'] },
    { says: 'unless groups are no lists', stream: assigned, gone: ['a', 'b', 'c', 'd'] },
    { says: 'if its list was not read and lists may be missing', stream: { skipMissingPartition: true }, gone: ['a'] },
  ])('$says', async ({ stream, gone }) => {
    const lists = [unitPartition('x'), { ...unitPartition('s'), sweepOnly: true }];
    const known = { a: entry({ group: 'x' }), b: entry({ group: 'y' }), c: entry(), d: entry({ group: 's' }) };
    const { entries } = await conclude(known, {
      stream: { partitions: () => lists, ...stream },
      outcomes: lists.map((list) => outcome([], list)),
    });
    expect(Object.keys(entries).filter((key) => entries[key]?.missingSince !== undefined)).toEqual(gone);
  });
});

describe('the end of a full scan', () => {
  const lists = ['x', 'y', 'z'].map((id) => outcome([], unitPartition(id)));
  const stream = { partitions: () => lists.map(({ partition }) => partition), skipMissingPartition: true };
  const known = { a: entry({ group: 'x' }) };

  test('that proves something sets the next one by the setting, or an hour later if candidates are left', async () => {
    expect((await conclude({})).ended.sweepDueAt).toBe(AT + 72 * HOUR_MS);
    expect((await conclude({ a: entry() })).ended.sweepDueAt).toBe(AT + HOUR_MS);
  });

  test.each<{ says: string; done: Record<string, Proof> }>([
    { says: 'a list proves nothing', done: { x: 'all', y: 'nothing', z: 'all' } },
    { says: 'a list was not read', done: { x: 'all', z: 'all' } },
  ])('at which $says proves nothing, and the next one is due in six hours', async ({ done }) => {
    const { candidates, ended } = await conclude(known, { stream, outcomes: lists, done });
    expect([candidates, ended.sweepDueAt]).toEqual([0, AT + 6 * HOUR_MS]);
    const often = await conclude(known, { stream, outcomes: lists, done, settings: { sweepEvery: '2h' } });
    expect(often.ended.sweepDueAt).toBe(AT + 2 * HOUR_MS);
  });

  test('notes the lists that the vendor does not have', async () => {
    const done = { x: 'all', y: 'missing', z: 'all' } as const;
    const { candidates, ended } = await conclude(known, { stream, outcomes: lists, done });
    expect([candidates, ended.missingLists]).toEqual([1, ['y']]);
    expect((await conclude(known, { stream, outcomes: lists })).ended).not.toHaveProperty('missingLists', ['y']);
    expect((await conclude(known, { stream, outcomes: lists })).ended.missingLists).toBeUndefined();
  });

  test('has no keys of which no scan can tell, if each list proves everything', async () => {
    expect((await conclude(known, { stream, outcomes: lists })).ended.tied).toBeUndefined();
  });
});

test.each([
  { says: 'seconds later by the clock', clockMs: 4000, deleted: 0 },
  { says: 'an hour later by the clock', clockMs: 3_600_000, deleted: 1 },
])(
  'a record that left the list is marked by a scheduled run of the next hour only if that runs an hour later: $says',
  async (expected) => {
    const calls = solumCalls(12);
    const { server, store } = await clinic(calls);
    const began = Date.parse('2026-11-05T12:00:00Z');
    const run = (hours: number, clock: number) =>
      runSource(
        'solum',
        { at: new Date(AT + hours * HOUR_MS), url: server.url, pageSize: 5, isScheduled: true },
        makePorts({ store, env: { SOLUM_API_KEY: 'key' }, clock: { ms: clock } }),
      );
    await run(0, AT);
    calls.splice(4, 1);
    // Two ticks waited in a queue and run one after the other.
    expect((await run(72, began)).streams[0]?.deleted).toBe(0);
    expect((await run(73, began + expected.clockMs)).streams[0]?.deleted).toBe(expected.deleted);
  },
);

describe('a record without a key', () => {
  const nameless = { started_at: null, created_at: null, status: 'pending' };

  /** Full scans of twelve calls on pages of four, of which one is listed without its id from the second scan on. */
  async function scans(lost: number, more: readonly number[] = []) {
    const calls = solumCalls(12);
    const { server, store } = await clinic(calls);
    const run = async (hours: number) => {
      const at = new Date(AT + hours * HOUR_MS);
      const ports = makePorts({ store, env: { SOLUM_API_KEY: 'key' }, clock: { ms: at.getTime() } });
      const { streams } = await runSource('solum', { at, url: server.url, pageSize: 4 }, ports);
      return streams[0]?.deleted;
    };
    await run(0);
    calls.splice(lost, 1, nameless as never);
    for (const gone of more) calls.splice(gone, 1);
    return [await run(73), await run(75)];
  }

  test('proves nothing of the other records that its page may have shown', async () => {
    expect(await scans(5)).toEqual([0, 0]);
    expect(await scans(0)).toEqual([0, 0]);
    expect(await scans(11)).toEqual([0, 0]);
  });

  test('shown twice on a page proves nothing, because its total may be met without others', async () => {
    const calls = solumCalls(12);
    const { server, store } = await clinic(calls);
    const run = async (hours: number) => {
      const at = new Date(AT + hours * HOUR_MS);
      const ports = makePorts({ store, env: { SOLUM_API_KEY: 'key' }, clock: { ms: at.getTime() } });
      return (await runSource('solum', { at, url: server.url, pageSize: 4 }, ports)).streams[0]?.deleted;
    };
    await run(0);
    calls.splice(1, 1, calls[0] as never);
    expect([await run(73), await run(75)]).toEqual([0, 0]);
  });

  test('says nothing about records that would be on another page of a sorted list', async () => {
    expect(await scans(10, [1])).toEqual([0, 1]);
  });
});
