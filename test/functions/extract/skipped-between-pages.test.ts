import { describe, expect, test } from 'vitest';
import { callOf, declare, limitedVendor, undeclared } from '../../helpers/limited-vendor.ts';
import { ids } from '../../helpers/run-lake.ts';

const withoutTotal = { cap: 1000, total: 'none' } as const;
/** The newest-first order of the same list is not declared. */
const unordered = declare({ order: [], window: { by: 'started_at', as: 'seconds' } });

/** Calls removed when a full scan requests this page, so that later ones move up: one of them to a page that was read. */
function removing(vendor: Awaited<ReturnType<typeof limitedVendor>>['vendor'], id: string, atPage: string) {
  vendor.answer = ({ query }) => {
    if (query['from'] !== undefined || query['page'] !== atPage) return undefined;
    vendor.answer = undefined;
    vendor.calls = vendor.calls.filter((call) => call.id !== id);
    return undefined;
  };
}

describe.each([
  { says: 'sorted', source: undeclared },
  { says: 'of unknown order', source: unordered },
])('in a list without a total, $says', ({ source }) => {
  test('a call that two scans skip between the same pages is not marked deleted', async () => {
    const { run, live, vendor } = await limitedVendor(source, 12, withoutTotal);
    await run(0);
    removing(vendor, 'call-0', '2');
    expect(await run(73)).toMatchObject({ exitCode: 0, stream: { deleted: 0 } });
    expect(vendor.calls).toHaveLength(11);
    vendor.calls = [callOf(99, -74 * 3600), ...vendor.calls];
    removing(vendor, 'call-99', '2');
    await run(75);
    expect(vendor.calls).toHaveLength(11);
    expect(await live()).toContain('call-4');
    for (const hours of [77, 79, 81, 83]) await run(hours);
    expect(await live()).toEqual(ids(vendor.calls));
  });

  test('a call that was removed at the edge of a page is marked deleted by the third scan', async () => {
    const { run, live, vendor } = await limitedVendor(source, 12, withoutTotal);
    await run(0);
    vendor.calls = vendor.calls.filter(({ id }) => id !== 'call-4');
    for (const hours of [73, 75]) expect((await run(hours)).stream).toMatchObject({ deleted: 0 });
    expect((await run(77)).stream).toMatchObject({ deleted: 1 });
    expect(await live()).toEqual(ids(vendor.calls));
  });
});

test.each([
  { says: 'inside a page of a sorted list without a total', change: withoutTotal, removed: 'call-2', count: 12 },
  { says: 'of a list without a total that has one page', change: withoutTotal, removed: 'call-1', count: 3 },
  { says: 'at the edge of a page, with a total', change: { cap: 1000 }, removed: 'call-4', count: 12 },
])('a call that was removed $says is marked deleted by the second scan', async ({ change, removed, count }) => {
  const { run, live, vendor } = await limitedVendor(undeclared, count, change);
  await run(0);
  vendor.calls = vendor.calls.filter(({ id }) => id !== removed);
  expect((await run(73)).stream).toMatchObject({ deleted: 0 });
  expect((await run(75)).stream).toMatchObject({ deleted: 1 });
  expect(await live()).toEqual(ids(vendor.calls));
});
