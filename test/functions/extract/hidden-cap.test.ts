import { expect, test } from 'vitest';
import type { Source, Stream, WindowRule } from '../../../functions/source/source.ts';
import capped from '../../fixtures/sources/capped.ts';
import { type CappedCall, type CappedVendor, cappedServer } from '../../helpers/capped-server.ts';
import { LAKE_AT, lakeOf } from '../../helpers/run-lake.ts';

/** Calls of two hours each, newest first. */
const CALLS: readonly CappedCall[] = Array.from({ length: 20 }, (_, n) => ({
  id: `c${n}`,
  started_at: LAKE_AT / 1000 - n * 7200 - 60,
  status: 'done',
}));

/** A vendor whose list ends after 8 calls, and says that it has no more. */
async function cappedWorld(window: WindowRule | undefined, change: Partial<CappedVendor> = {}) {
  const vendor: CappedVendor = { calls: CALLS.slice(2), cap: 8, total: 'shown', ...change };
  const calls = { ...capped.streams['calls'], details: {}, window } as unknown as Stream;
  const server = await cappedServer(vendor);
  const lake = lakeOf({ ...capped, streams: { calls } } as Source, server);
  await lake.run(0);
  vendor.calls = CALLS;
  return { vendor, ...lake };
}

const BY_TIME: WindowRule = { by: 'started_at', as: 'seconds' };

test('a record that the end of a list has left behind, and that a window shows, is not marked removed', async () => {
  const { run, live } = await cappedWorld(BY_TIME);
  await run(73);
  const { exitCode, error, stream } = await run(146);
  expect({ exitCode, deleted: stream?.deleted, live: (await live()).length }).toEqual({
    exitCode: 4,
    deleted: 0,
    live: 10,
  });
  expect(error).toMatch(
    /^capped.calls: \/v1\/calls: a window of time shows a record that the complete list lacks, so the list does not show everything; nothing/,
  );
  expect(error).toContain('declare window.cap');
});

test('and so it is on a later page of the window, where the vendor filters by day', async () => {
  const { run, live } = await cappedWorld(BY_TIME, { byDay: true });
  await run(73);
  const { exitCode, stream, asked } = await run(146);
  expect({ exitCode, deleted: stream?.deleted, live: (await live()).length }).toEqual({
    exitCode: 4,
    deleted: 0,
    live: 10,
  });
  const windows = asked.filter(({ query }) => query['to'] !== undefined);
  expect(windows.map(({ query }) => query['page'])).toEqual(['1', '2']);
});

test('a record that the vendor has removed costs one request more, and is marked', async () => {
  const { vendor, run, live } = await cappedWorld(BY_TIME);
  vendor.calls = CALLS.slice(2, 9);
  await run(73);
  const { exitCode, stream, asked } = await run(146);
  expect({ exitCode, deleted: stream?.deleted, live: (await live()).length }).toEqual({
    exitCode: 0,
    deleted: 1,
    live: 7,
  });
  // So few calls show no order, and what is new is read in a window too; that one has no end.
  const windows = (requests: typeof asked) => requests.filter(({ query }) => query['to'] !== undefined);
  expect(windows(asked)).toHaveLength(1);
  expect(windows((await run(220)).asked)).toHaveLength(0);
});

test('a filter that fails does not hide a removal', async () => {
  const { vendor, run } = await cappedWorld(BY_TIME);
  vendor.calls = CALLS.slice(2, 9);
  vendor.answer = ({ query }) => (query['from'] === undefined ? undefined : { status: 400, body: '{}' });
  await run(73);
  expect((await run(146)).stream?.deleted).toBe(1);
});

test('a removal waits for the next scan if the vendor is not available to look for it', async () => {
  const { vendor, run } = await cappedWorld(BY_TIME);
  vendor.calls = CALLS.slice(2, 9);
  vendor.answer = ({ query }) => (query['from'] === undefined ? undefined : { status: 503, body: '{}' });
  await run(73);
  const { exitCode, stream } = await run(146);
  expect({ exitCode, deleted: stream?.deleted }).toEqual({ exitCode: 3, deleted: 0 });
  vendor.answer = undefined;
  expect((await run(147)).stream?.deleted).toBe(1);
});
