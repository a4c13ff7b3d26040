import { describe, expect, test } from 'vitest';
import { concludeScan } from '../../../../functions/extract/changes/conclude-scan.ts';
import type { DigestEntry } from '../../../../functions/lake/digest/digest-entry.ts';
import type { Proof, ScanProgress } from '../../../../functions/lake/scan-progress.ts';
import { DAY_MS, dayOf, HOUR_MS } from '../../../../functions/time.ts';
import { cutScan } from '../../../helpers/carry-out.ts';
import { entry } from '../../../helpers/read-one.ts';
import { UNIT_AT, type UnitOptions, unitPartition, unitSession } from '../../../helpers/session.ts';

const AT = UNIT_AT;
const [x, y] = [unitPartition('x'), unitPartition('y')];

interface End extends UnitOptions {
  readonly proof?: Proof;
  readonly scan?: Partial<ScanProgress>;
  readonly plan?: object;
  readonly state?: object;
  /** Stretches of each list that pages have shown, and instants that two pages share. */
  readonly spans?: readonly (readonly [number, number])[];
  readonly ties?: readonly number[];
}

/** Ends a full scan of list x that did not show these entries. */
async function concluded(known: Readonly<Record<string, DigestEntry>>, end: End = {}) {
  const { proof = 'all', scan = {}, plan = {}, state = {}, spans = [], ties = [], ...options } = end;
  const { session } = await unitSession({ ...options, stream: { partitions: () => [x], ...options.stream } });
  for (const [key, value] of Object.entries(known)) session.digest.set(key, value);
  session.progress.updateState(state);
  await session.digest.scan.begin();
  for (const { id } of [x, y]) {
    for (const span of spans) session.digest.scan.coverageOf(id).add(...span);
    for (const tie of ties) session.digest.scan.coverageOf(id).addTie(tie);
  }
  const full = { kind: 'sweep' as const, partitions: [x], tiers: [], ...plan };
  const own = { ...cutScan({ done: { x: proof }, ...scan }), missedClock: session.startedClock };
  await concludeScan(session, own, { plan: full, order: 'at', isLacking: false });
  const missed = [...session.digest.entries.recent].filter(([, { missingSince }]) => missingSince === AT);
  return { state: session.progress.state(), missed: missed.map(([key]) => key), session };
}

describe('a key that a list did not show, by what the list proves', () => {
  const at = (instant: number | undefined, more: Partial<DigestEntry> = {}) =>
    entry({ group: 'x', ...(instant !== undefined && { sortedAt: instant }), ...more });
  const shown = { spans: [[10, 20] as const, [20, 30] as const], ties: [20] };

  test.each<{ says: string; proof: Proof; known: DigestEntry; is: 'gone' | 'tied' | 'unknown'; ties?: number[] }>([
    { says: 'anywhere', proof: 'all', known: at(undefined), is: 'gone' },
    { says: 'inside a page', proof: 'untied', known: at(15), is: 'gone' },
    { says: 'at an edge that records share', proof: 'untied', known: at(20), is: 'tied' },
    { says: 'at an edge that none share', proof: 'untied', known: at(30), is: 'gone' },
    { says: 'without an instant', proof: 'untied', known: at(undefined), is: 'tied' },
    { says: 'without an instant, where none share one', proof: 'untied', known: at(undefined), ties: [], is: 'gone' },
    { says: 'by another field', proof: 'untied', known: at(15, { sortedBy: 1 }), is: 'tied' },
    { says: 'inside a page', proof: 'inside', known: at(15), is: 'gone' },
    { says: 'at an edge that records share', proof: 'inside', known: at(20), is: 'tied' },
    { says: 'at an edge that none share', proof: 'inside', known: at(30), is: 'unknown' },
    { says: 'outside all pages', proof: 'inside', known: at(99), is: 'unknown' },
    { says: 'without an instant', proof: 'inside', known: at(undefined), is: 'unknown' },
    { says: 'anywhere', proof: 'missing', known: at(15), is: 'unknown' },
  ])('$proof: $says it is $is', async ({ proof, known, is, ties = shown.ties }) => {
    const { missed, state } = await concluded({ a: known }, { proof, ...shown, ties });
    expect(missed).toEqual(is === 'gone' ? ['a'] : []);
    expect(state.tied).toBe(is === 'tied' ? 1 : undefined);
  });
});

test('a key that is marked deleted, or that the scan showed, is left as it is', async () => {
  const known = { gone: entry({ group: 'x', deletedAt: 1 }) };
  const { session, state } = await concluded(known);
  expect(session.digest.entries.get('gone')).toEqual(known.gone);
  expect(state.sweepDueAt).toBe(AT + 72 * HOUR_MS);
});

describe('a key of several lists', () => {
  const lists = { plan: { partitions: [x, y] }, stream: { isListedIn: () => true, partitions: () => [x, y] } };
  const known = { a: entry({ group: 'x' }) };

  test.each<{ done: Record<string, Proof>; isGone: boolean; tied?: number }>([
    { done: { x: 'all', y: 'all' }, isGone: true },
    { done: { x: 'all', y: 'missing' }, isGone: false },
    { done: { x: 'all', y: 'untied' }, isGone: false, tied: 1 },
    { done: { x: 'missing', y: 'untied' }, isGone: false },
  ])('is gone if each of them says so: $done $isGone', async ({ done, isGone, tied }) => {
    const { missed, state } = await concluded(known, { ...lists, scan: { done }, ties: [5] });
    expect([missed, state.tied]).toEqual([isGone ? ['a'] : [], tied]);
  });
});

test.each([
  { done: { x: 'untied', all: 'all' }, missed: ['a'] },
  { done: { x: 'all', all: 'nothing' }, missed: [] },
] as const)('a key of no list is judged by the lists that only full scans read: $done', async ({ done, missed }) => {
  const plan = { partitions: [x, { ...unitPartition('all'), sweepOnly: true }] };
  const assignOwner = () => ({ group: 'x' });
  const known = { a: entry({ group: 'elsewhere' }) };
  expect((await concluded(known, { plan, scan: { done }, ties: [5], stream: { assignOwner } })).missed).toEqual(missed);
});

test.each([
  { done: { x: 'all', y: 'all' }, missed: ['a'] },
  { done: { x: 'all', y: 'missing' }, missed: [] },
] as const)('and where there are none of those, by all lists: $done', async ({ done, missed }) => {
  const stream = { assignOwner: () => ({ group: 'x' }), partitions: () => [x, y] };
  const known = { a: entry({ group: 'elsewhere' }) };
  expect((await concluded(known, { plan: { partitions: [x, y] }, scan: { done }, stream })).missed).toEqual(missed);
});

describe('the end of a full scan', () => {
  test('lets the next one wait for four times what it took, but an hour where candidates are left', async () => {
    const long = { scan: { tookMs: 30 * HOUR_MS } };
    expect((await concluded({}, long)).state).toMatchObject({
      sweepDueAt: AT + 120 * HOUR_MS,
      sweepRestsUntil: AT + 120 * HOUR_MS,
    });
    const short = { scan: { tookMs: HOUR_MS } };
    expect((await concluded({}, short)).state).toMatchObject({
      sweepDueAt: AT + 72 * HOUR_MS,
      sweepRestsUntil: AT + 4 * HOUR_MS,
    });
    const quick = { scan: { tookMs: 60_000 } };
    expect((await concluded({ a: entry({ group: 'x' }) }, quick)).state).toMatchObject({
      sweepDueAt: AT + HOUR_MS,
      sweepRestsUntil: AT + HOUR_MS,
    });
  });

  test('is noted, and what it continued is not', async () => {
    const began = AT - 5 * HOUR_MS;
    const state = { scan: cutScan(), scanWaits: true, tied: 3, missingLists: ['y'] };
    const { state: ended, session } = await concluded({}, { state, scan: { startedAt: began, keptFrom: 9 } });
    expect(ended).toMatchObject({ order: 'at', keptFrom: 9, sweptAt: AT, sweepBegan: began });
    expect([ended.scan, ended.scanWaits, ended.tied, ended.missingLists]).toEqual(Array(4).fill(undefined));
    expect(session.digest.scan.isOpen()).toBe(false);
  });

  test('names a hundred of the lists that the vendor does not have', async () => {
    const done = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`l${n}`, 'missing' as const]));
    const { state } = await concluded({}, { scan: { done: { x: 'all', ...done } } });
    expect(state.missingLists).toEqual(Object.keys(done).slice(0, 100));
  });

  test('notes which lists it has read, where the vendor filters by time, and which only full scans read', async () => {
    const scan = { done: { x: 'all', y: 'missing', z: 'nothing' } as const, failed: ['z'] };
    const plan = { partitions: [x, { ...y, sweepOnly: true }] };
    const plain = (await concluded({}, { scan, plan })).state;
    expect([plain.readLists, plain.scanOnly]).toEqual([undefined, ['y']]);
    const stream = { window: { by: 'at', as: 'iso' as const } };
    expect((await concluded({}, { scan, plan, stream })).state.readLists).toEqual(['x']);
    const single = (await concluded({}, { stream: { ...stream, partitions: undefined as never } })).state;
    expect([single.readLists, single.scanOnly]).toEqual([undefined, undefined]);
  });
});

test('a scan of windows judges the records that began within them, before it', async () => {
  const day = dayOf(AT);
  const of = (partOn: number, firstSeenAt = 1) => entry({ group: 'x', partOn, firstSeenAt });
  const known = { before: of(day - 4), first: of(day - 3), today: of(day), ahead: of(day + 1), later: of(day, AT + 1) };
  const from = new Date((day - 3) * DAY_MS);
  const judged = async (as: 'iso' | 'day', begin = from) =>
    (await concluded(known, { plan: { window: { from: begin } }, stream: { window: { by: 'at', as } } })).missed.sort();
  expect(await judged('iso')).toEqual(['first', 'today']);
  expect(await judged('iso', new Date(from.getTime() + 1))).toEqual(['today']);
  // The vendor's time zone may take the first day away.
  expect(await judged('day')).toEqual(['today']);
});
