import { expect, test } from 'vitest';
import { extractAccount } from '../../../functions/extract/extract-account.ts';
import { parseSettings } from '../../../functions/settings.ts';
import { type CollectionStream, defineSource, type WindowRule } from '../../../functions/source/source.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import capped from '../../fixtures/sources/capped.ts';
import { commitsOf } from '../../helpers/fold-staged.ts';
import { makePorts } from '../../helpers/ports.ts';
import { OUT_OF_TIME } from '../../helpers/run-lake.ts';
import { type ScriptedAnswer, type ScriptedRequest, scriptedServer } from '../../helpers/scripted-server.ts';

const HOUR = 3_600_000;
const BEGIN = Date.parse('2026-11-01T09:00:00Z');
const UNIT = { seconds: 1000, millis: 1 };

/** Calls of the last 40 days, one each two days, newest first. */
const CALLS = Array.from({ length: 20 }, (_, n) => ({ id: `c${n}`, ms: BEGIN - (n * 48 + 1) * HOUR }));

/** A first load of a stream that must have a window, against a vendor that filters in its own way, in as many runs. */
async function firstRun(
  as: WindowRule['as'],
  shown: (request: ScriptedRequest) => typeof CALLS | ScriptedAnswer,
  runs = 1,
) {
  const server = await scriptedServer((request) => {
    const found = shown(request);
    if (!Array.isArray(found)) return found;
    const calls = found.map(({ id, ms }) => ({ id, started_at: Math.floor(ms / 1000), opt_out: false }));
    const page = Number(request.query['page']);
    const size = Number(request.query['per_page']);
    const meta = { current_page: page, total: calls.length, next_page_link: page * size < calls.length ? 'x' : null };
    return { json: { calls: calls.slice((page - 1) * size, page * size), meta } };
  });
  const window: WindowRule = { by: 'started_at', as, longest: '20d', required: { back: '60d' } };
  const calls = { ...(capped.streams['calls'] as CollectionStream), details: {}, window };
  const source = defineSource({ ...capped, streams: { calls } });
  const settings = parseSettings({ sources: { capped: { baseUrl: server.url, maxRps: 1000 } } }, 'test');
  const store = memoryStore();
  const env = { CAPPED_API_ID: 'id', CAPPED_API_TOKEN: 'token' };
  const run = (n: number) => {
    const request = { account: 'default', at: new Date(BEGIN + n * HOUR), settings };
    return extractAccount(source, request, makePorts({ store, env }));
  };
  for (let n = 0; n < runs - 1; n += 1) expect((await run(n)).exitCode).toBe(6);
  const { exitCode, streams } = await run(runs - 1);
  const commits = await commitsOf(store, { source: 'capped', account: 'default', stream: 'calls' });
  const rows = commits.flatMap(({ staged }) => staged).reduce((sum, file) => sum + file.rows, 0);
  return { exitCode, error: streams[0]?.error, rows, requests: server.requests.length };
}

const within =
  (unit: keyof typeof UNIT, calls = CALLS) =>
  ({ query: { from, to } }: ScriptedRequest) =>
    calls.filter(({ ms }) => ms >= Number(from) * UNIT[unit] && ms <= Number(to) * UNIT[unit]);

test.each([
  ['seconds', 'millis'],
  ['millis', 'seconds'],
] as const)('a window in %s is named where the vendor wants %s', async (declared, wanted) => {
  const { exitCode, error, rows } = await firstRun(declared, within(wanted));
  expect({ exitCode, rows }).toEqual({ exitCode: 4, rows: 0 });
  expect(error).toBe(
    `capped.calls: /v1/calls: no window has a record, and the newest one has some if it is requested in ${wanted}; ` +
      `expected window.as: '${wanted}'; correct the declaration`,
  );
});

test.each([2, 3])('and so it is if the first load was cut at request %d', async (cut) => {
  const { exitCode, error, rows } = await firstRun(
    'seconds',
    (request) => (request.number === cut ? OUT_OF_TIME : within('millis')(request)),
    2,
  );
  expect({ exitCode, rows }).toEqual({ exitCode: 4, rows: 0 });
  expect(error).toContain('the newest one has some if it is requested in millis');
});

test('an empty account costs one request more, in its first load, and is no fault', async () => {
  const { exitCode, error, requests } = await firstRun('seconds', within('seconds', []));
  expect({ exitCode, error, requests }).toEqual({ exitCode: 0, error: undefined, requests: 5 });
});

test.each<[string, ScriptedAnswer]>([
  ['is refused', { status: 400, body: 'year 57788 is out of range' }],
  ['fails with status 200', { json: { error: 'year 57788 is out of range' } }],
  ['fails with status 500', { status: 500, body: '{}' }],
])('an empty account whose request in the other unit %s is no fault', async (_says, failed) => {
  const isFarOff = ({ query }: ScriptedRequest) => Number(query['to']) > 1e12;
  let farOff = 0;
  const { exitCode, error } = await firstRun('seconds', (request) => {
    if (!isFarOff(request)) return [];
    farOff += 1;
    return failed;
  });
  expect({ exitCode, error }).toEqual({ exitCode: 0, error: undefined });
  expect(farOff).toBeGreaterThan(0);
});

test('an empty account whose request in the other unit is answered as wrong credentials fails with their exit code', async () => {
  const { exitCode } = await firstRun('seconds', ({ query }) =>
    Number(query['to']) > 1e12 ? { status: 401, body: '{}' } : [],
  );
  expect(exitCode).toBe(2);
});

test('a window in the right unit is read', async () => {
  expect(await firstRun('millis', within('millis'))).toMatchObject({ exitCode: 0, rows: 20 });
});

test('a page on which no record is in its window is refused before a row is stored', async () => {
  const old = CALLS.slice(15);
  const { exitCode, error, rows } = await firstRun('seconds', () => old);
  expect({ exitCode, rows }).toEqual({ exitCode: 4, rows: 0 });
  expect(error).toBe(
    'capped.calls: /v1/calls: none of the 4 records of this page began in the window that was requested; expected all of them. ' +
      "The vendor does not understand the window: correct window.as, which is 'seconds', or from and to in ask. Nothing of it is stored",
  );
});

test('a vendor that shows the last days whatever window is requested is refused at the second window', async () => {
  const { exitCode, error } = await firstRun('seconds', () => CALLS.slice(0, 4));
  expect(exitCode).toBe(4);
  expect(error).toContain('none of the 4 records of this page began in the window that was requested');
});

test.each([
  ['seconds', 'seconds', 0],
  ['millis', 'seconds', 1],
  // Each window shows everything then.
  ['seconds', 'millis', 0],
] as const)(
  'where windows are optional, one in %s of which the vendor reads %s gives %d warnings',
  async (as, wanted, count) => {
    const store = memoryStore();
    const server = await scriptedServer((request) => {
      const found = request.query['from'] === undefined ? CALLS : within(wanted)(request);
      const calls = found.map(({ id, ms }) => ({ id, started_at: Math.floor(ms / 1000), opt_out: false })).reverse();
      return { json: { calls, meta: { current_page: 1, total: calls.length, next_page_link: null } } };
    });
    const ask: CollectionStream['ask'] = ({ page, from, to = from === undefined ? from : 1e15 }) => ({
      query: { page, from, to },
    });
    const window: WindowRule = { by: 'started_at', as };
    const calls = { ...(capped.streams['calls'] as CollectionStream), details: {}, pageSize: 50, window, ask };
    const source = defineSource({
      ...capped,
      streams: { calls: { ...calls, tiers: [{ every: '15m', back: '20d' }] } },
    });
    const settings = parseSettings({ sources: { capped: { baseUrl: server.url, maxRps: 1000 } } }, 'test');
    const ports = makePorts({ store, env: { CAPPED_API_ID: 'id', CAPPED_API_TOKEN: 'token' } });
    for (const hours of [0, 1]) {
      const request = { account: 'default', at: new Date(BEGIN + hours * HOUR), settings };
      expect((await extractAccount(source, request, ports)).exitCode).toBe(0);
    }
    const warned = ports.lines.filter((line) => JSON.stringify(line).includes('a window shows no record, and'));
    expect(warned).toHaveLength(count);
  },
);
