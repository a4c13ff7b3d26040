import { describe, expect, test } from 'vitest';
import { CredentialsError, OutOfTimeError, SourceUnavailableError } from '../../../../functions/errors.ts';
import { trackSortOrder } from '../../../../functions/extract/pages/page-tally.ts';
import { readScan } from '../../../../functions/extract/reads/read-scan.ts';
import type { Proof } from '../../../../functions/lake/scan-progress.ts';
import { HOUR_MS } from '../../../../functions/time.ts';
import { cutScan } from '../../../helpers/carry-out.ts';
import { entry } from '../../../helpers/read-one.ts';
import { UNIT_AT, unitPartition, unitRecord, unitSession, unitTable } from '../../../helpers/session.ts';
import { onePage, readLists, twoLists, x, y } from '../../../helpers/two-lists.ts';

const AT = UNIT_AT;
const DAY_MS = 24 * HOUR_MS;
/** What is known about the four records of {@link onePage}, and about one that is gone. */
const known = { x1: entry({ group: 'x' }), gone: entry({ group: 'x' }) };

describe('a full scan', () => {
  test('reads every partition, and is due again after its interval', async () => {
    const { asked, state, result, vendorTotal } = await readLists({}, { settings: { sweepEvery: '2d' } });
    expect(asked).toEqual(['x/1', 'y/1']);
    expect(state).toMatchObject({ sweptAt: AT, sweepDueAt: AT + 2 * DAY_MS, order: 'none', tiers: { '6h': AT } });
    expect(state.resume).toBeUndefined();
    expect(vendorTotal).toBe(4);
    expect(result.exitCode).toBe(0);
  });

  test('that leaves a candidate is due again after an hour', async () => {
    const { state, digest } = await readLists({}, { known });
    expect(state.sweepDueAt).toBe(AT + HOUR_MS);
    expect(digest.entries.get('gone')).toMatchObject({ missingSince: AT });
    expect(digest.entries.get('x1')).not.toHaveProperty('missingSince');
  });

  test('that confirms its last candidate is due after its interval', async () => {
    const gone = entry({ group: 'x', missingSince: AT - HOUR_MS });
    const { state, digest } = await readLists({}, { known: { gone } });
    expect(state.sweepDueAt).toBe(AT + 3 * DAY_MS);
    expect(digest.entries.get('gone')).toMatchObject({ deletedAt: AT });
  });

  test('of a table whose rows are never deleted has no candidate', async () => {
    const tables = [{ ...unitTable, removal: 'never' as const }] as const;
    const { state, digest } = await readLists({}, { known, stream: { ...twoLists, tables: [...tables] } });
    expect(state.sweepDueAt).toBe(AT + 3 * DAY_MS);
    expect(digest.entries.get('gone')).toEqual(known.gone);
  });

  test.each([
    { says: 'a total that moved', totals: [2, 3], again: 6 * HOUR_MS },
    { says: 'a total that was not met', totals: [1], again: 6 * HOUR_MS },
    { says: 'no total', totals: [undefined], again: HOUR_MS },
  ])('with $says is due again after $again ms', async ({ totals, again }) => {
    let n = 0;
    const { state, digest } = await readLists(
      { partitions: [x] },
      {
        known: { gone: entry() },
        stream: {},
        answer: () => {
          const total = totals[n++];
          const more = n < totals.length;
          return {
            records: n > totals.length ? [] : [unitRecord(`a${n}`), unitRecord(`b${n}`)],
            more,
            ...(total === undefined ? {} : { total }),
          };
        },
      },
    );
    expect(state.sweepDueAt).toBe(AT + again);
    expect(digest.entries.get('gone')?.missingSince).toBe(again === HOUR_MS ? AT : undefined);
  });

  test('without a conclusion is due no later than usual', async () => {
    const { state } = await readLists(
      { partitions: [x] },
      {
        stream: {},
        settings: { sweepEvery: '2h' },
        answer: () => ({ records: [unitRecord('a')], more: false, total: 0 }),
      },
    );
    expect(state.sweepDueAt).toBe(AT + 2 * HOUR_MS);
  });

  test('with a failed partition stays due, and no tier counts as read', async () => {
    const { state, result, digest } = await readLists(
      {},
      {
        known,
        answer: (request) => (request.partition === 'y' ? new SourceUnavailableError('down') : onePage(request)),
      },
    );
    expect(result.exitCode).toBe(3);
    expect(state).toMatchObject({ tiers: {}, scan: { failed: ['y'] } });
    expect(state.sweptAt).toBeUndefined();
    expect(digest.entries.get('gone')).toEqual(known.gone);
  });

  test.each([
    { failure: new CredentialsError('refused'), exitCode: 4, status: 'failed' },
    { failure: new OutOfTimeError('late'), exitCode: 6, status: 'partial' },
    { failure: undefined, exitCode: 4, status: 'failed' },
  ])('of a short list, and then $failure, ends with $exitCode', async ({ failure, exitCode, status }) => {
    const { result } = await readLists(
      {},
      {
        answer: (request) =>
          request.partition === 'y' && failure ? failure : { records: [unitRecord('a')], more: false, total: 3 },
      },
    );
    expect(result).toMatchObject({ exitCode, status });
  });

  test('counts the total of the partitions that other reads list too', async () => {
    const all = { ...unitPartition('all'), sweepOnly: true };
    const { vendorTotal } = await readLists({ partitions: [x, y, all] });
    expect(vendorTotal).toBe(4);
  });
});

test.each<{ done: Readonly<Record<string, Proof>>; failed: string[]; proves: boolean }>([
  { done: {}, failed: [], proves: true },
  { done: { x: 'all', y: 'inside', z: 'missing' }, failed: [], proves: true },
  { done: { x: 'all', y: 'nothing' }, failed: [], proves: false },
  { done: { x: 'all' }, failed: ['y'], proves: false },
])('a scan whose lists prove $done, and failed $failed, proves absence so far: $proves', async (scan) => {
  const { session } = await unitSession({ stream: twoLists });
  session.progress.updateState({ scan: cutScan(scan) });
  const read = readScan(session, { kind: 'sweep', partitions: [x, y], tiers: [] });
  expect(read.provesAbsence()).toBe(scan.proves);
});

describe('the order of a list', () => {
  const orderOf = async (x: readonly number[], y: readonly number[]) => {
    const lists: Readonly<Record<string, readonly number[]>> = { x, y };
    const { state } = await readLists(
      {},
      {
        answer: ({ partition }) => ({
          records: (lists[partition] ?? []).map((minutes, n) => unitRecord(`${partition}${n}`, minutes)),
          more: false,
        }),
      },
    );
    return state.order;
  };

  /** Instants that fall, in minutes before the run. */
  const upTo = (minutes: number) => Array.from({ length: minutes }, (_, n) => n + 1);

  test.each([
    { x: upTo(5), y: upTo(5), order: 'at' },
    { x: upTo(9), y: [3], order: 'at' },
    { x: upTo(9), y: [], order: 'at' },
    { x: upTo(8), y: [], order: 'none' },
    { x: upTo(5), y: upTo(4), order: 'none' },
    { x: [...upTo(8), 8, 8], y: [], order: 'none' },
    { x: upTo(9), y: [4, 3], order: 'none' },
    { x: [1], y: [2], order: 'none' },
    { x: [], y: [], order: 'none' },
  ])('is $order if that of its partitions is $x and $y', async ({ x, y, order }) => {
    expect(await orderOf(x, y)).toBe(order);
  });

  test('is judged over all runs of a scan', async () => {
    const asked = async (unsorted: readonly string[]) => {
      const scan = cutScan({ done: { x: 'all' }, falls: { at: 8 }, unsorted: [...unsorted] });
      return readLists({}, { state: { order: 'at', scan } });
    };
    expect(await asked([])).toMatchObject({ asked: ['y/1'], state: { order: 'at', sweptAt: AT } });
    expect(await asked(['at'])).toMatchObject({ asked: ['y/1'], state: { order: 'none', sweptAt: AT } });
  });
});

test.each([
  { unsorted: [], isLeft: true },
  { unsorted: ['at'], isLeft: true },
  { unsorted: ['at', 'note'], isLeft: false },
])(
  'a gap among records before history is left while a field may sort the list (not by $unsorted): $isLeft',
  async ({ unsorted, isLeft }) => {
    const { session } = await unitSession({ stream: { order: ['at', 'note'] } as never });
    session.progress.updateState({ scan: cutScan({ unsorted }) });
    await session.digest.scan.begin();
    const plan = { kind: 'sweep', partitions: [x], tiers: [] } as const;
    const read = readScan({ ...session, isBeforeHistory: () => true }, plan);
    const seams = read.seamsOf?.(x, { firstPage: 1, size: 2, isResumed: false });
    const order = trackSortOrder(['at', 'note']);
    const take = (number: number) => {
      const records = [unitRecord(`a${number}`), unitRecord(`b${number}`)];
      order.see(records);
      const page = { partition: x, number, token: undefined, records, keys: records.map(({ id }) => id) };
      return seams?.take({ ...page, body: {}, bytes: Buffer.alloc(0) }, order, 2);
    };
    expect([take(1), take(3)]).toEqual([true, isLeft]);
  },
);
