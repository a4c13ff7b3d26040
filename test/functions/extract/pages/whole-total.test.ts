import { describe, expect, test } from 'vitest';
import { clinic, idsOf, withPagination } from '../../../helpers/clinic.ts';
import { type SolumCall, solumCall } from '../../../helpers/solum-server.ts';

/** Forty calls, six hours apart, in an order that none of their fields has, so that each run reads a window. */
const unordered = (): SolumCall[] =>
  Array.from({ length: 40 }, (_, n) => solumCall(n, ((n * 17) % 40) * 360)).sort((a, b) => (a.id < b.id ? 1 : -1));

/** A vendor whose total counts the calls of each window, or all of them, and that may hide calls of windows. */
async function world(isOfAll: boolean, hidden: readonly string[] = []) {
  const calls = unordered();
  const vendor = { calls, hidden: [] as readonly string[], gone: 0 };
  const world = await clinic(calls, {
    bend: (page, { query }) => {
      const isWindow = query['started_gte'] !== undefined;
      const total = isOfAll || !isWindow ? calls.length + vendor.gone : page.pagination?.['total'];
      const data = page.data.filter((call) => !isWindow || !vendor.hidden.includes((call as SolumCall).id));
      return withPagination({ ...page, data }, { total });
    },
  });
  expect(await world.run(0)).toMatchObject({ exitCode: 0 });
  vendor.hidden = hidden;
  return { ...world, vendor, calls };
}

const warnings = ({ ports }: { ports: { lines: readonly { message: string }[] } }) =>
  ports.lines.filter(({ message }) =>
    message.includes("the vendor's total of a window of time is that of the whole list"),
  );

describe('a total of a window of time', () => {
  test('that counts the whole list fails no run, and no record is missing', async () => {
    const { run, calls, ids } = await world(true);
    const first = await run(1);
    expect(first).toMatchObject({ exitCode: 0 });
    expect(warnings(first)).toHaveLength(1);
    calls.unshift(solumCall('new', -120));
    expect(await run(3)).toMatchObject({ exitCode: 0 });
    expect(await ids()).toEqual(idsOf(calls));
    expect(first.asked).toBeLessThan(8);
  });

  test('that counts the window fails a run in which the window lacks records', async () => {
    const { run } = await world(false, ['0', '33']);
    const result = await run(1);
    expect(result).toMatchObject({ exitCode: 4 });
    expect(warnings(result)).toEqual([]);
  });

  test('that counts the whole list fails a run as soon as it counts a record that is not known', async () => {
    const { run, vendor } = await world(true);
    vendor.gone = 1;
    const result = await run(1);
    expect(result).toMatchObject({ exitCode: 4 });
    expect(warnings(result)).toEqual([]);
  });

  test('is not compared with the list if all that is known began in the window', async () => {
    const { run, calls } = await world(true, ['1']);
    // The window of this run begins before the first call.
    expect(await run(24 * 9, { tiers: [{ every: '15m', back: '60d' }], sweepEvery: '90d' })).toMatchObject({
      exitCode: 4,
    });
    expect(calls).toHaveLength(40);
  });
});
