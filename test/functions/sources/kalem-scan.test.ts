import { expect, test } from 'vitest';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { runFor } from '../../helpers/run-source.ts';
import { scriptedServer } from '../../helpers/scripted-server.ts';

const AT = Date.parse('2026-11-01T09:00:00Z');
const MINUTE_MS = 60_000;

/** A call that began so many minutes before {@link AT}. */
const callOf = (direction: string, n: number, minutesAgo: number) => ({
  call_id: `${direction}-${n}`,
  direction,
  started_at: new Date(AT - minutesAgo * MINUTE_MS).toISOString(),
});

/** Kalem's lists, newest first, without the field that no record has. */
async function kalemServer(calls: ReturnType<typeof callOf>[]) {
  return scriptedServer(({ query }) => {
    const wanted = calls.filter(({ direction }) => [undefined, direction].includes(query['direction']));
    const sorted = wanted.sort((one, other) => (one.started_at < other.started_at ? 1 : -1));
    const [page, size] = [Number(query['page']), Number(query['per_page'])];
    const data = sorted.slice((page - 1) * size, page * size).map(({ direction: _unserved, ...call }) => call);
    const meta = { current_page: page, last_page: Math.ceil(sorted.length / size), total: sorted.length };
    return { json: { data, meta } };
  });
}

test('a call that came after a full scan had read the list of its direction keeps its direction', async () => {
  const calls = ['inbound', 'outbound'].flatMap((direction) =>
    Array.from({ length: 6 }, (_, n) => callOf(direction, n, 60 * (n + 1))),
  );
  const { url } = await kalemServer(calls);
  const store = memoryStore();
  const run = async (minutes: number, requests: number) => {
    const options = { at: new Date(AT + minutes * MINUTE_MS), url, pageSize: 2 };
    const { exitCode } = await runFor(requests, 'kalem', options, store, { KALEM_API_TOKEN: 'token' });
    const rows = rowsOf(await foldSource(store, 'kalem'), 'kalem_calls');
    return { exitCode, direction: rows.get('inbound-9')?.['direction'] };
  };
  // The lists of both directions have three pages each.
  expect((await run(0, 6)).exitCode).toBe(6);
  calls.push(callOf('inbound', 9, -5));
  expect(await run(15, 100)).toEqual({ exitCode: 0, direction: 'inbound' });
});
