import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../functions/time.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { KISMET_ENV, scriptedKismet } from '../../helpers/kismet.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';

const AT = Date.parse('2026-11-01T09:00:00Z');
/** A day of each of the four years of history, newest first. */
const DAYS = ['2026-06-01', '2025-06-01', '2024-06-01', '2023-06-01'];

/** A clinic with figures on four days. The vendor may show a year as empty. */
async function world() {
  const vendor: { days: string[]; hidden: string[] } = { days: [...DAYS], hidden: [] };
  const calls = [{ id: 1, created_at: '2023-05-01T00:00:00Z' }];
  const { url, requests } = await scriptedKismet([101], { 101: calls }, ({ path, query }) => {
    if (!path.endsWith('/call_metrics')) return undefined;
    if (query['user_id'] !== undefined) return { json: { total_calls: {} } };
    const { date_start: from = '', date_end: to = '' } = query;
    const days = vendor.days.filter((day) => day >= from && day <= to && !vendor.hidden.includes(day));
    return { json: { total_calls: Object.fromEntries(days.map((day) => [day, 3])) } };
  });
  const store = memoryStore();
  const run = async (hours: number) => {
    const before = requests.length;
    const options = { at: new Date(AT + hours * HOUR_MS), url };
    const { exitCode } = await runSource('kismet', options, makePorts({ store, env: KISMET_ENV }));
    const rows = rowsOf(await foldSource(store, 'kismet'), 'kismet_daily_call_metrics').values();
    const days = [...rows].map((row) => new Date(Number(row['date']) * DAY_MS).toISOString().slice(0, 10)).sort();
    const own = requests.slice(before).filter(({ path }) => path.endsWith('/call_metrics'));
    const asked = own.filter(({ query }) => query['user_id'] === undefined);
    return { exitCode, days, asked: asked.length, askedForUser: own.length - asked.length };
  };
  return { vendor, run };
}

describe('a year of figures that the vendor shows as empty', () => {
  test.each(DAYS)('(with %s) is requested once more, a day later', async (hidden) => {
    const { vendor, run } = await world();
    vendor.hidden = [hidden];
    expect(await run(0)).toMatchObject({ exitCode: 0, days: DAYS.filter((day) => day !== hidden).sort() });
    vendor.hidden = [];
    await run(6);
    expect(await run(24)).toMatchObject({ exitCode: 0, days: [...DAYS].sort() });
  });

  test('is not requested a third time', async () => {
    const { vendor, run } = await world();
    vendor.days = DAYS.slice(0, 2);
    // Years that begin on one day each: the organization's two that are empty, and the user's four.
    expect(await run(0)).toMatchObject({ asked: 4, askedForUser: 4 });
    expect(await run(6)).toMatchObject({ asked: 1, askedForUser: 1 });
    expect(await run(24)).toMatchObject({ exitCode: 0, asked: 1 + 2, askedForUser: 1 + 4 });
    expect(await run(30)).toMatchObject({ exitCode: 0, asked: 1, askedForUser: 1 });
    expect(await run(48)).toMatchObject({ exitCode: 0, asked: 1, askedForUser: 1 });
  });
});

describe('the last day of a range of days', () => {
  /** Days on both sides of each border between two ranges of a first read, and the number of calls on each. */
  const calls = Object.fromEntries(
    Array.from({ length: 3 * 366 }, (_, n) => [new Date(AT - n * DAY_MS).toISOString().slice(0, 10), 5]),
  );

  test.each([
    { says: 'left out', of: () => undefined },
    { says: 'counted up to its midnight', of: () => 0 },
    { says: 'counted completely', of: (count: number) => count },
  ])('($says) loses no figure of a year before', async ({ of }) => {
    const first = [{ id: 1, created_at: '2023-12-01T00:00:00Z' }];
    const { url } = await scriptedKismet([101], { 101: first }, ({ path, query }) => {
      if (!path.endsWith('/call_metrics') || query['user_id'] !== undefined) return undefined;
      const { date_start: from = '', date_end: to = '' } = query;
      const shown = Object.entries(calls).filter(([day]) => day >= from && day <= to);
      return { json: { total_calls: Object.fromEntries(shown.map(([day, n]) => [day, day === to ? of(n) : n])) } };
    });
    const store = memoryStore();
    const ports = makePorts({ store, env: KISMET_ENV });
    expect((await runSource('kismet', { at: new Date(AT), url }, ports)).exitCode).toBe(0);
    const rows = [...rowsOf(await foldSource(store, 'kismet'), 'kismet_daily_call_metrics').values()];
    const wrong = rows.filter((row) => Number(row['total_calls']) !== 5);
    expect(wrong.length).toBeLessThanOrEqual(1);
    const days = new Set(rows.map((row) => Number(row['date'])));
    const [today, begin] = [Math.floor(AT / DAY_MS), Date.parse('2023-12-01') / DAY_MS];
    expect([...days].filter((day) => day < today && day >= begin)).toHaveLength(today - begin);
  });
});
