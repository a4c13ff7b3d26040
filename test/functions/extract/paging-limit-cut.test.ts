import { describe, expect, test } from 'vitest';
import type { CappedCall, CappedVendor } from '../../helpers/capped-server.ts';
import { callOf, limitedVendor, undeclared } from '../../helpers/limited-vendor.ts';
import { ids, OUT_OF_TIME } from '../../helpers/run-lake.ts';

/** Lets the time end at a request, counted from now. */
function endAt(vendor: CappedVendor, request: number): void {
  let count = 0;
  vendor.answer = () => {
    count += 1;
    return count === request ? OUT_OF_TIME : undefined;
  };
}

describe('a record without an instant, in a scan that is cut at any request and goes on in the next run', () => {
  const scheduled = (call: CappedCall) => (call.id === 'call-40' ? { ...call, started_at: null } : call);
  const cuts = Array.from({ length: 14 }, (_, n) => n + 1);

  test.each(cuts)('is told with exit code 4 if it is too far down: request %i', async (cut) => {
    const { run, live, vendor } = await limitedVendor(undeclared, 45);
    vendor.calls = vendor.calls.map(scheduled);
    endAt(vendor, cut);
    const first = await run(0, { commitEveryMs: 0 });
    vendor.answer = undefined;
    const { exitCode, error } = await run(1);
    expect([first.exitCode, exitCode]).toContain(4);
    expect(`${first.error}${error}`).toContain(
      'the vendor counts 45 records of a list, and its windows of time showed 44',
    );
    expect(await live()).toEqual(ids(vendor.calls.filter(({ id }) => id !== 'call-40')));
  });

  test.each(cuts)('is not marked as deleted if it lost its instant: request %i', async (cut) => {
    const { run, live, vendor } = await limitedVendor(undeclared, 45);
    await run(0);
    vendor.calls = vendor.calls.map(scheduled);
    for (const hours of [73, 150, 230]) {
      endAt(vendor, cut);
      await run(hours, { commitEveryMs: 0 });
      vendor.answer = undefined;
      expect((await run(hours + 1)).stream).toMatchObject({ status: 'ok', deleted: 0 });
    }
    expect(await live()).toEqual(ids(vendor.calls));
  });

  test.each(cuts)('does not hide the removal of another: request %i', async (cut) => {
    const { run, live, vendor } = await limitedVendor(undeclared, 45);
    await run(0);
    vendor.calls = vendor.calls.filter(({ id }) => id !== 'call-40');
    for (const hours of [73, 77, 81]) {
      endAt(vendor, cut);
      await run(hours, { commitEveryMs: 0 });
      vendor.answer = undefined;
      await run(hours + 1);
    }
    expect(await live()).toEqual(ids(vendor.calls));
  });

  test.each(cuts)(
    'is not missed where the count has a call without an id, which no row holds: request %i',
    async (cut) => {
      const { run, live, vendor } = await limitedVendor(undeclared, 45);
      const keyless = { ...callOf(38, 38.5 * 3600), id: '' };
      vendor.calls = [...vendor.calls, keyless];
      endAt(vendor, cut);
      expect(await run(0, { commitEveryMs: 0 })).toMatchObject({ exitCode: 6 });
      vendor.answer = undefined;
      expect(await run(1)).toMatchObject({ exitCode: 0, error: '' });
      expect(await live()).toEqual(ids(vendor.calls.filter((call) => call !== keyless)));
    },
  );
});
