import { describe, expect, test } from 'vitest';
import {
  InterruptedError,
  OutOfTimeError,
  RequestRefusedError,
  SourceUnavailableError,
} from '../../../../functions/errors.ts';
import { type Concluding, mayBeBack } from '../../../../functions/extract/changes/came-back.ts';
import { type Partition, WHOLE_STREAM } from '../../../../functions/source/page.ts';
import { dayOf, HOUR_MS, MINUTE_MS } from '../../../../functions/time.ts';
import { cutScan } from '../../../helpers/carry-out.ts';
import { conclude, entry, outcome } from '../../../helpers/conclude.ts';
import { UNIT_AT as AT, type UnitAnswer, unitPartition, unitRecord, unitSession } from '../../../helpers/session.ts';

const BEFORE = AT - 72 * HOUR_MS;
const missing = { missingSince: BEFORE - 9 * HOUR_MS, missingSinceClock: BEFORE - 9 * HOUR_MS };
const once = { missingSince: AT, missingSinceClock: AT, mayBeSkipped: true as const };
const showing =
  (total: number | undefined, ...ids: string[]): UnitAnswer =>
  () => ({ records: ids.map((id) => unitRecord(id)), ...(total !== undefined && { total }) });

/** A scan that an earlier run began, in which the vendor counted three records: two that it has shown, and one without a key. */
const earlier = (list: Partition = WHOLE_STREAM) => ({
  ...{ startedAt: BEFORE, startedClock: BEFORE },
  leastSurplus: { [list.id]: 0 },
});
/** `gone` is known, and two records were shown; a scan before has missed `gone` too. `back` is marked deleted. */
const known = { a: entry(), b: entry(), gone: entry(missing), back: entry({ deletedAt: BEFORE }) };

describe('a key that two scans missed, of which the last one took several runs', () => {
  const ended = (answer: UnitAnswer, scan: object = earlier()) =>
    conclude(known, { outcomes: [outcome(['a', 'b'])], answer, scan });

  test.each<{ says: string; answer: UnitAnswer; surplus?: number }>([
    { says: 'counts no more records than then', answer: showing(3, 'a', 'b') },
    { says: 'counts fewer', answer: showing(2, 'a') },
    { says: 'was empty during the scan too', answer: showing(0), surplus: -3 },
    { says: 'counts more, and shows as many new ones', answer: showing(5, 'new-1', 'new-2') },
    { says: 'shows a new one twice', answer: showing(4, 'new', 'new') },
    { says: 'shows one that is marked deleted, which will be live again', answer: showing(4, 'a', 'back') },
  ])('is marked deleted if its list $says', async ({ answer, surplus = 0 }) => {
    const { deletes, asked } = await ended(answer, { ...earlier(), leastSurplus: { [WHOLE_STREAM.id]: surplus } });
    expect(deletes).toBe(1);
    expect(asked).toEqual([`${WHOLE_STREAM.id}/1`]);
  });

  test.each<{ says: string; answer: UnitAnswer }>([
    { says: 'counts more', answer: showing(4, 'a', 'b') },
    { says: 'counts more than it shows new ones', answer: showing(5, 'new', 'a') },
    { says: 'has no total any more', answer: showing(undefined, 'a', 'b') },
    { says: 'is refused', answer: () => new RequestRefusedError('no such list') },
    { says: 'cannot be read', answer: () => new SourceUnavailableError('busy') },
    { says: 'is empty since, which may be a fault', answer: showing(0) },
  ])('must be missed by another scan if its list $says', async ({ answer }) => {
    const { deletes, candidates, entries, ended: state } = await ended(answer);
    expect(deletes).toBe(0);
    expect(candidates).toBe(1);
    expect(entries['gone']).toEqual(entry(once));
    expect(state.sweepDueAt).toBe(AT + HOUR_MS);
  });

  test('and that other scan is the last one', async () => {
    const doubted = { ...known, gone: entry({ ...missing, mayBeSkipped: true }) };
    const { deletes, asked } = await conclude(doubted, {
      outcomes: [outcome(['a', 'b'])],
      answer: showing(9, 'a', 'b'),
      scan: earlier(),
    });
    expect(deletes).toBe(1);
    expect(asked).toEqual([]);
  });

  test('must be missed by another scan too if the only run of this one was suspended', async () => {
    const { leastSurplus } = earlier();
    const suspended = { startedAt: AT, startedClock: AT, missedClock: AT + 72 * HOUR_MS, leastSurplus };
    expect((await ended(showing(4, 'a', 'b'), suspended)).candidates).toBe(1);
  });

  test.each([new OutOfTimeError('late'), new InterruptedError('stop')])('stays as it is after %o', async (cut) => {
    const { entries, ended: state } = await ended(() => cut);
    expect(entries['gone']).toEqual(known.gone);
    expect(state.sweptAt).toBeUndefined();
  });

  test('that this scan has missed first, before it had to pause, is missed once', async () => {
    const paused = { a: entry(), gone: entry({ missingSince: AT - HOUR_MS, missingSinceClock: AT - HOUR_MS }) };
    const { entries, asked } = await conclude(paused, {
      outcomes: [outcome(['a'])],
      answer: showing(9, 'a'),
      scan: earlier(),
    });
    expect(entries['gone']).toEqual(paused.gone);
    expect(asked).toEqual([]);
  });

  test('must be missed by another scan although the page shows records from before history', async () => {
    const window = { by: 'at', as: 'iso' as const };
    const old = unitRecord('old', 99 * 24 * 60);
    const { deletes, candidates } = await conclude(known, {
      ...{ stream: { window }, settings: { historyDay: dayOf(AT) - 9 } },
      ...{ outcomes: [outcome(['a', 'b'])], scan: earlier() },
      answer: () => ({ records: [old, unitRecord('a')], total: 4 }),
    });
    expect([deletes, candidates]).toEqual([0, 1]);
  });

  test.each([
    { says: 'this run began the scan', scan: { leastSurplus: { [WHOLE_STREAM.id]: 0 } } },
    { says: 'its list had no total', scan: { ...earlier(), leastSurplus: {} } },
  ])('is not looked for if $says', async ({ scan }) => {
    const { deletes, asked } = await ended(showing(9, 'a', 'b'), scan);
    expect(deletes).toBe(1);
    expect(asked).toEqual([]);
  });

  test('is a candidate for the first time without any request', async () => {
    const { candidates, asked } = await conclude({ gone: entry() }, { answer: showing(9), scan: earlier() });
    expect(candidates).toBe(1);
    expect(asked).toEqual([]);
  });

  test('is marked deleted if another list counts more, of which none of its records is', async () => {
    const [x, y] = [unitPartition('x'), unitPartition('y')];
    const of = (group: string) => entry({ ...missing, group });
    const { entries, asked } = await conclude(
      { x1: of('x'), x2: of('x'), y1: of('y'), y2: entry({ group: 'y' }) },
      {
        stream: { partitions: () => [x, y] },
        outcomes: [outcome([], x), outcome(['y2'], y)],
        answer: ({ partition }) => ({ records: [], total: partition === 'x' ? 3 : 2 }),
        scan: { ...earlier(), leastSurplus: { x: 0, y: 0 } },
      },
    );
    expect(entries).toMatchObject({ x1: once, x2: once, y1: { deletedAt: AT } });
    expect(asked).toEqual(['x/1', 'y/1']);
  });

  test('is not held any more for somebody to confirm, although this scan cannot judge it', async () => {
    const held = { scan: BEFORE - HOUR_MS, clock: BEFORE - HOUR_MS, count: 1, groups: [''] };
    const { ended: state } = await conclude(known, {
      outcomes: [outcome(['a', 'b'])],
      done: { [WHOLE_STREAM.id]: 'inside' },
      answer: showing(4, 'a', 'b'),
      scan: earlier(),
      state: { held },
    });
    expect(state.held).toBeUndefined();
  });
});

describe('a key of a list that counts no more records, of which the last scan took several runs', () => {
  const stream = { window: { by: 'at', as: 'iso' as const } };
  const scan = { ...earlier(), leastSurplus: {} };
  const others: UnitAnswer = () => ({ records: [unitRecord('other')], more: false });
  const gone = (minutes: number) => entry({ ...missing, sortedAt: AT - minutes * MINUTE_MS });
  const two = { a: entry(), b: entry(), g1: gone(10), g2: gone(20) };
  const ended = (answer: UnitAnswer, entries: Parameters<typeof conclude>[0] = two) =>
    conclude(entries, { stream, outcomes: [outcome(['a', 'b'])], answer, scan });

  test('is looked for in a window of time, and not marked deleted if that shows it', async () => {
    const { entries, ended: state } = await ended(showing(undefined, 'g1'));
    expect(entries).toMatchObject({ g1: once, g2: { deletedAt: AT } });
    expect(state.sweepDueAt).toBe(AT + HOUR_MS);
  });

  test('is not marked deleted either if the window cannot be read', async () => {
    const { entries } = await ended(() => new SourceUnavailableError('busy'));
    expect(entries).toMatchObject({ g1: once, g2: once });
  });

  describe('but has a total', () => {
    const counted = (answer: UnitAnswer, own: object = earlier()) =>
      conclude(two, {
        stream: { ...stream, ask: ({ page, partition, from }) => ({ query: { page, partition: partition.id, from } }) },
        ...{ outcomes: [outcome(['a', 'b'])], scan: own },
        answer: (asked) =>
          asked.request.url.includes('from=') ? answer(asked) : { records: [unitRecord('a')], total: 4 },
      });

    test('is looked for too, because another record may have gone since', async () => {
      expect((await counted(showing(1, 'g1'))).entries).toMatchObject({ g1: once, g2: { deletedAt: AT } });
    });

    test('is not looked for any more once there was no time for it', async () => {
      const first = await counted(() => new OutOfTimeError('late'));
      expect(first.ended.scan?.hasWaited).toBe(true);
      const second = await counted(showing(1, 'g1'), { ...earlier(), hasWaited: true });
      expect(second.deletes).toBe(2);
    });
  });

  test('stays a candidate if not even the oldest can be looked for, and the scan ends once it has waited', async () => {
    const late = () => new OutOfTimeError('late');
    const unsuspended = { leastSurplus: {} };
    const run = (own: object) => conclude(two, { stream, outcomes: [outcome(['a', 'b'])], answer: late, scan: own });
    expect((await run(unsuspended)).ended.sweptAt).toBeUndefined();
    const { ended: state, deletes, candidates } = await run({ ...unsuspended, hasWaited: true });
    expect([state.sweptAt, deletes, candidates]).toEqual([AT, 0, 2]);
  });

  test.each([
    { says: 'the window shows others alone', answer: others },
    { says: 'the vendor refuses the window', answer: () => new RequestRefusedError('too old') },
  ])('is marked deleted if $says', async ({ answer }) => {
    const { deletes, asked } = await ended(answer);
    expect(deletes).toBe(2);
    // The oldest one is looked for in each scan.
    expect(asked.length).toBe(3);
  });

  test('is looked for if it is one of the first 25', async () => {
    const many = Object.fromEntries(Array.from({ length: 27 }, (_, n) => [`g${n}`, gone(n + 1)]));
    const live = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`live-${n}`, entry()]));
    const { deletes, asked } = await conclude(
      { ...many, ...live },
      { stream, outcomes: [outcome(Object.keys(live))], answer: others, scan },
    );
    expect(deletes).toBe(27);
    expect(asked.length).toBe(25 + 1);
  });

  test('is looked for by a later run if there is no time, and is in doubt if that one has none either', async () => {
    const first = await ended(() => new OutOfTimeError('late'));
    expect(first.ended.sweptAt).toBeUndefined();
    expect(first.entries).toMatchObject({ g1: two.g1, g2: two.g2 });
    const second = await conclude(two, {
      ...{ stream, outcomes: [outcome(['a', 'b'])], scan: { ...scan, hasWaited: true } },
      answer: () => new OutOfTimeError('late'),
    });
    expect(second.ended.sweptAt).toBe(AT);
    expect(second.entries).toMatchObject({ g1: once, g2: once });
  });
});

test.each([
  { says: 'is new', erased: undefined, is: false },
  { says: 'was erased, so that the total counted it before too', erased: 'key', is: true },
])('a record at the top of a list that $says explains a greater total: $is', async ({ erased, is }) => {
  const { session } = await unitSession({ answer: showing(1, 'other') });
  const concluding: Concluding = {
    session: { ...session, erasedKeyOf: () => erased },
    scan: { ...cutScan(earlier()), missedClock: AT },
    plan: { kind: 'sweep', partitions: [WHOLE_STREAM], tiers: [] },
    ...{ grown: new Map(), lookedFor: 0 },
  };
  expect(await mayBeBack(concluding, { key: 'gone', entry: known.gone })).toBe(is);
});
