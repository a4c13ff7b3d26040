import { expect, test } from 'vitest';
import { extractAccount } from '../../../functions/extract/extract-account.ts';
import { parseSettings } from '../../../functions/settings.ts';
import { type CollectionStream, defineSource, type Stream } from '../../../functions/source/source.ts';
import { committedRows } from '../../../local/commands/check-source/committed-rows.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import capped from '../../fixtures/sources/capped.ts';
import { commitsOf, foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { KISMET_ENV, scriptedKismet } from '../../helpers/kismet.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';
import { scriptedServer } from '../../helpers/scripted-server.ts';

const HOUR = 3_600_000;
const BEGIN = Date.parse('2026-11-01T09:00:00Z');
const at = (hours: number) => new Date(BEGIN + hours * HOUR);

/** Calls of a line, one each two days, newest first; their ids begin with the line. */
const callsOf = (line: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    id: `${line}-${n}`,
    started_at: BEGIN / 1000 - (n * 48 + 1) * 3600,
    opt_out: false,
  }));

/** A vendor that lists the calls of each line, unordered for who asks for no order, and filters them by time. */
async function linesWorld(window: Partial<CollectionStream['window']> = {}) {
  const store = memoryStore();
  const lists: Record<string, ReturnType<typeof callsOf>> = {
    a: callsOf('a', 9),
    b: callsOf('b', 30),
    c: callsOf('c', 9),
  };
  const server = await scriptedServer(({ query: { line = '', from, to, page, per_page: size } }) => {
    const found = (lists[line] ?? []).filter(
      ({ started_at: began }) => began >= Number(from ?? 0) && began <= Number(to ?? Infinity),
    );
    const end = Number(page) * Number(size);
    const link = end < found.length ? 'https://elsewhere.example/next' : null;
    const calls = found.slice(end - Number(size), end);
    return { json: { calls, meta: { current_page: Number(page), total: found.length, next_page_link: link } } };
  });
  const calls: Stream = {
    ...(capped.streams['calls'] as CollectionStream),
    ...{ order: [], details: {}, window: { by: 'started_at', as: 'seconds', ...window } },
    partitions: ({ options: { CAPPED_LINES = '' } }) =>
      CAPPED_LINES.split(',').map((id) => ({
        ...{ id, context: {}, query: { line: id } },
        ...(id === 'c' && { sweepOnly: true }),
      })),
  };
  const source = defineSource({ ...capped, options: ['CAPPED_LINES'], streams: { calls } });
  const settings = parseSettings({ sources: { capped: { baseUrl: server.url, maxRps: 1000 } } }, 'test');
  const run = async (hours: number, lines: string, mostRequests = Number.POSITIVE_INFINITY) => {
    const before = server.requests.length;
    let looks = 0;
    const ports = makePorts({
      store,
      env: { CAPPED_API_ID: 'id', CAPPED_API_TOKEN: 'token', CAPPED_LINES: lines },
      remainingMs: () => (looks++ > 0 && server.requests.length - before >= mostRequests ? 0 : 1_000_000),
    });
    const { exitCode } = await extractAccount(source, { account: 'default', at: at(hours), settings }, ports);
    const asked = server.requests.slice(before).map(({ query: { line, from } }) => `${line} ${from ? 'since' : 'all'}`);
    return { exitCode, asked };
  };
  const id = { source: 'capped', account: 'default', stream: 'calls' };
  const rows = async () => committedRows(makePorts({ store }), await commitsOf(store, id), calls.tables[0]);
  const stored = async () => (await rows()).size;
  const deleted = async () => [...(await rows())].flatMap(([key, row]) => (row['_deleted_at'] === null ? [] : [key]));
  return { lists, run, stored, deleted };
}

test('a new list is read completely by the next run, and only once', async () => {
  const { run, stored } = await linesWorld();
  await run(0, 'a');
  expect(await stored()).toBe(9);
  expect((await run(1, 'a')).asked).toEqual(['a since']);
  const { exitCode, asked } = await run(2, 'a,b');
  expect({ exitCode, stored: await stored() }).toEqual({ exitCode: 0, stored: 39 });
  expect(asked).toEqual(['a since', ...Array.from({ length: 8 }, () => 'b all')]);
  expect((await run(3, 'a,b')).asked).toEqual(['a since', 'b since']);
});

test('a new list that only full scans read is read by the next run, and only once', async () => {
  const { run, stored } = await linesWorld();
  await run(0, 'a');
  await run(1, 'a');
  const { exitCode, asked } = await run(2, 'a,c');
  expect({ exitCode, stored: await stored() }).toEqual({ exitCode: 0, stored: 18 });
  expect(asked).toContain('c all');
  expect((await run(3, 'a,c')).asked).toEqual(['a since']);
});

test('a new list is read completely where each read must have a window', async () => {
  const { run, stored } = await linesWorld({ longest: '20d', required: { back: '90d' } });
  await run(0, 'a');
  expect((await run(2, 'a,b')).exitCode).toBe(0);
  expect(await stored()).toBe(39);
});

test('a new list that takes longer than a run is read by the runs after it', async () => {
  const { run, stored } = await linesWorld();
  await run(0, 'a');
  expect((await run(2, 'a,b', 4)).exitCode).toBe(6);
  for (const hours of [3, 4, 5, 6]) await run(hours, 'a,b', 7);
  expect(await stored()).toBe(39);
  expect(await run(7, 'a,b')).toEqual({ exitCode: 0, asked: ['a since', 'b since'] });
});

test('a list that a setting adds is read completely by the next run (KISMET_USER_IDS)', async () => {
  const store = memoryStore();
  const calls = (user: number) =>
    Array.from({ length: 60 }, (_, n) => ({
      id: user * 100 + n,
      created_at: new Date(BEGIN - (n * 24 + 1) * HOUR).toISOString(),
    }));
  const { url } = await scriptedKismet([], { 1: calls(1), 2: calls(2) });
  const run = async (hours: number, ids: string) => {
    const ports = makePorts({ store, env: { ...KISMET_ENV, KISMET_USER_IDS: ids } });
    return (await runSource('kismet', { at: at(hours), url, streams: ['calls'] }, ports)).exitCode;
  };
  expect([await run(0, '1'), await run(1, '1'), await run(2, '1,2')]).toEqual([0, 0, 0]);
  expect(rowsOf(await foldSource(store, 'kismet'), 'kismet_calls').size).toBe(120);
});

test('the calls of a list that is not requested any more are not marked removed', async () => {
  const { lists, run, deleted } = await linesWorld();
  lists['b'] = callsOf('b', 3);
  await run(0, 'a,b');
  lists['a']?.pop();
  await run(73, 'a');
  expect((await run(75, 'a')).exitCode).toBe(0);
  expect(await deleted()).toEqual(['a-8']);
});
