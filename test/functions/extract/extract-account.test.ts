import { describe, expect, test } from 'vitest';
import { extractAccount } from '../../../functions/extract/extract-account.ts';
import { commitKey } from '../../../functions/lake/objects.ts';
import { parseSettings } from '../../../functions/settings.ts';
import { headers } from '../../../functions/source/auth.ts';
import { type DailyStream, defineSource, type SourceContext, type Stream } from '../../../functions/source/source.ts';
import { type MemoryStore, memoryStore } from '../../../local/lake/memory-store.ts';
import { commitsOf } from '../../helpers/fold-staged.ts';
import { makePorts } from '../../helpers/ports.ts';
import { type ScriptedAnswer, scriptedServer } from '../../helpers/scripted-server.ts';
import { UNIT_AT, unitRecord, unitStream, unitTable } from '../../helpers/session.ts';

const stream = (name: string): Stream => ({
  ...unitStream,
  path: `/${name}`,
  tables: [{ ...unitTable, name: `unit_${name}` }],
});
const NAMES = ['first', 'second', 'third'];
const unit = defineSource({
  name: 'unit',
  baseUrl: 'https://unit.example',
  auth: headers({ 'x-unit-key': 'UNIT_KEY' }),
  streams: Object.fromEntries(NAMES.map((name) => [name, stream(name)])),
});
const page: ScriptedAnswer = { json: { records: [unitRecord('a')], more: false } };

interface RunOptions {
  readonly streams?: readonly string[];
  readonly put?: MemoryStore['put'];
  readonly window?: { readonly from: Date; readonly to: Date };
}

/** A run of three streams. @param answers by stream, or by stream and page */
async function run(
  store: MemoryStore,
  answers: Readonly<Record<string, ScriptedAnswer>> = {},
  { streams, put, window }: RunOptions = {},
) {
  const answerOf = (name: string, number: string | undefined) => answers[`${name}/${number}`] ?? answers[name] ?? page;
  const server = await scriptedServer(({ path, query }) => answerOf(path.slice(1), query['page']));
  const ports = makePorts({ store: { ...store, ...(put ? { put } : {}) }, env: { UNIT_KEY: 'k' } });
  const settings = parseSettings({ sources: { unit: { baseUrl: server.url, maxRps: 1000 } } }, 'test');
  const request = { account: 'default', at: new Date(UNIT_AT), settings, streams, window };
  const result = await extractAccount(unit, request, ports);
  return { ...result, asked: server.requests.map(({ path }) => path.slice(1)), ports };
}
const statuses = ({ streams }: Awaited<ReturnType<typeof run>>) =>
  streams.map(({ stream: name, status, exitCode }) => `${name} ${status} ${exitCode}`);
const id = (name: string) => ({ source: 'unit', account: 'default', stream: name });

/** Lets another run commit just before the second stream's commit. */
function overtaken(store: MemoryStore): MemoryStore['put'] {
  return async (key, body, options) => {
    if (key === commitKey(id('second'), 1)) {
      const { crc32: _, ...commit } = JSON.parse(Buffer.from(body).toString('utf8'));
      await store.put(key, Buffer.from(JSON.stringify({ ...commit, loadId: 'of another run' })));
    }
    return store.put(key, body, options);
  };
}

describe('a run of an account', () => {
  test('reads its streams one after the other', async () => {
    const store = memoryStore();
    const result = await run(store);
    expect(statuses(result)).toEqual(['first ok 0', 'second ok 0', 'third ok 0']);
    expect(result).toMatchObject({ source: 'unit', account: 'default', at: '2026-11-01T09:00:00.000Z', exitCode: 0 });
    expect(result.asked).toEqual(NAMES);
    expect([...store.objects.keys()].filter((key) => key.startsWith('leases/'))).toEqual([
      'leases/unit/default/000000000001.json',
      'leases/unit/default/000000000001.released',
    ]);
  });

  test('continues after a stream that failed, and ends with the worst exit code', async () => {
    const result = await run(memoryStore(), { first: { status: 400, body: '{}' } });
    expect(statuses(result)).toEqual(['first failed 4', 'second ok 0', 'third ok 0']);
    expect(result.exitCode).toBe(4);
  });

  test.each([401, 403])('ends when the vendor refuses the credentials with %d', async (status) => {
    const result = await run(memoryStore(), { second: { status, body: '{}' } });
    expect(statuses(result)).toEqual(['first ok 0', 'second failed 2']);
    expect(result.exitCode).toBe(2);
  });
});

describe('a run that is overtaken by another', () => {
  test('reports the streams before it, including their failures', async () => {
    const store = memoryStore();
    const result = await run(store, { first: { status: 400, body: '{}' } }, { put: overtaken(store) });
    expect(statuses(result)).toEqual(['first failed 4', 'second busy 0']);
    expect(result.exitCode).toBe(4);
    expect(result.error).toBeUndefined();
    expect(result.ports.lines.filter(({ level }) => level === 'warn')).toEqual([
      {
        level: 'warn',
        message: expect.stringContaining('another run committed first'),
        fields: expect.objectContaining({ stream: 'second', status: 'busy' }),
      },
    ]);
  });

  test('reports the streams before it if none failed', async () => {
    const store = memoryStore();
    const result = await run(store, {}, { put: overtaken(store) });
    expect(statuses(result)).toEqual(['first ok 0', 'second busy 0']);
    expect(result.exitCode).toBe(0);
    expect(await commitsOf(store, id('first'))).toHaveLength(1);
    expect(await commitsOf(store, id('third'))).toEqual([]);
  });
});

describe('a run of some streams', () => {
  test('requests only these, and can read the digests of the others', async () => {
    const store = memoryStore();
    await run(store);
    const result = await run(store, {}, { streams: ['first', 'third'] });
    expect(result.asked).toEqual(['first', 'third']);
    expect(statuses(result)).toEqual(['first ok 0', 'third ok 0']);
  });

  test('ends at a stream whose state cannot be read, and reports the streams before it', async () => {
    const store = memoryStore();
    await run(store);
    store.objects.set(commitKey(id('second'), 1), Buffer.from('{}'));
    const result = await run(store, { first: { status: 503, body: '' } }, { streams: ['first', 'third'] });
    expect(statuses(result)).toEqual(['first failed 3', 'second failed 4']);
    expect(result.streams[1]?.error).toContain(commitKey(id('second'), 1));
    expect([result.exitCode, result.error]).toEqual([4, undefined]);
    expect(result.asked.filter((name) => name !== 'first')).toEqual([]);
  });
});

test('a run that finds another one in progress reads nothing', async () => {
  const store = memoryStore();
  await store.put(
    'leases/unit/default/000000000001.json',
    Buffer.from(JSON.stringify({ host: 'elsewhere', pid: 1, born: 'b', at: UNIT_AT })),
  );
  const server = await scriptedServer(() => page);
  const settings = parseSettings({ sources: { unit: { baseUrl: server.url } } }, 'test');
  const ports = makePorts({ store, env: { UNIT_KEY: 'k' }, process: { isGone: () => false } });
  const result = await extractAccount(unit, { account: 'default', at: new Date(UNIT_AT), settings }, ports);
  expect(result).toMatchObject({ streams: [], exitCode: 0, error: 'unit: another run is in progress' });
  expect(server.requests).toEqual([]);
});

test('a backfill reads a stream once, also while a full scan of scheduled runs is in progress', async () => {
  const store = memoryStore();
  const more = { json: { records: [unitRecord('a'), unitRecord('b', 1)], more: true } };
  const unwilling = { status: 429, body: '', headers: { 'retry-after': '100000' } };
  const cut = await run(store, { 'first/1': more, 'first/2': unwilling });
  expect(cut.exitCode).toBe(6);
  expect((await commitsOf(store, id('first'))).at(-1)?.state).toHaveProperty('scan');
  const window = { from: new Date(UNIT_AT - 3_600_000), to: new Date(UNIT_AT) };
  expect((await run(store, {}, { window })).asked).toEqual(['first', 'second', 'third']);
});

test('figures of days are requested from the day of the earliest record', async () => {
  const server = await scriptedServer(({ path }) => ({
    json: { records: path === '/days' ? [] : [unitRecord('a', 5 * 24 * 60), unitRecord('b', 24 * 60)], more: false },
  }));
  const days: Partial<DailyStream> = {
    ...{ kind: 'daily', historyFrom: ['first'], window: { by: 'at', as: 'day' } },
    ask: ({ from, to }) => ({ query: { from, to } }),
  };
  const streams = { first: stream('first'), days: { ...stream('days'), ...days } as Stream };
  const ports = makePorts({ store: memoryStore(), env: { UNIT_KEY: 'k' } });
  const settings = parseSettings({ sources: { unit: { baseUrl: server.url, maxRps: 1000 } } }, 'test');
  await extractAccount({ ...unit, streams }, { account: 'default', at: new Date(UNIT_AT), settings }, ports);
  expect(server.requests.filter(({ path }) => path === '/days').map(({ query }) => query)).toMatchObject([
    { from: '2026-10-27', to: '2026-11-01' },
  ]);
});

test('a stream that lists its partitions by one that failed fails as that one did', async () => {
  const server = await scriptedServer(() => ({ status: 400, body: '{}' }));
  const second = {
    ...stream('second'),
    partitions: ({ recordsOf }: SourceContext) =>
      [...recordsOf('first').keys()].map((name) => ({ id: name, context: {} })),
  };
  const ports = makePorts({ store: memoryStore(), env: { UNIT_KEY: 'k' } });
  const settings = parseSettings({ sources: { unit: { baseUrl: server.url, maxRps: 1000 } } }, 'test');
  const streams = { first: stream('first'), second };
  const result = await extractAccount(
    { ...unit, streams },
    { account: 'default', at: new Date(UNIT_AT), settings },
    ports,
  );
  expect(statuses(result as never)).toEqual(['first failed 4', 'second failed 4']);
  expect(result.streams[1]?.error).toContain('no record of stream first is known');
});
