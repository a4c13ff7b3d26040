import { describe, expect, test } from 'vitest';
import type { Store } from '../../../functions/ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { commitsOf, foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';
import { type ScriptedAnswer, type ScriptedRequest, scriptedServer } from '../../helpers/scripted-server.ts';

const AT = Date.parse('2026-11-01T09:00:00Z');
const HOUR_MS = 3_600_000;
const env = { SOLUM_API_KEY: 'k', KALEM_API_TOKEN: 't', ZUDU_API_KEY: 'k', ZUDU_API_SECRET: 's' };
const KEYS = { solum: 'id', kalem: 'call_id', zudu: 'call_id' };
type Name = keyof typeof KEYS;

/** Runs of a vendor that answers as the test says. */
async function vendor(source: Name, answer: (request: ScriptedRequest) => ScriptedAnswer) {
  const server = await scriptedServer(answer);
  const store: Store = memoryStore();
  const run = async (hours = 0) => {
    const before = server.requests.length;
    const ports = makePorts({ store, env });
    const result = await runSource(source, { at: new Date(AT + hours * HOUR_MS), url: server.url }, ports);
    const [stream] = result.streams;
    return { exitCode: result.exitCode, error: stream?.error, stream, requests: server.requests.length - before };
  };
  const rows = async () => rowsOf(await foldSource(store, source), `${source}_calls`);
  const rejects = async () =>
    (await commitsOf(store, { source, account: 'default', stream: 'calls' })).flatMap((commit) =>
      commit.rejects.map(({ column, reason }) => `${column}: ${reason}`),
    );
  return { run, rows, rejects };
}

const when = (n: number) => new Date(AT - (n + 1) * HOUR_MS).toISOString();
const callsOf = (source: Name, count: number) =>
  Array.from({ length: count }, (_, n) => ({ [KEYS[source]]: `c${n}`, started_at: when(n), status: 'done' }));
const pageOf = <T>(all: readonly T[], { query }: ScriptedRequest, size: number) =>
  all.slice((Number(query['page']) - 1) * size, Number(query['page']) * size);
const zudu = (data: unknown) => ({ json: { message: 'ok', status: 'success', error: null, data } });

describe('report 1: empty ids', () => {
  test('of Zudu give a row for each call, by its id, which keeps it when the vendor names a call_id', async () => {
    const named = ['', ''];
    const { run, rows } = await vendor('zudu', () => {
      const calls = named.map((call_id, n) => ({ id: `0${n}`, call_id, opt_out_sensitive_data_storage: false }));
      return zudu({ calls, pagination: { page: 0, limit: 50, total_count: 2, has_next_page: false } });
    });
    expect(await run()).toMatchObject({ exitCode: 0, stream: { rejected: 0 } });
    named.splice(0, 2, 'call-0', 'call-1');
    await run(74);
    expect([...(await rows()).keys()].sort()).toEqual(['00', '01']);
  });

  test.each(['solum', 'kalem'] as const)('of %s are refused and counted, and overwrite nothing', async (source) => {
    const data = ['', '', false, true, ' ', [], {}, 'a'].map((id) => ({ [KEYS[source]]: id }));
    const { run, rows } = await vendor(source, () => ({ json: { data, total: 8, last_page: 1 } }));
    expect((await run()).stream?.rejected).toBeGreaterThanOrEqual(7);
    expect([...(await rows()).keys()]).toEqual(['a']);
  });
});

test('a call that is twice on a page, with two versions, is one row that changes once, and is counted', async () => {
  const [first = {}, ...others] = callsOf('solum', 3);
  const { run, rows, rejects } = await vendor('solum', () => ({
    json: { data: [first, { ...first, language: 'fr' }, ...others], pagination: { total: 4, has_more: false } },
  }));
  expect(await run()).toMatchObject({ exitCode: 0, stream: { changed: 3 } });
  expect((await rows()).get('c0')).toMatchObject({ language: 'fr' });
  expect(await rejects()).toContain(': listed twice on its page, the last one counts');
  expect(await run(1)).toMatchObject({ exitCode: 0, stream: { changed: 0 } });
});

describe('reports 2 and 3: counts that a full page refutes', () => {
  const calls = callsOf('kalem', 120);
  test.each([
    ['1 of 1', { current_page: 1, last_page: 1, total: 1 }, 'x'],
    ['empty texts, and a link', { last_page: '', total: '' }, 'x'],
    ['0', { last_page: 0, total: 0 }, 'x'],
    ['false', { last_page: false, total: false }, 'x'],
    ['none, and an empty link', {}, ''],
  ])('%s: all 120 calls of Kalem are read', async (_says, meta, next) => {
    const { run, rows } = await vendor('kalem', (request) => {
      const data = pageOf(calls, request, Number(request.query['per_page']));
      const page = 'current_page' in meta ? { ...meta, current_page: Number(request.query['page']) } : meta;
      return { json: { data, links: { next: data.length > 0 ? next : null }, meta: page } };
    });
    await run();
    expect((await rows()).size).toBe(120);
  });
});

test.each<[Name, string, object]>([
  ['kalem', 'that is told to have failed', { success: false, message: 'Service under maintenance', data: [] }],
  ['kalem', 'that is told so beside it', { data: [], meta: { success: false, total: 0 } }],
  ['kalem', 'that is empty', { data: [], meta: { total: 0, last_page: 1 } }],
  ['solum', 'that is empty', { data: [], pagination: { total: 0, has_more: false } }],
  ['solum', 'that is null', { data: null, pagination: '' }],
])('report 8: a list of %s %s removes none of 40 calls, and is back later', async (source, _says, json) => {
  let isDown = false;
  const calls = callsOf(source, 40);
  const { run, rows } = await vendor(source, () => (isDown ? { json } : { json: { data: calls, total: 40 } }));
  await run();
  isDown = true;
  await run(73);
  await run(75);
  const deleted = [...(await rows()).values()].filter((row) => (row['_deleted_at'] ?? null) !== null);
  expect(deleted).toEqual([]);
  isDown = false;
  expect(await run(150)).toMatchObject({ exitCode: 0, stream: { deleted: 0 } });
});

test('report 14: a list of Solum that answers 400 beyond 250 of 600 calls is loaded completely, and again', async () => {
  const calls = callsOf('solum', 600);
  const { run, rows } = await vendor('solum', (request) => {
    const { page, limit, started_gte: from = '', started_lte: to = '9' } = request.query;
    const found = calls.filter(({ started_at: at = '' }) => at >= from && at <= to);
    if (Number(page) * Number(limit) > 250) return { status: 400, body: '{"message":"limited to 250 results"}' };
    const data = pageOf(found, request, Number(limit));
    return { json: { data, pagination: { page: Number(page), total: found.length, has_more: found.length > 250 } } };
  });
  expect(await run()).toMatchObject({ exitCode: 0, error: undefined });
  expect((await rows()).size).toBe(600);
  expect(await run(74)).toMatchObject({ exitCode: 0, stream: { changed: 0, deleted: 0 } });
});

describe('reports 16 and 17: lists that are told otherwise', () => {
  test('null with a total of 0 is an account without calls', async () => {
    const { run } = await vendor('zudu', () => zudu({ calls: null, total_count: 0 }));
    expect(await run()).toMatchObject({ exitCode: 0, stream: { records: 0 } });
  });

  test('an object of numbered records from page 2 on is a list', async () => {
    const calls = callsOf('kalem', 120);
    const { run, rows } = await vendor('kalem', (request) => {
      const data = pageOf(calls, request, 50);
      const page = Number(request.query['page']);
      const told = page === 1 ? data : Object.fromEntries(data.map((call, n) => [String((page - 1) * 50 + n), call]));
      return { json: { data: told, meta: { current_page: page, last_page: 3, total: 120 } } };
    });
    expect((await run()).exitCode).toBe(0);
    expect((await rows()).size).toBe(120);
  });

  test('an empty address of the next page ends the list', async () => {
    const { run } = await vendor('kalem', () => ({ json: { data: callsOf('kalem', 3), next_page_url: '' } }));
    expect(await run()).toMatchObject({ exitCode: 0 });
  });
});

test('report 34: a call of the year 2221 at the head of the list hides no later one', async () => {
  const calls = [{ id: 'far', started_at: '2221-01-01T00:00:00Z' }, ...callsOf('solum', 3)];
  const { run, rows } = await vendor('solum', () => ({ json: { data: calls, pagination: { total: calls.length } } }));
  await run();
  calls.splice(1, 0, { id: 'late', started_at: new Date(AT + HOUR_MS / 2).toISOString() });
  expect(await run(1)).toMatchObject({ exitCode: 0, stream: { changed: 1 } });
  expect([...(await rows()).keys()].sort()).toEqual(['c0', 'c1', 'c2', 'far', 'late']);
});

describe('reports 4 to 7: values that mean none', () => {
  test('are null, and counted', async () => {
    const wrong = ['0001-01-01T00:00:00Z', -1, '20241210143000', '0000-00-00 00:00:00', '/Date(0)/', ''];
    const data = wrong.map((started_at, n) => ({ id: `c${n}`, started_at }));
    const { run, rows, rejects } = await vendor('solum', () => ({
      json: { data, pagination: { total: data.length } },
    }));
    // Each of the six values is counted.
    expect(await run()).toMatchObject({ exitCode: 0, stream: { rejected: wrong.length } });
    expect([...(await rows()).values()].map((row) => row['started_at'])).toEqual(wrong.map(() => null));
    expect(new Set(await rejects())).toEqual(
      new Set([
        'started_at: an instant in 1970-01-01 or before, which means none',
        'started_at: a number that is a date or a count, not an epoch',
        'started_at: other text where an instant is expected',
      ]),
    );
  });

  test.each([
    ['"false"', 'false', 'said'],
    ['0', 0, 'said'],
    ['"true"', 'true', null],
    ['1', 1, null],
  ])('an opt-out of %s counts as what it says', async (_says, flag, transcript) => {
    const call = { id: '1', call_id: 'a', opt_out_sensitive_data_storage: flag, transcript: 'said' };
    const { run, rows } = await vendor('zudu', () =>
      zudu({ calls: [call], pagination: { page: 0, total_count: 1, has_next_page: false } }),
    );
    expect((await run()).exitCode).toBe(0);
    expect((await rows()).get('a')).toMatchObject({
      opt_out_sensitive_data_storage: transcript === null,
      transcript,
    });
  });
});
