import { describe, expect, test } from 'vitest';
import { OutOfTimeError, SourceUnavailableError } from '../../../../functions/errors.ts';
import type { PlannedRead } from '../../../../functions/extract/plan/plan.ts';
import { readNewest } from '../../../../functions/extract/reads/read-newest.ts';
import { readScan } from '../../../../functions/extract/reads/read-scan.ts';
import { WHOLE_STREAM } from '../../../../functions/source/page.ts';
import { HOUR_MS, MINUTE_MS } from '../../../../functions/time.ts';
import { carryOut } from '../../../helpers/carry-out.ts';
import { entry } from '../../../helpers/read-one.ts';
import { UNIT_AT, type UnitOptions, unitPartition, unitRecord, unitSession } from '../../../helpers/session.ts';

const AT = UNIT_AT;
const UNTIL = AT - HOUR_MS;
const plan: PlannedRead = { kind: 'newest', partitions: [WHOLE_STREAM], until: UNTIL, tiers: ['6h'] };

interface Call {
  readonly id: string;
  readonly minutes: number;
  readonly note?: string;
}
const calls = (...list: readonly (readonly [string, number, string?])[]): Call[] =>
  list.map(([id, minutes, note]) => ({ id, minutes, ...(note === undefined ? {} : { note }) }));

/** Serves a list two by two. */
const serve =
  (list: readonly Call[], total?: number): UnitOptions['answer'] =>
  ({ page }) => ({
    records: list.slice((page - 1) * 2, page * 2).map(({ id, minutes, note }) => unitRecord(id, minutes, note)),
    more: page * 2 < list.length,
    ...(total === undefined ? {} : { total }),
  });

/** What is known after a full scan of this list. */
async function knownAfter(list: readonly Call[]) {
  const { session } = await carryOut(
    readScan,
    { kind: 'sweep', partitions: [WHOLE_STREAM], tiers: [] },
    { answer: serve(list) },
  );
  return Object.fromEntries(session.digest.entries.recent);
}

/** Reads `now` newest first after a full scan of `before`. */
async function readAfter(
  before: readonly Call[],
  now: readonly Call[],
  total?: number,
  more: Partial<PlannedRead> = {},
) {
  return carryOut(
    readNewest,
    { ...plan, ...more },
    { known: await knownAfter(before), state: { order: 'at' }, answer: serve(now, total) },
  );
}

const LIST = calls(['a', 10], ['b', 50], ['c', 59], ['d', 61], ['e', 70], ['f', 80], ['g', 90]);

describe('an incremental read', () => {
  test('stops at the first page that is known, unchanged and older than its reach', async () => {
    const { asked, state, result } = await readAfter(LIST, LIST);
    // The second page ends with `d`, older than an hour.
    expect(asked).toEqual(['all/1', 'all/2']);
    expect(state).toMatchObject({ order: 'at', tiers: { '6h': AT } });
    expect(state.resume).toBeUndefined();
    expect(result.exitCode).toBe(0);
  });

  test.each([
    { minutes: 60, pages: 3 },
    { minutes: 60.001, pages: 2 },
  ])('continues below a page that ends $minutes minutes ago', async ({ minutes, pages }) => {
    const list = calls(['a', 10], ['b', 50], ['c', 59], ['d', minutes], ['e', 70], ['f', 80], ['g', 90]);
    expect((await readAfter(list, list)).asked).toHaveLength(pages);
  });

  test('continues below a page that changed', async () => {
    const edited = LIST.map((call) => (call.id === 'd' ? { ...call, note: 'new' } : call));
    expect((await readAfter(LIST, edited)).asked).toEqual(['all/1', 'all/2', 'all/3']);
  });

  test('continues below a page without a key', async () => {
    const { asked } = await carryOut(readNewest, plan, {
      state: { order: 'at' },
      known: { a: entry() },
      answer: ({ page }) => ({ records: [{ at: unitRecord('x', 60 + page).at }], more: page < 3 }),
    });
    expect(asked).toHaveLength(3);
  });

  test('reads to the end if the order breaks, and forgets the order', async () => {
    const broken = calls(['a', 10], ['b', 50], ['c', 70], ['d', 61], ['e', 70], ['f', 80], ['g', 90]);
    const { asked, state } = await readAfter(broken, broken);
    expect(asked).toEqual(['all/1', 'all/2', 'all/3', 'all/4']);
    expect(state.order).toBe('none');
  });

  test.each([
    // The last request asks whether the list goes on, as its total says.
    { total: 8, pages: 5 },
    { total: 7, pages: 2 },
    { total: 6, pages: 2 },
  ])('makes $pages requests if the total is $total and 7 records are known', async ({ total, pages }) => {
    const { asked, vendorTotal } = await readAfter(LIST, LIST, total);
    expect(asked).toHaveLength(pages);
    expect(vendorTotal).toBe(total);
  });

  test('without a reach reads to the end', async () => {
    const { asked } = await carryOut(
      readNewest,
      { kind: 'newest', partitions: [WHOLE_STREAM], tiers: [] },
      { known: await knownAfter(LIST), state: { order: 'at' }, answer: serve(LIST) },
    );
    expect(asked).toHaveLength(4);
  });
});

describe('an interrupted incremental read', () => {
  test('records how far it has come, at each request and page', async () => {
    const { resumes } = await readAfter([], LIST);
    const from = (minutes: number) => AT - Math.max(60, minutes) * MINUTE_MS;
    expect(resumes.map((resume) => [resume?.kind, resume?.page, resume?.from])).toEqual([
      ['newest', 1, from(0)],
      ['newest', 2, from(50)],
      ['newest', 2, from(50)],
      ['newest', 3, from(61)],
      ['newest', 3, from(61)],
      ['newest', 4, from(80)],
      ['newest', 4, from(80)],
      ['newest', 5, from(90)],
    ]);
  });

  test('makes the next run read at least as far back in every partition after one failed', async () => {
    const [x, y] = [unitPartition('x'), unitPartition('y')];
    const { state, resumes, result } = await carryOut(
      readNewest,
      { ...plan, partitions: [x, y] },
      {
        state: { order: 'at' },
        stream: { partitions: () => [x, y] },
        answer: (request) => {
          const { page, partition } = request;
          if (partition === 'y') return { records: [unitRecord('y1', 5)], more: false };
          return page < 3
            ? { records: [unitRecord(`x${page}`, 100 * page)], more: true }
            : new SourceUnavailableError('x');
        },
      },
    );
    expect(result.exitCode).toBe(3);
    // What is below 200 minutes in `x` stays unread, so the point stays too.
    expect(state.resume).toEqual({ kind: 'newest', partition: 'y', page: 2, from: AT - 200 * MINUTE_MS, since: AT });
    expect(resumes.filter((resume) => resume?.partition === 'y').map((resume) => resume?.from)).toEqual(
      Array.from({ length: 2 }, () => AT - 200 * MINUTE_MS),
    );
    expect(state.tiers).toEqual({});
  });

  test('records the reach as the progress of a partition until its first page', async () => {
    const [x, y] = [unitPartition('x'), unitPartition('y')];
    const { resumes } = await carryOut(
      readNewest,
      { ...plan, partitions: [x, y] },
      {
        state: { order: 'at' },
        stream: { partitions: () => [x, y] },
        answer: ({ partition }) => ({ records: [unitRecord(partition, partition === 'x' ? 100 : 1)], more: false }),
      },
    );
    expect(resumes.map((resume) => [resume?.partition, resume?.from])).toEqual([
      ['x', UNTIL],
      ['x', AT - 100 * MINUTE_MS],
      ['y', UNTIL],
      ['y', UNTIL],
    ]);
  });
});

test('an incremental read adds the totals of its partitions', async () => {
  const { session } = await unitSession();
  expect(session.progress.tally().vendorTotal).toBeNull();
  const { vendorTotal } = await carryOut(
    readNewest,
    { ...plan, partitions: [unitPartition('x'), unitPartition('y'), unitPartition('z')] },
    {
      state: { order: 'at' },
      answer: ({ partition }) => ({ records: [], more: false, ...(partition === 'z' ? {} : { total: 4 }) }),
    },
  );
  expect(vendorTotal).toBe(8);
});

describe('many lists', () => {
  const ids = Array.from({ length: 10 }, (_, n) => `p${n}`);
  const many: PlannedRead = { ...plan, partitions: ids.map(unitPartition) };
  const oneEach: UnitOptions['answer'] = ({ partition }) => ({ records: [unitRecord(partition, 90)], more: false });

  test('are requested side by side, and taken in their order', async () => {
    let [now, most] = [0, 0];
    const answer: UnitOptions['answer'] = async (request) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise(setImmediate);
      now -= 1;
      return oneEach?.(request);
    };
    const { digest, state } = await carryOut(readNewest, many, { answer, state: { order: 'at' } });
    expect(most).toBe(4);
    expect([...digest.entries.recent.keys()]).toEqual(ids);
    expect(state.resume).toBeUndefined();
  });

  test('of a run that is cut are continued at the first that was not taken', async () => {
    const answer: UnitOptions['answer'] = (request) =>
      request.partition === 'p6' ? new OutOfTimeError('cut') : oneEach?.(request);
    const { digest, state, asked } = await carryOut(readNewest, many, { answer, state: { order: 'at' } });
    expect(asked).toContain('p8/1');
    expect([...digest.entries.recent.keys()]).toEqual(ids.slice(0, 6));
    expect(state.resume).toMatchObject({ kind: 'newest', partition: 'p6' });
  });
});
