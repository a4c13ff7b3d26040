import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { commitsOf, foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { KISMET_ENV, scriptedKismet, simulatedKismet } from '../../helpers/kismet.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource, totalsOf } from '../../helpers/run-source.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** One run of a clinic whose organization has these figures; its user has none. */
async function runWith(json: unknown, store = memoryStore(), at = '2026-11-01T09:00:00Z') {
  const { url } = await scriptedKismet([101], { 101: [] }, ({ path, query }) =>
    path.endsWith('/call_metrics') && query['user_id'] === undefined ? { json } : undefined,
  );
  const result = await runSource('kismet', { at, url }, makePorts({ store, env: KISMET_ENV }));
  const rows = async () => [...rowsOf(await foldSource(store, 'kismet'), 'kismet_daily_call_metrics').values()];
  return { result, rows, store };
}

describe('Kismet’s daily metrics', () => {
  test('are always requested with both dates, for the organization and for each user', async () => {
    const { sims, run, rows } = await simulatedKismet();
    const { requests } = await run();
    const metrics = requests.filter(({ kind }) => kind === 'metrics');
    expect(metrics.every(({ query }) => query['date_start'] && query['date_end'])).toBe(true);
    expect(metrics.map(({ query }) => query['user_id']).sort()).toEqual(['101', '102', '103', undefined]);
    expect(
      [...(await rows('kismet_daily_call_metrics')).keys()].some((key) => key.startsWith('organization|organization|')),
    ).toBe(true);
    expect((await run()).requests.filter(({ kind }) => kind === 'metrics')).toEqual([]);
    sims.advance(6 * HOUR_MS);
    expect((await run()).requests.filter(({ kind }) => kind === 'metrics')).toHaveLength(4);
    await sims.close();
  });

  test('become one row for each day in any of the maps, and for no other name', async () => {
    const maps = {
      total_calls: { '2026-10-30': 5, '2026-10-31': '8' },
      average_duration: { '2026-10-31': 300.000197, '2026-10-29': 1 },
      call_fail_rate: { __proto__x: 1 },
      average_wait_time: {},
      new_figure: { '2026-10-31': 7 },
      // A map with the name of our own column takes the day from no row.
      date: { '2026-10-31': 9 },
    };
    const body = JSON.stringify(maps).replace('__proto__x', '__proto__');
    const { url } = await scriptedKismet([101], { 101: [] }, ({ path, query }) =>
      path.endsWith('/call_metrics') && query['user_id'] === undefined ? { body } : undefined,
    );
    const store = memoryStore();
    const result = await runSource(
      'kismet',
      { at: '2026-11-01T09:00:00Z', url },
      makePorts({ store, env: KISMET_ENV }),
    );
    expect(result.exitCode).toBe(0);
    const rows = rowsOf(await foldSource(store, 'kismet'), 'kismet_daily_call_metrics');
    const figures = [...rows.values()].map((row) => [
      row['date'],
      row['total_calls'],
      row['average_duration_seconds'],
      row['_extra'],
    ]);
    const day = (text: string) => Date.parse(text) / DAY_MS;
    expect(figures.sort()).toEqual([
      [day('2026-10-29'), null, 1, null],
      [day('2026-10-30'), 5n, null, null],
      [day('2026-10-31'), 8n, 300.000197, '{"new_figure":7,"date_map":9}'],
    ]);
    // The value, and the row for want of a key.
    expect(totalsOf(result).rejected).toBe(2);
  });

  test.each([{}, [], { total_calls: [] }, null])(
    'fail the run, and are not taken as empty, if the answer is %j',
    async (json) => {
      const { result } = await runWith(json);
      expect(result.streams.at(-1)).toMatchObject({ exitCode: 4, error: expect.stringContaining('at least one of') });
    },
  );

  test.each([[[]], [null]])('are none if each of the maps is %j, as Go and PHP write an empty one', async (empty) => {
    const figures = ['total_calls', 'average_duration', 'call_fail_rate', 'average_wait_time'];
    const { result, rows } = await runWith(Object.fromEntries(figures.map((name) => [name, empty])));
    expect(result.streams.at(-1)).toMatchObject({ exitCode: 0, rejected: 0 });
    expect(await rows()).toEqual([]);
  });

  test('fail the run if the answer reports an error', async () => {
    const { result } = await runWith({ error: 'x' });
    expect(result.streams.at(-1)).toMatchObject({ exitCode: 4, error: expect.stringContaining('reported a failure') });
  });

  const day = (total_calls: unknown, average_duration: unknown = { '2026-10-31': 60 }) => ({
    total_calls,
    average_duration,
    call_fail_rate: [],
    average_wait_time: null,
  });

  test('are read from a map that comes as JSON text', async () => {
    const { result, rows } = await runWith(day('{"2026-10-31":9}'));
    expect(totalsOf(result).rejected).toBe(0);
    expect(await rows()).toMatchObject([{ total_calls: 9n, average_duration_seconds: 60, call_fail_rate: null }]);
  });

  test.each([
    { given: 5, kind: 'another number' },
    { given: [5], kind: 'a list' },
    { given: 'secret-9', kind: 'other text' },
    { given: true, kind: 'a boolean' },
  ])('are null and counted if their map is $kind', async ({ given, kind }) => {
    const { result, rows, store } = await runWith(day({ '2026-10-31': 9 }, given));
    expect(await rows()).toMatchObject([{ total_calls: 9n, average_duration_seconds: null }]);
    expect(totalsOf(result).rejected).toBe(1);
    const [commit] = await commitsOf(store, { source: 'kismet', account: 'default', stream: 'daily_call_metrics' });
    expect(commit?.rejects).toEqual([
      {
        table: 'kismet_daily_call_metrics',
        column: 'average_duration_seconds',
        reason: `${kind} where an object is expected`,
        count: 1,
      },
    ]);
    expect(commit?.raw).toHaveLength(1);
  });

  test('keep the answer raw also if no other figure changed', async () => {
    const store = memoryStore();
    await runWith(day({ '2026-10-31': 9 }), store);
    await runWith(day({ '2026-10-31': 9 }, 'secret-9'), store, '2026-11-01T16:00:00Z');
    const raw = () => [...store.objects.keys()].filter((key) => key.startsWith('raw/kismet/default/daily'));
    expect(raw()).toHaveLength(2);
    // The figure is gone now, so the row changed; the second time nothing did.
    await runWith(day({ '2026-10-31': 9 }, 'secret-9'), store, '2026-11-01T23:00:00Z');
    expect(raw()).toHaveLength(3);
  });

  test('of a day that is none are refused and counted', async () => {
    const { result, rows } = await runWith(day({ '2026-10-31': 9, '0001-01-01': 3 }));
    expect((await rows()).map(({ total_calls }) => total_calls)).toEqual([9n]);
    expect(totalsOf(result).rejected).toBe(2);
  });
});
