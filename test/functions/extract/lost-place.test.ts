import { describe, expect, test } from 'vitest';
import type { Store } from '../../../functions/ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { commitsOf, foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runFor, runSource } from '../../helpers/run-source.ts';
import {
  type SolumCall,
  type SolumServerOptions,
  solumCall,
  solumCalls,
  solumServer,
} from '../../helpers/solum-server.ts';

const HOUR_MS = 3_600_000;
const AT = Date.parse('2026-11-01T09:00:00Z');
const ENV = { SOLUM_API_KEY: 'key' };
const SOLUM = { source: 'solum', account: 'default', stream: 'calls' };
const UNWILLING = { status: 429, body: '', headers: { 'retry-after': '100000' } };

const idsOf = async (store: Store) => new Set(rowsOf(await foldSource(store, 'solum'), 'solum_calls').keys());

/** Calls of one hour each on pages of five, of which each incremental read needs two. */
async function world(calls: SolumCall[], bend?: SolumServerOptions['bend']) {
  const server = await solumServer(calls, bend ? { bend } : {});
  const store = memoryStore();
  const options = (hours: number) => ({
    at: new Date(AT + hours * HOUR_MS),
    url: server.url,
    pageSize: 5,
    tiers: [{ every: '15m', back: '6h' }],
  });
  return {
    store,
    /** @param most requests of the run @default any number */
    async run(hours: number, most = Number.POSITIVE_INFINITY) {
      const before = server.requests.length;
      const { exitCode } = await runFor(most, 'solum', options(hours), store, ENV);
      const state = (await commitsOf(store, SOLUM)).at(-1)?.state;
      return { exitCode, state, asked: server.requests.slice(before).map(({ query }) => Number(query['page'])) };
    },
    backfill: (hours: number, window: { readonly from: Date; readonly to: Date }) =>
      runSource('solum', { ...options(hours), window }, makePorts({ store, env: ENV })),
  };
}

/** Refuses pages beyond the end of the list, as many frameworks do. */
const refusingBeyond =
  (calls: readonly SolumCall[]): NonNullable<SolumServerOptions['bend']> =>
  (page, { query }) =>
    (Number(query['page']) - 1) * 5 >= calls.length ? { status: 404, body: '{"detail":"Invalid page."}' } : page;

test('a full scan begins its list again if the page at which it was cut does not exist any more', async () => {
  const calls = solumCalls(40);
  const { run, store } = await world(calls, refusingBeyond(calls));
  expect((await run(0, 6)).exitCode).toBe(6);
  calls.splice(0, 30);
  const { exitCode, state, asked } = await run(1);
  expect({ exitCode, asked: asked.slice(-3) }).toEqual({ exitCode: 0, asked: [6, 1, 2] });
  expect(state).not.toHaveProperty('scan');
  const ids = await idsOf(store);
  expect(calls.filter(({ id }) => !ids.has(id))).toEqual([]);
});

test('a full scan begins its list again in the fourth run if the vendor fails at a page that does not exist any more', async () => {
  const calls = solumCalls(40);
  const { run, store } = await world(calls, (page, { query }) =>
    (Number(query['page']) - 1) * 5 >= calls.length ? { status: 500, body: '{}' } : page,
  );
  expect((await run(0, 6)).exitCode).toBe(6);
  calls.splice(0, 30);
  const codes = [];
  for (const hour of [1, 2, 3, 4, 5]) codes.push((await run(hour)).exitCode);
  expect(codes).toEqual([3, 3, 3, 0, 0]);
  const ids = await idsOf(store);
  expect(calls.filter(({ id }) => !ids.has(id))).toEqual([]);
});

test('what is new does not wait for a full scan whose next page cannot be had', async () => {
  const calls = solumCalls(40);
  let isUnwilling = false;
  const { run, store } = await world(calls, (page, { query }) =>
    isUnwilling && Number(query['page']) > 4 ? UNWILLING : page,
  );
  await run(0);
  isUnwilling = true;
  for (let hours = 72; hours < 82; hours += 1) {
    calls.unshift(solumCall(`new-${hours}`, -60 * hours));
    await run(hours);
    // Of two runs in a row, one may be that of the scan.
    const ids = await idsOf(store);
    if (hours > 72) expect({ hours, isIn: ids.has(`new-${hours - 1}`) }).toEqual({ hours, isIn: true });
  }
});

describe('a list whose total counts a record without a key', () => {
  const withNameless = () => {
    const calls = solumCalls(40);
    calls.splice(30, 0, { ...solumCall('', 30 * 60), id: null as unknown as string });
    return calls;
  };

  test('is not read to its end by each incremental read', async () => {
    const { run } = await world(withNameless());
    await run(0);
    expect((await run(1)).asked).toEqual([1, 2]);
  });

  test('still is, once, if the vendor counts another record that was not shown', async () => {
    const calls = withNameless();
    const { run, store } = await world(calls);
    await run(0);
    calls.splice(36, 0, solumCall('late', 34.5 * 60));
    expect((await run(1)).asked).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect((await idsOf(store)).has('late')).toBe(true);
    expect((await run(2)).asked).toEqual([1]);
  });

  test('that a run cannot read to its end is looked through for it twice', async () => {
    const { run } = await world(withNameless());
    const exits = [];
    const sweeps = new Set();
    for (let hours = 0; hours < 60; hours += 1) {
      const { exitCode, state } = await run(hours, 6);
      exits.push(exitCode);
      sweeps.add(state?.['sweptAt']);
    }
    // The first load needs several runs; its end and that of the next scan at the most miss the record.
    expect(exits.slice(-20)).toEqual(Array.from({ length: 20 }, () => 0));
    expect(sweeps.size).toBeLessThanOrEqual(3);
  });
});

test('after a pause, a run reads back to the last one, though a backfill has read some of what came between', async () => {
  const calls = solumCalls(10);
  const { run, store, backfill } = await world(calls, ({ data, pagination }) => ({
    data,
    pagination: { has_more: pagination?.['has_more'] },
  }));
  await run(0);
  await run(1);
  calls.unshift(...Array.from({ length: 48 }, (_, n) => solumCall(`new-${n}`, -49 * 60 + n * 60)));
  await backfill(50, { from: new Date(AT + 10 * HOUR_MS), to: new Date(AT + 42 * HOUR_MS) });
  expect((await run(50)).exitCode).toBe(0);
  const ids = await idsOf(store);
  expect(calls.filter(({ id }) => !ids.has(id))).toEqual([]);
});
