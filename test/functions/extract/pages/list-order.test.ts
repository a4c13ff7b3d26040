import { describe, expect, test } from 'vitest';
import { clinic, idsOf, SOLUM_ID } from '../../../helpers/clinic.ts';
import { commitsOf } from '../../../helpers/fold-staged.ts';
import { type SolumCall, solumCall, solumCalls } from '../../../helpers/solum-server.ts';

describe('a list whose order is', () => {
  const newestFirst = () => solumCalls(60);
  const sorted: Record<string, () => SolumCall[]> = {
    newest: newestFirst,
    oldest: () => newestFirst().reverse(),
    random: () => newestFirst().sort((a, b) => ((Number(a.id) * 37) % 61) - ((Number(b.id) * 37) % 61)),
  };
  /** Where a new call goes. */
  const add: Record<string, (calls: SolumCall[], call: SolumCall) => void> = {
    newest: (calls, call) => calls.unshift(call),
    oldest: (calls, call) => calls.push(call),
    random: (calls, call) => calls.splice(calls.length >> 1, 0, call),
  };

  test.each(['newest', 'oldest', 'random'])('%s loses no record over hourly runs', async (order) => {
    const calls = sorted[order]?.() ?? [];
    const { run, ids, rows } = await clinic(calls);
    await run(0);
    for (let hour = 1; hour <= 5; hour += 1) {
      add[order]?.(calls, solumCall(`h${hour}`, -hour * 60));
      const edited = calls.findIndex(({ id }) => id === '3');
      calls[edited] = { ...(calls[edited] as SolumCall), status: `edited ${hour}` };
      const { exitCode, asked } = await run(hour);
      expect(exitCode).toBe(0);
      // No order makes the run read the complete list again.
      expect(asked).toBeLessThan(8);
      expect(await ids()).toEqual(idsOf(calls));
      expect((await rows()).get('3')?.['status']).toBe(`edited ${hour}`);
    }
  });

  test('newest first until it breaks is read to the end, and then by windows until the next sweep', async () => {
    const calls = newestFirst();
    const { run, ids, last, server } = await clinic(calls);
    await run(0);
    expect((await last())?.state['order']).toBe('started_at');
    calls.unshift(solumCall('a', 30 * 60), solumCall('b', -30), solumCall('c', -20));
    expect((await run(1)).asked).toBe(13);
    expect((await last())?.state['order']).toBe('none');
    expect(await ids()).toEqual(idsOf(calls));
    await run(2);
    expect(server.requests.at(-1)?.query['started_gte']).toBe('2026-10-31T05:00:00.000Z');
  });

  test('newest first may contain calls without a start at any position', async () => {
    for (const place of [0, 30, 60]) {
      const calls = newestFirst();
      calls.splice(place, 0, solumCall('null-1', 0, { started_at: null }));
      const { run, ids } = await clinic(calls);
      await run(0);
      calls.splice(place, 0, solumCall('null-2', -10, { started_at: null }));
      expect((await run(1)).exitCode).toBe(0);
      expect(await ids()).toEqual(idsOf(calls));
    }
  });
});

test('a second run at the same instant sends requests but stages nothing', async () => {
  const { run, store } = await clinic(solumCalls(12));
  const first = await run(0);
  expect(first.totals.changed).toBe(12);
  const second = await run(0);
  expect(second.totals).toMatchObject({ changed: 0, deleted: 0 });
  expect(second.asked).toBeGreaterThan(0);
  const last = (await commitsOf(store, SOLUM_ID)).at(-1);
  expect(last).toMatchObject({ staged: [], raw: [], n: 2, counts: { unchanged: 10 } });
});

test('a run for an earlier instant than the last one does not fail and loses no record', async () => {
  const calls = solumCalls(12);
  const { run, ids } = await clinic(calls);
  await run(10);
  calls.unshift(solumCall('late', -30));
  expect((await run(2)).exitCode).toBe(0);
  expect(await ids()).toEqual(idsOf(calls));
});

test('a raw page is kept once, and again only when a record in it changed', async () => {
  const calls = solumCalls(12);
  const { run, last } = await clinic(calls);
  await run(0);
  expect((await last())?.raw).toHaveLength(1);
  await run(1);
  expect((await last())?.raw).toEqual([]);
  calls[0] = solumCall('1', 0, { duration_min: 'no number' });
  await run(2);
  expect((await last())?.raw).toHaveLength(1);
  const { totals } = await run(3);
  // The value is doubted at each reading, and the page is held already.
  expect(totals.rejected).toBe(1);
  expect((await last())?.raw).toEqual([]);
});
