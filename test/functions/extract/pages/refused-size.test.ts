import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { commitsOf, foldSource, rowsOf } from '../../../helpers/fold-staged.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { type RunOptions, runFor, runSource } from '../../../helpers/run-source.ts';
import { type ScriptedAnswer, type ScriptedRequest, scriptedServer } from '../../../helpers/scripted-server.ts';
import { solumCall, solumCalls, solumServer } from '../../../helpers/solum-server.ts';
import { ZUDU_ENV, zuduCalls, zuduServer } from '../../../helpers/zudu-server.ts';

const AT = '2026-11-01T09:00:00Z';
const NEXT = '2026-11-01T12:00:00Z';
const SOLUM_ENV = { SOLUM_API_KEY: 'key' };
const SOLUM = { source: 'solum', account: 'default', stream: 'calls' };

const asked = (requests: readonly ScriptedRequest[]) =>
  requests.map(({ query: { page, limit } }) => `${page}×${limit}`);

/** Solum's calls, for a vendor that refuses pages of more records. */
const limitedTo = (most: number, calls = solumCalls(120), refusal: ScriptedAnswer = { status: 422, body: '{}' }) =>
  solumServer(calls, { bend: (page, { query }) => (Number(query['limit']) > most ? refusal : page) });

async function warningsOf(options: RunOptions, store = memoryStore()) {
  const ports = makePorts({ store, env: SOLUM_ENV });
  const result = await runSource('solum', options, ports);
  const warnings = ports.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
  return { result, warnings };
}

describe('a vendor that refuses the size of a page', () => {
  test.each([400, 422])('with %i is read in pages as large as it allows, now and later', async (status) => {
    const calls = solumCalls(120);
    const { url, requests } = await limitedTo(25, calls, { status, body: '{}' });
    const store = memoryStore();
    const { result, warnings } = await warningsOf({ at: AT, url }, store);
    expect(result).toMatchObject({ exitCode: 0, streams: [{ status: 'ok', records: 120 }] });
    expect(asked(requests)).toEqual(['1×100', '1×5', '1×25', '1×50', '1×25', '2×25', '3×25', '4×25', '5×25']);
    expect(warnings).toEqual(['the vendor refuses pages of 100 records; continuing with pages of 25']);
    expect((await commitsOf(store, SOLUM)).at(-1)).toMatchObject({ scans: [{ complete: true, records: 120 }] });
    calls.unshift(solumCall('new', -90));
    requests.length = 0;
    expect((await warningsOf({ at: NEXT, url }, store)).warnings).toEqual([]);
    expect(asked(requests)).toEqual(['1×25', '2×25']);
    expect(rowsOf(await foldSource(store, 'solum'), 'solum_calls').size).toBe(121);
  });

  test('is read by the next run from where this one was cut, wherever that was', async () => {
    for (let cut = 1; cut <= 10; cut += 1) {
      const { url, requests, close } = await limitedTo(25);
      const store = memoryStore();
      await runFor(cut, 'solum', { at: AT, url }, store, SOLUM_ENV);
      requests.length = 0;
      expect((await warningsOf({ at: NEXT, url }, store)).result.exitCode).toBe(0);
      if (cut > 5) expect(requests.map(({ query }) => Number(query['limit'])).every((size) => size <= 25)).toBe(true);
      expect(rowsOf(await foldSource(store, 'solum'), 'solum_calls').size).toBe(120);
      await close();
    }
  });

  test('is read on from the beginning of the usual page in which a full scan was cut', async () => {
    const { url, requests } = await limitedTo(25);
    const store = memoryStore();
    expect((await runFor(8, 'solum', { at: AT, url }, store, SOLUM_ENV)).exitCode).toBe(6);
    requests.length = 0;
    expect((await warningsOf({ at: AT, url }, store)).result.exitCode).toBe(0);
    // The scan was cut after 75 records, in the middle of the second page of 50.
    expect(asked(requests).slice(-3)).toEqual(['3×25', '4×25', '5×25']);
  });

  test('later on is read in smaller pages from then on', async () => {
    let most = 100;
    const calls = solumCalls(120);
    const { url, requests } = await solumServer(calls, {
      bend: (page, { query }) => (Number(query['limit']) > most ? { status: 400, body: '{}' } : page),
    });
    const store = memoryStore();
    await warningsOf({ at: AT, url }, store);
    most = 30;
    calls.unshift(solumCall('new', -90));
    requests.length = 0;
    expect((await warningsOf({ at: NEXT, url }, store)).result.exitCode).toBe(0);
    expect(asked(requests)).toEqual(['1×50', '1×5', '1×25', '1×50', '1×25', '2×25']);
    expect(rowsOf(await foldSource(store, 'solum'), 'solum_calls').size).toBe(121);
  });
});

test.each([
  { says: 'refuses pages of every size', most: 0, refusal: { status: 400, body: '{}' }, requests: ['1×100', '1×5'] },
  { says: 'has no such list', most: 0, refusal: { status: 404, body: '{}' }, requests: ['1×100'] },
  { says: 'has another conflict', most: 25, refusal: { status: 409, body: '{}' }, requests: ['1×100'] },
])('a vendor that $says fails as it did', async ({ most, refusal, requests: expected }) => {
  const { url, requests } = await limitedTo(most, undefined, refusal);
  const { result, warnings } = await warningsOf({ at: AT, url });
  expect(result).toMatchObject({
    exitCode: 4,
    streams: [{ error: expect.stringContaining(`GET /v1/calls answered ${refusal.status}`) }],
  });
  expect(asked(requests)).toEqual(expected);
  expect(warnings).toEqual([]);
});

test('a page that is refused once is no reason to request smaller ones', async () => {
  let isFirst = true;
  const { url, requests } = await solumServer(solumCalls(120), {
    bend: (page) => {
      const wasFirst = isFirst;
      isFirst = false;
      return wasFirst ? { status: 400, body: '{}' } : page;
    },
  });
  const store = memoryStore();
  expect((await warningsOf({ at: AT, url }, store)).result.exitCode).toBe(4);
  expect(asked(requests)).toEqual(['1×100', '1×5', '1×25', '1×50', '1×100']);
  requests.length = 0;
  expect((await warningsOf({ at: AT, url }, store)).result.exitCode).toBe(0);
  expect(asked(requests).slice(-2)).toEqual(['1×100', '2×100']);
});

test.each([
  { says: 'is read by the next variant', refusesPost: false, exitCode: 0, records: 60 },
  { says: 'fails if that is refused too', refusesPost: true, exitCode: 4, records: 0 },
])('a list of which the vendor refuses the first page $says', async ({ refusesPost, exitCode, records }) => {
  const { url, requests } = await zuduServer(zuduCalls(60), (_data, { method, query }) =>
    (method === 'POST' ? refusesPost : Object.keys(query).length > 0) ? { status: 400, body: '{}' } : undefined,
  );
  const store = memoryStore();
  const run = (at: string) => runSource('zudu', { at, url }, makePorts({ store, env: ZUDU_ENV }));
  expect((await run(AT)).exitCode).toBe(exitCode);
  expect(rowsOf(await foldSource(store, 'zudu'), 'zudu_calls').size).toBe(records);
  expect(requests.length).toBeLessThan(10);
  requests.length = 0;
  expect((await run(NEXT)).exitCode).toBe(exitCode);
  expect(requests.some(({ method }) => method === 'GET')).toBe(refusesPost);
});

test('several lists learn the size of a page from the first of them', async () => {
  const users = [101, 102, 103];
  const { url, requests } = await scriptedServer(({ path, query }) => {
    if (Number(query['per_page']) > 50) return { status: 422, body: '{}' };
    const pagination = { current_page: Number(query['page']), total_pages: 1, total_count: 1 };
    const user = /\/(\d+)\/calls$/.exec(path)?.[1];
    if (user) return { json: { calls: [{ id: Number(user) * 10, created_at: AT }], pagination } };
    if (!path.endsWith('/organization_users')) return { json: { audit_logs: [], pagination } };
    const listed = users.map((id) => ({ id }));
    return { json: { organization_users: listed, pagination: { ...pagination, total_count: 3 } } };
  });
  const store = memoryStore();
  const env = { KISMET_CLIENT_ID: 'id', KISMET_CLIENT_SECRET: 'secret' };
  const streams = ['organization_users', 'calls'];
  expect((await runSource('kismet', { at: AT, url, streams }, makePorts({ store, env }))).exitCode).toBe(0);
  expect(requests.filter(({ query }) => query['per_page'] === '100')).toHaveLength(4);
  expect(requests.length).toBeLessThan(20);
  expect(rowsOf(await foldSource(store, 'kismet'), 'kismet_calls').size).toBe(3);
});
