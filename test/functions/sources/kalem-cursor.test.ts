import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';
import { type ScriptedAnswer, scriptedServer } from '../../helpers/scripted-server.ts';

type Query = Readonly<Record<string, string>>;
const CALLS = Array.from({ length: 11 }, (_, n) => ({
  call_id: `c${n}`,
  started_at: `2026-11-01T0${9 - (n % 9)}:00:00Z`,
}));
const listed = (query: Query) => (query['direction'] === 'outbound' ? [] : CALLS);

/** Runs on a vendor twice, an hour apart. @returns exit codes, requests of each run, and the calls that are stored */
async function runOn(answer: (query: Query) => ScriptedAnswer) {
  const server = await scriptedServer(({ query }) => answer(query));
  const store = memoryStore();
  const run = async (at: string) => {
    const before = server.requests.length;
    const options = { at, url: server.url, pageSize: 4 };
    const { exitCode } = await runSource('kalem', options, makePorts({ store, env: { KALEM_API_TOKEN: 'token' } }));
    return { exitCode, queries: server.requests.slice(before).map(({ query }) => query) };
  };
  const [first, second] = [await run('2026-11-01T10:00:00Z'), await run('2026-11-01T11:00:00Z')];
  return { first, second, stored: [...rowsOf(await foldSource(store, 'kalem'), 'kalem_calls').keys()].length };
}

/** A paginator with cursors, which ignores the page number. */
function byCursor(query: Query): ScriptedAnswer {
  const [begin, size] = [Number(query['cursor'] ?? 0), Number(query['per_page'])];
  const end = begin + size < listed(query).length ? String(begin + size) : null;
  const next = end && `http://evil.example/api/v1/calls?cursor=${end}`;
  const meta = { per_page: size, next_cursor: end, prev_cursor: null };
  return { json: { data: listed(query).slice(begin, begin + size), links: { first: null, last: null, next }, meta } };
}

describe('Kalem', () => {
  test('is read by cursor if the vendor ignores the page number and gives cursors', async () => {
    const { first, second, stored } = await runOn(byCursor);
    expect([first.exitCode, second.exitCode, stored]).toEqual([0, 0, CALLS.length]);
    expect(first.queries.some((query) => query['cursor'] === '8')).toBe(true);
    expect(second.queries.filter((query) => 'page' in query)).toEqual([]);
  });

  test('is read by page number again if it gave a page twice and has no cursors', async () => {
    let repeats = 2;
    const { first, second, stored } = await runOn((query) => {
      const [asked, size] = [Number(query['page'] ?? 1), Number(query['per_page'])];
      const page = asked === 2 && repeats-- > 0 ? 1 : asked;
      return { json: { data: listed(query).slice((page - 1) * size, page * size) } };
    });
    expect([first.exitCode, second.exitCode, stored]).toEqual([0, 0, CALLS.length]);
    expect(first.queries.some((query) => !('page' in query))).toBe(true);
    expect(second.queries.every((query) => 'page' in query)).toBe(true);
  });
});
