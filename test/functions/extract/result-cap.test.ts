import { describe, expect, test } from 'vitest';
import capped from '../../fixtures/sources/capped.ts';
import { type CappedCall, type CappedVendor, cappedServer } from '../../helpers/capped-server.ts';
import { ids, LAKE_AT, lakeOf, OUT_OF_TIME } from '../../helpers/run-lake.ts';

/** A vendor that shows 20 calls per query, with one call every hour. */
async function cappedVendor(count: number, change: Partial<CappedVendor> = {}) {
  const calls = Array.from({ length: count }, (_, n) => cappedCall(n, n * 3600));
  const vendor: CappedVendor = { calls, cap: 20, total: 'all', ...change };
  const server = await cappedServer(vendor);
  return { vendor, ...lakeOf(capped, server) };
}

const cappedCall = (n: number, secondsAgo: number): CappedCall => ({
  id: `call-${n}`,
  started_at: LAKE_AT / 1000 - 60 - secondsAgo,
  status: 'done',
});

describe.each(['all', 'shown', 'none'] as const)('a vendor with a cap whose total counts: %s', (total) => {
  test('is loaded completely, by windows that share their edges', async () => {
    const { run, live, vendor } = await cappedVendor(245, { total });
    const { exitCode, asked, error } = await run(0);
    expect({ exitCode, error }).toEqual({ exitCode: 0, error: '' });
    expect(await live()).toEqual(ids(vendor.calls));
    const edges = new Set(asked.map(({ query }) => query['from']));
    for (const { query } of asked) if (query['to'] !== undefined) expect(edges).toContain(query['to']);
    // Nothing beyond the cap is requested.
    expect(asked.every(({ query }) => Number(query['page']) <= 5)).toBe(true);
  });

  test('shows a late edit and a removal', async () => {
    const { run, live, vendor } = await cappedVendor(120, { total });
    await run(0);
    vendor.calls = vendor.calls
      .filter(({ id }) => id !== 'call-70')
      .map((call) => (call.id === 'call-100' ? { ...call, status: 'edited' } : call));
    expect((await run(1)).stream).toMatchObject({ status: 'ok', changed: 0, deleted: 0 });
    expect((await run(73)).stream).toMatchObject({ status: 'ok', changed: 1, deleted: 0 });
    if (total === 'none') expect((await run(75)).stream).toMatchObject({ status: 'ok', changed: 0, deleted: 0 });
    expect((await run(77)).stream).toMatchObject({ status: 'ok', changed: 0, deleted: 1 });
    for (const hours of [150, 152]) expect((await run(hours)).stream).toMatchObject({ status: 'ok', deleted: 0 });
    expect(await live()).toEqual(ids(vendor.calls));
  });

  test('proves no removal in windows once a record without an instant was seen, because no window shows it', async () => {
    const { run, live, vendor } = await cappedVendor(15, { total });
    const scheduled: CappedCall = { id: 'call-scheduled', started_at: null, status: 'scheduled' };
    vendor.calls = [...vendor.calls, scheduled];
    await run(0);
    expect(await live()).toContain('call-scheduled');
    const more = Array.from({ length: 20 }, (_, n) => cappedCall(15 + n, (15 + n) * 3600));
    vendor.calls = [...vendor.calls.filter(({ id }) => id !== 'call-7'), ...more];
    for (const hours of [73, 75, 150, 152]) expect((await run(hours)).stream).toMatchObject({ deleted: 0 });
    expect(await live()).toEqual(expect.arrayContaining(ids(vendor.calls)));
  });

  test('is not split below its cap, and is at exactly its cap', async () => {
    const below = await cappedVendor(19, { total });
    expect((await below.run(0)).asked.every(({ query }) => query['from'] === undefined)).toBe(true);
    const exact = await cappedVendor(20, { total });
    const { asked, exitCode } = await exact.run(0);
    expect(exitCode).toBe(0);
    expect(asked.some(({ query }) => query['from'] !== undefined)).toBe(true);
    expect(await exact.live()).toHaveLength(20);
  });

  test('continues in its window after a cut at any page, and loads everything', async () => {
    const pages = (await (await cappedVendor(24, { total })).run(0)).asked.length;
    for (let cut = 1; cut < pages; cut += 1) {
      const { run, live, vendor } = await cappedVendor(24, { total });
      vendor.answer = (_request, number) => (number === cut ? OUT_OF_TIME : undefined);
      expect(await run(0, { commitEveryMs: 0 })).toMatchObject({ exitCode: 6 });
      vendor.answer = undefined;
      expect(await run(1)).toMatchObject({ exitCode: 0 });
      expect({ cut, live: await live() }).toEqual({ cut, live: ids(vendor.calls) });
    }
  });

  test('fails with a window that cannot be halved, keeps what it shows, and finds no removal', async () => {
    const { run, live, vendor } = await cappedVendor(30, { total });
    await run(0);
    const burst = Array.from({ length: 25 }, (_, n) => cappedCall(1000 + n, 12.5 * 3600));
    vendor.calls = [...vendor.calls.filter(({ id }) => id !== 'call-5'), ...burst];
    for (const hours of [73, 75, 150, 152]) {
      const { exitCode, error, stream } = await run(hours);
      expect({ exitCode, deleted: stream?.deleted }).toEqual({ exitCode: 4, deleted: 0 });
      expect(error).toBe(
        'capped.calls: /v1/calls: a window of two minutes reaches the 20 records that the vendor shows per query (window.cap), and no shorter ' +
          'one is requested; expected fewer. What was shown is kept, and no removal is found; ask the vendor for a way to list ' +
          'more, declare partitions that have fewer records each, or check that the vendor heeds the filter on time',
      );
    }
    // The calls before the burst are read all the same.
    expect(await live()).toEqual(expect.arrayContaining(ids(vendor.calls.slice(0, 29))));
    expect(await live()).toHaveLength(30 + 20);
  });
});

test('a vendor that ignores the filter on time ends a capped read after a few windows', async () => {
  const { run, vendor } = await cappedVendor(30);
  const all = vendor.calls.slice(0, 4);
  vendor.answer = () => ({ json: { calls: all, meta: { current_page: 1, total: 500, next_page_link: null } } });
  const { exitCode, asked } = await run(0);
  expect(exitCode).toBe(4);
  expect(asked.length).toBeLessThan(100);
});
