import { describe, expect, test } from 'vitest';
import { readScan } from '../../../functions/extract/reads/read-scan.ts';
import { WHOLE_STREAM } from '../../../functions/source/page.ts';
import { DAY_MS } from '../../../functions/time.ts';
import { carryOut, cutScan } from '../../helpers/carry-out.ts';
import { AT, clinic, HOUR_MS, idsOf } from '../../helpers/clinic.ts';
import { UNIT_AT, type UnitOptions, unitRecord } from '../../helpers/session.ts';
import { type SolumCall, solumCall, solumCalls } from '../../helpers/solum-server.ts';

const SWEEP = 72;
const DAY_MINUTES = 24 * 60;
const historyStart = '2026-10-25';

/** Twelve calls of the last hours, one that never connected, and 20 of the days before 20 October. */
function calls(): SolumCall[] {
  const never = solumCall('never', 0, { started_at: null, created_at: '2026-09-01T09:00:00Z' });
  const old = Array.from({ length: 20 }, (_, n) => solumCall(`old-${n}`, (13 + n) * DAY_MINUTES));
  return [...solumCalls(12), never, ...old];
}
const withoutOld = (list: readonly SolumCall[]) => list.filter(({ id }) => !id.startsWith('old'));

describe('with a start of history', () => {
  test.each([
    { order: 'newest first', arranged: (list: SolumCall[]) => list },
    { order: 'in no order', arranged: (list: SolumCall[]) => list.sort((a, b) => (a.id < b.id ? -1 : 1)) },
  ])('calls before it are left out, and one that never connected is not: $order', async ({ arranged }) => {
    const list = arranged(calls());
    const { run, ids } = await clinic(list);
    expect((await run(0, { historyStart })).exitCode).toBe(0);
    expect(await ids()).toEqual(idsOf(withoutOld(list)));
    for (const hours of [1, 2, SWEEP]) expect((await run(hours, { historyStart })).totals.changed).toBe(0);
    expect(await ids()).toEqual(idsOf(withoutOld(list)));
  });

  test('an edit and a removal of a call that never connected are seen', async () => {
    const list = calls();
    const { run, rows } = await clinic(list);
    await run(0, { historyStart });
    list[12] = { ...(list[12] as SolumCall), status: 'done' };
    await run(SWEEP, { historyStart });
    expect((await rows()).get('never')).toMatchObject({ status: 'done', _deleted_at: null });
    list.splice(12, 1);
    for (const hours of [2 * SWEEP, 2 * SWEEP + 1]) await run(hours, { historyStart });
    expect((await rows()).get('never')?.['_deleted_at']).not.toBeNull();
  });

  test('an incremental read stops early, though the vendor counts the calls that are left out', async () => {
    const { run } = await clinic(calls());
    await run(0, { historyStart });
    const { asked, exitCode } = await run(1, { historyStart });
    // The page on which the last six hours end is the second.
    expect({ asked, exitCode }).toEqual({ asked: 2, exitCode: 0 });
  });

  test('that moves back the earlier calls are read by the next run; one that moves on removes none', async () => {
    const list = calls();
    const { run, ids, rows } = await clinic(list);
    await run(0, { historyStart });
    await run(1, { historyStart: '2026-10-15' });
    expect(await ids()).toEqual(idsOf(list.filter(({ started_at }) => !(String(started_at) < '2026-10-15'))));
    await run(2);
    expect(await ids()).toEqual(idsOf(list));
    const [gone] = list.splice(20, 1);
    for (const hours of [SWEEP + 2, SWEEP + 3]) await run(hours, { historyStart });
    const removed = [...(await rows()).values()].filter((row) => row['_deleted_at'] !== null).map(({ id }) => id);
    expect(removed).toEqual([gone?.id]);
  });

  test('a call that is known stays up to date when the vendor corrects its start to an earlier day', async () => {
    const list = calls();
    const { run, rows } = await clinic(list);
    await run(0, { historyStart });
    list[12] = { ...(list[12] as SolumCall), started_at: '2026-09-01T09:00:00.000Z' };
    await run(SWEEP, { historyStart });
    expect((await rows()).get('never')).toMatchObject({ started_at: Date.parse('2026-09-01T09:00:00Z') });
  });

  test('a backfill stores the calls of its days', async () => {
    const list = calls();
    const { run, ids } = await clinic(list);
    await run(0, { historyStart });
    const day = AT - 13 * 24 * HOUR_MS - HOUR_MS;
    await run(1, { historyStart, window: { from: new Date(day), to: new Date(day) } });
    expect(await ids()).toContain('old-0');
  });
});

describe('how many records a list has from before history', () => {
  const shown: UnitOptions['answer'] = () => ({
    records: [unitRecord('new', 1), unitRecord('old', 10 * DAY_MINUTES), unitRecord('older', 11 * DAY_MINUTES)],
    more: false,
  });
  const leftOut = async (more: Parameters<typeof carryOut>[2] = {}) => {
    const options = {
      answer: shown,
      stream: { window: { by: 'at', as: 'iso' as const } },
      settings: { historyDay: Math.floor(UNIT_AT / DAY_MS) - 5 },
      ...more,
    };
    const { state } = await carryOut(readScan, { kind: 'sweep', partitions: [WHOLE_STREAM], tiers: [] }, options);
    return state.leftOut;
  };

  test('is noted beside those of other lists', async () => {
    expect(await leftOut({ state: { leftOut: { all: 7, other: 3 } } })).toEqual({ all: 2, other: 3 });
  });

  test.each([
    { says: 'where history has no begin', more: { settings: {} } },
    { says: 'of a list that contradicts itself', more: { answer: doubtful } },
    {
      says: 'of a list that was read in parts',
      more: { state: { scan: cutScan({ position: { partition: 'all', page: 2, size: 2 } }) } },
    },
  ])('is not noted $says', async ({ more }) => {
    expect(await leftOut(more)).toBeUndefined();
  });

  function doubtful(): unknown {
    return { records: [unitRecord('new', 1), unitRecord('old', 10 * DAY_MINUTES)], more: false, total: 1 };
  }
});

test('a full scan that was cut among records that are left out continues there', async () => {
  const answer: UnitOptions['answer'] = ({ page }) => ({
    records: ['a', 'b'].slice(page < 5 ? 0 : 1).map((id) => unitRecord(`${page}${id}`, 10 * DAY_MINUTES)),
    more: page < 5,
  });
  const scan = cutScan({ position: { partition: 'all', page: 5, size: 2, endsOutside: true } });
  const read = await carryOut(
    readScan,
    { kind: 'sweep', partitions: [WHOLE_STREAM], tiers: [] },
    {
      answer,
      state: { scan },
      stream: { window: { by: 'at', as: 'iso' as const } },
      settings: { historyDay: Math.floor(UNIT_AT / DAY_MS) - 5 },
    },
  );
  expect(read.asked).toEqual(['all/4', 'all/5']);
});

test('only a page of which each record is left out ends outside history', async () => {
  const minutesAgo = [
    [1, 10 * DAY_MINUTES],
    [11 * DAY_MINUTES, 12 * DAY_MINUTES],
    [13 * DAY_MINUTES, 2],
  ];
  const { positions } = await carryOut(
    readScan,
    { kind: 'sweep', partitions: [WHOLE_STREAM], tiers: [] },
    {
      answer: ({ page }) => ({
        records: (minutesAgo[page - 1] ?? []).map((minutes, n) => unitRecord(`${page}${n}`, minutes)),
        more: page < 3,
      }),
      stream: { firstPage: 1, window: { by: 'at', as: 'iso' as const } },
      settings: { historyDay: Math.floor(UNIT_AT / DAY_MS) - 5 },
    },
  );
  const afterPage = [2, 3, 4].map((next) => positions.find((position) => position?.page === next)?.endsOutside);
  expect(afterPage).toEqual([undefined, true, undefined]);
});
