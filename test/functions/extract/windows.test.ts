import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../functions/time.ts';
import oauthPhone from '../../fixtures/sources/oauth-phone.ts';
import { ids, LAKE_AT, lakeOf, OUT_OF_TIME } from '../../helpers/run-lake.ts';
import type { ScriptedRequest } from '../../helpers/scripted-server.ts';
import { type TokenVendor, tokenServer } from '../../helpers/token-server.ts';

/** A vendor that shows a month at most, with one call every other day for 400 days. */
async function monthly(change: Partial<TokenVendor> = {}) {
  const records = Array.from({ length: 200 }, (_, n) => ({
    id: `call-${n}`,
    started_at: new Date(LAKE_AT - HOUR_MS - n * 2 * DAY_MS).toISOString(),
    status: 'done',
  }));
  const vendor: TokenVendor = { records, generation: 1, access: () => true, ...change };
  const server = await tokenServer(vendor);
  return { vendor, ...lakeOf(oauthPhone, server) };
}

/** The windows that were requested, as days; the end of each day counts. */
const daysOf = (asked: readonly ScriptedRequest[]) =>
  [...new Set(asked.map(({ query: { from = '', to = '' } }) => `${from}/${to}`))].map((text) =>
    text.split('/').map((day) => Date.parse(day) / DAY_MS),
  );

describe('a vendor that shows a month at most', () => {
  const withinYear = (records: TokenVendor['records']) =>
    records.filter(({ started_at: at }) => Date.parse(at) >= Date.parse('2025-11-01T00:00:00Z'));

  test('is loaded window by window, the newest first; each shares a day with the next and none is too long', async () => {
    const { run, live, vendor } = await monthly();
    const { exitCode, asked, state } = await run(0);
    expect({ exitCode, resume: state?.['resume'] }).toEqual({ exitCode: 0, resume: undefined });
    expect(await live()).toEqual(ids(withinYear(vendor.records)));
    const windows = daysOf(asked);
    expect(windows).toHaveLength(13);
    expect(windows[0]?.[1]).toBe(LAKE_AT / DAY_MS - 9 / 24);
    expect(windows.at(-1)?.[0]).toBe(Date.parse('2025-11-01') / DAY_MS);
    for (const [n, [from = 0, to = 0]] of windows.entries()) {
      expect(to - from + 1).toBeLessThanOrEqual(30);
      if (n > 0) expect(to).toBe(windows[n - 1]?.[0]);
    }
  });

  test('is loaded from the start of history on, if there is one', async () => {
    const { run, live, vendor } = await monthly();
    const { asked } = await run(0, { historyStart: '2026-09-01' });
    expect(daysOf(asked).at(-1)?.[0]).toBe(Date.parse('2026-09-01') / DAY_MS);
    expect(await live()).toEqual(ids(vendor.records.filter(({ started_at: at }) => at >= '2026-09-01')));
  });

  test('gives no total of overlapping windows', async () => {
    const { run, commits } = await monthly();
    await run(0);
    expect((await commits()).at(-1)?.counts.vendorTotal).toBeNull();
  });

  test('is read by the tiers’ reach between full scans, and shows a late edit at the next full scan', async () => {
    const { run, vendor } = await monthly();
    await run(0);
    const edited = (id: string) => {
      vendor.records = vendor.records.map((call) => (call.id === id ? { ...call, status: 'edited' } : call));
    };
    edited('call-0');
    edited('call-90');
    const next = await run(1);
    expect(next.stream).toMatchObject({ status: 'ok', changed: 1 });
    expect(daysOf(next.asked)).toEqual([[Date.parse('2026-10-31') / DAY_MS, Date.parse('2026-11-01') / DAY_MS]]);
    expect((await run(73)).stream).toMatchObject({ status: 'ok', changed: 1 });
  });

  test('marks a removal within the windows after three scans, because it gives no total, and one that is outside never', async () => {
    const { run, live, vendor } = await monthly();
    await run(0);
    const known = ids(withinYear(vendor.records));
    const removed = vendor.records[40]?.id ?? '';
    vendor.records = vendor.records.filter(({ id }) => id !== removed);
    // The oldest calls leave the windows as time goes by; the vendor still has them.
    for (const hours of [24 * 30, 24 * 30 + 2])
      expect((await run(hours)).stream).toMatchObject({ status: 'ok', deleted: 0 });
    expect((await run(24 * 30 + 4)).stream).toMatchObject({ status: 'ok', deleted: 1 });
    for (const hours of [24 * 40, 24 * 40 + 2]) expect((await run(hours)).stream).toMatchObject({ deleted: 0 });
    expect(await live()).toEqual(known.filter((id) => id !== removed));
  });

  test('continues in its window after a cut at any page, and loads everything', async () => {
    const historyStart = '2026-08-01';
    const { run: whole } = await monthly();
    const pages = (await whole(0, { historyStart })).asked.length;
    expect(pages).toBeGreaterThan(12);
    for (let cut = 1; cut < pages; cut += 1) {
      const { run, live, vendor } = await monthly();
      vendor.answer = ({ number }) => (number === cut ? OUT_OF_TIME : undefined);
      const first = await run(0, { commitEveryMs: 0, historyStart });
      expect({ cut, exitCode: first.exitCode }).toEqual({ cut, exitCode: 6 });
      vendor.answer = undefined;
      const second = await run(1, { historyStart });
      expect(second).toMatchObject({ exitCode: 0 });
      // What is new is requested first, and the window of the cut from its first page.
      expect(second.asked.length).toBeLessThanOrEqual(pages - cut + 5);
      expect(await live()).toEqual(ids(vendor.records.filter(({ started_at: at }) => at >= historyStart)));
    }
  });

  test('says that windows are left when time runs out', async () => {
    const { run, vendor } = await monthly();
    vendor.answer = ({ number }) => (number === 2 ? OUT_OF_TIME : undefined);
    expect((await run(0)).error).toContain('of a list from 3 on are left, and windows before it');
  });

  test('is read by windows also in a backfill', async () => {
    const { run, live, vendor } = await monthly();
    const window = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-04-30T00:00:00Z') };
    const { asked } = await run(0, { window });
    expect(daysOf(asked).every(([from = 0, to = 0]) => to - from < 30)).toBe(true);
    const wanted = vendor.records.filter(({ started_at: at }) => at >= '2026-01-01' && at < '2026-05-01');
    expect(await live()).toEqual(ids(wanted));
  });

  test('proves nothing while one of its windows fails', async () => {
    const { run, vendor } = await monthly();
    await run(0);
    vendor.records = vendor.records.filter(({ id }) => id !== 'call-3');
    const isOld = ({ to = '' }: ScriptedRequest['query']) => to > '2026-03-01' && to < '2026-04-15';
    vendor.answer = ({ request }) => (isOld(request.query) ? { status: 404, body: '' } : undefined);
    for (const hours of [73, 75]) expect(await run(hours)).toMatchObject({ exitCode: 4, stream: { deleted: 0 } });
    vendor.answer = undefined;
    for (const hours of [77, 86]) expect(await run(hours)).toMatchObject({ exitCode: 0, stream: { deleted: 0 } });
    expect(await run(95)).toMatchObject({ exitCode: 0, stream: { deleted: 1 } });
  });
});
