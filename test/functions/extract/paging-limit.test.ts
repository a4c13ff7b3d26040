import { describe, expect, test } from 'vitest';
import type { Stream } from '../../../functions/source/source.ts';
import capped from '../../fixtures/sources/capped.ts';
import type { CappedCall, CappedVendor } from '../../helpers/capped-server.ts';
import { callOf, declare, limitedVendor, undeclared } from '../../helpers/limited-vendor.ts';
import { ids, LAKE_AT, OUT_OF_TIME } from '../../helpers/run-lake.ts';

const ways: readonly (readonly [string, Partial<CappedVendor>])[] = [
  ['refuses them, with a total', {}],
  ['refuses them, without a total', { total: 'none' }],
  ['refuses them and says that the list has ended', { hasMore: 'shown' }],
  ['shows them empty', { beyond: 'empty' }],
  ['shows them empty, without a total', { beyond: 'empty', total: 'none' }],
  ['shows them empty and says that the list has ended', { beyond: 'empty', hasMore: 'shown' }],
];

describe.each(ways)('a vendor that limits pages, which nobody declared, and %s', (_name, change) => {
  test('is loaded completely, by windows that share their edges', async () => {
    const { run, live, vendor } = await limitedVendor(undeclared, 45, change);
    const { exitCode, asked, error } = await run(0);
    expect({ exitCode, error }).toEqual({ exitCode: 0, error: '' });
    expect(await live()).toEqual(ids(vendor.calls));
    const edges = new Set(asked.map(({ query }) => query['from']));
    for (const { query } of asked) if (query['to'] !== undefined) expect(edges).toContain(query['to']);
    // Its windows showed all that it counts: there is nothing to count again.
    expect(asked.at(-1)?.query['from']).toBeDefined();
  });

  test('shows a removal that two scans prove, three without a total, and marks nothing else', async () => {
    const { run, live, vendor } = await limitedVendor(undeclared, 45, change);
    await run(0);
    vendor.calls = vendor.calls.filter(({ id }) => id !== 'call-40');
    const before = change.total === 'none' ? [73, 75] : [73];
    for (const hours of before) expect((await run(hours)).stream).toMatchObject({ status: 'ok', deleted: 0 });
    expect((await run(77)).stream).toMatchObject({ status: 'ok', deleted: 1 });

    expect(await live()).toEqual(ids(vendor.calls));
  });
});

test('a record without an instant is in no window, so such a scan proves no removal', async () => {
  const { run, live, vendor } = await limitedVendor(undeclared, 15);
  const scheduled: CappedCall = { id: 'call-scheduled', started_at: null, status: 'scheduled' };
  await run(0);
  vendor.calls = [...vendor.calls, scheduled];
  // An incremental read shows it first.
  await run(1);
  expect(await live()).toContain('call-scheduled');
  vendor.calls = [...vendor.calls, ...Array.from({ length: 20 }, (_, n) => callOf(15 + n, (15 + n) * 3600))];
  for (const hours of [73, 75, 150, 152]) expect((await run(hours)).stream).toMatchObject({ status: 'ok', deleted: 0 });
  expect(await live()).toEqual(ids(vendor.calls));
});

describe('a record without an instant that is too far down for the pages without a window', () => {
  const hidden: CappedCall = { id: 'call-hidden', started_at: null, status: 'scheduled' };

  test.each([
    { says: 'which nobody declared', source: undeclared },
    { says: 'which is declared', source: capped },
  ])('is told by each full scan, with exit code 4, under a limit $says', async ({ source }) => {
    const { run, live, vendor } = await limitedVendor(source, 45);
    vendor.calls = [...vendor.calls, hidden];
    for (const hours of [0, 73]) {
      const { exitCode, error, state } = await run(hours);
      expect(exitCode).toBe(4);
      // It is noted, so that later runs do not look for it.
      expect(state?.['surplus']).toEqual({ all: 1 });
      expect(error).toContain('the vendor counts 46 records of a list, and its windows of time showed 45');
      expect(error).toContain('a record without started_at is in no window');
    }
    expect(await live()).toEqual(ids(vendor.calls.filter(({ id }) => id !== hidden.id)));
    vendor.calls = vendor.calls.filter(({ id }) => id !== hidden.id);
    for (const hours of [146, 148]) expect(await run(hours)).toMatchObject({ exitCode: 0, error: '' });
  });

  test('is not counted again without time, and what the windows showed is stored', async () => {
    const { run, live, vendor } = await limitedVendor(undeclared, 45);
    vendor.calls = [...vendor.calls, hidden];
    let windows = 0;
    vendor.answer = ({ query }) => {
      if (query['from'] !== undefined) windows += 1;
      return query['from'] === undefined && windows > 0 ? OUT_OF_TIME : undefined;
    };
    expect((await run(0)).exitCode).toBe(6);
    expect(windows).toBeGreaterThan(0);
    expect(await live()).toEqual(ids(vendor.calls.filter(({ id }) => id !== hidden.id)));
  });

  test('is not looked for by runs between two full scans', async () => {
    const { run, live, vendor } = await limitedVendor(undeclared, 45);
    vendor.calls = [...vendor.calls, hidden];
    await run(0);
    vendor.calls = [...vendor.calls, callOf(100, -3600)];
    const { exitCode, asked } = await run(1);
    expect({ exitCode, requests: asked.length }).toEqual({ exitCode: 0, requests: 2 });
    expect(await live()).toContain('call-100');
  });

  test('is not marked as deleted if it had an instant when it was stored, and a warning says why', async () => {
    const { run, live, vendor } = await limitedVendor(undeclared, 45);
    await run(0);
    const lose = (call: CappedCall) => (call.id === 'call-40' ? { ...call, started_at: null } : call);
    vendor.calls = vendor.calls.map(lose);
    for (const hours of [73, 75, 150, 152]) {
      const { stream, lines } = await run(hours);
      expect(stream).toMatchObject({ status: 'ok', deleted: 0 });
      if (hours === 73)
        expect(lines.map(({ message }) => message)).toContainEqual(expect.stringContaining('No removal is found'));
    }
    expect(await live()).toEqual(ids(vendor.calls));
  });

  test('is not looked for where a record was removed while the windows were read', async () => {
    const { run, live, vendor } = await limitedVendor(undeclared, 45);
    vendor.answer = ({ query }) => {
      if (query['from'] !== undefined) vendor.calls = vendor.calls.filter(({ id }) => id !== 'call-44');
      return undefined;
    };
    expect(await run(0)).toMatchObject({ exitCode: 0, error: '' });
    expect(await live()).toEqual(ids(vendor.calls));
  });
});

test('a backlog beyond the limit is read by windows down to what is known', async () => {
  const { run, live, vendor } = await limitedVendor(undeclared, 15);
  await run(0);
  vendor.calls = [...Array.from({ length: 40 }, (_, n) => callOf(100 + n, -n * 60)), ...vendor.calls];
  expect(await run(1)).toMatchObject({ exitCode: 0 });
  expect(await live()).toEqual(ids(vendor.calls));
});

test('a backfill of days beyond the limit is read by windows', async () => {
  const { run, live, vendor } = await limitedVendor(undeclared, 65);
  const window = { from: new Date(LAKE_AT - 3 * 86_400_000), to: new Date(LAKE_AT) };
  expect(await run(0, { window })).toMatchObject({ exitCode: 0 });
  expect((await live()).length).toBe(65);
  expect(vendor.calls).toHaveLength(65);
});

test('a scan that is cut in a window continues there', async () => {
  const pages = (await (await limitedVendor(undeclared, 45)).run(0)).asked.length;
  for (let cut = 1; cut < pages; cut += 5) {
    const { run, live, vendor } = await limitedVendor(undeclared, 45);
    vendor.answer = (_request, number) => (number === cut ? OUT_OF_TIME : undefined);
    expect(await run(0, { commitEveryMs: 0 })).toMatchObject({ exitCode: 6 });
    vendor.answer = undefined;
    expect(await run(1)).toMatchObject({ exitCode: 0 });
    expect({ cut, live: await live() }).toEqual({ cut, live: ids(vendor.calls) });
  }
});

test('a page that is unavailable is no limit: it is tried again, and the run ends with 3', async () => {
  const { run, vendor } = await limitedVendor(undeclared, 65);
  vendor.answer = ({ query }) => (Number(query['page']) === 3 ? { status: 503, body: '' } : undefined);
  const { exitCode, asked } = await run(0);
  expect(exitCode).toBe(3);
  expect(asked.filter(({ query }) => query['page'] === '3')).toHaveLength(8);
  expect(asked.every(({ query }) => query['from'] === undefined)).toBe(true);
});

test.each([
  [
    'without a filter on time',
    { window: undefined },
    /If the vendor filters by time, declare `window` in functions\/sources\/capped\.ts/,
  ],
  [
    'whose requests do not name the end of a window',
    { window: { by: 'started_at', as: 'seconds' }, ask: askWithoutEnd },
    /Let ask of functions\/sources\/capped\.ts request `to` as well/,
  ],
] as const)('a limit of a list %s is a failure that names the way out', async (_name, change, wayOut) => {
  const { run, live } = await limitedVendor(declare(change), 65);
  const { exitCode, error } = await run(0);
  expect(exitCode).toBe(4);
  expect(error).toMatch(
    /^capped\.calls: GET \/v1\/calls answered 422; expected 2xx\. pages before it showed 20 records/,
  );
  expect(error).toMatch(wayOut);
  expect(await live()).toHaveLength(20);
});

function askWithoutEnd({ page, size, from }: Parameters<Stream['ask']>[0]) {
  return { query: { page, per_page: size, from } };
}
