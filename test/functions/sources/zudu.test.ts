import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { startSimulators } from '../../../local/simulators/start-simulators.ts';
import { commitsOf, foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';
import { scriptedServer } from '../../helpers/scripted-server.ts';
import {
  ZUDU_ENV,
  ZUDU_START_MS,
  type ZuduCall,
  zuduAnswer,
  zuduCalls,
  zuduServer,
} from '../../helpers/zudu-server.ts';

const ID = { source: 'zudu', account: 'default', stream: 'calls' };

const store = memoryStore;
const run = (url: string, into: ReturnType<typeof store>, hour = 9, pageSize = 5) =>
  runSource(
    'zudu',
    { at: `2026-11-01T${String(hour).padStart(2, '0')}:00:00Z`, url, pageSize },
    makePorts({ store: into, env: ZUDU_ENV }),
  );
const idsIn = async (from: ReturnType<typeof store>) => [
  ...rowsOf(await foldSource(from, 'zudu'), 'zudu_calls').keys(),
];

describe('Zudu', () => {
  test('is requested by GET from page 0, with its two credentials', async () => {
    const server = await zuduServer(zuduCalls(12));
    const lake = store();
    expect((await run(server.url, lake)).exitCode).toBe(0);
    expect(server.requests.map(({ method, path, query }) => ({ method, path, query }))).toEqual(
      ['0', '1', '2'].map((page) => ({ method: 'GET', path: '/api/calls', query: { page, limit: '5' } })),
    );
    expect(server.requests[0]?.headers).toMatchObject({ 'x-api-key': 'key', 'x-api-secret': 'secret' });
    expect(await idsIn(lake)).toHaveLength(12);
  });

  test('is requested by the POST of the list from the moment when GET repeats a page twice, and by no other request', async () => {
    const server = await zuduServer(zuduCalls(12), (data, { method }) =>
      method === 'GET'
        ? zuduAnswer({ ...data, pagination: { page: 0, has_next_page: true, total_count: 12 } })
        : undefined,
    );
    const lake = store();
    expect((await run(server.url, lake)).exitCode).toBe(0);
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'POST', 'POST', 'POST']);
    expect(server.requests.slice(3).map(({ path, body }) => ({ path, ...JSON.parse(body) }))).toEqual(
      [0, 1, 2].map((page) => ({
        path: '/api/calls',
        page,
        limit: 5,
        sort_by: 'start_timestamp',
        sort_order: 'descending',
        filter_criteria: {},
      })),
    );
    expect(await idsIn(lake)).toHaveLength(12);
    expect((await commitsOf(lake, ID)).at(-1)?.state).toMatchObject({ variant: 'post' });
    const before = server.requests.length;
    expect((await run(server.url, lake, 10)).exitCode).toBe(0);
    expect(server.requests.slice(before).every(({ method }) => method === 'POST')).toBe(true);
  });

  test('is requested by POST too if GET repeats its page without echoing the number', async () => {
    const all = zuduCalls(12);
    const server = await zuduServer(all, (data, { method }) => {
      const { calls } = data as { calls: unknown };
      return method === 'GET' ? zuduAnswer({ calls: all.slice(0, 5) }) : zuduAnswer({ calls });
    });
    const lake = store();
    expect((await run(server.url, lake)).exitCode).toBe(0);
    expect(await idsIn(lake)).toHaveLength(12);
  });

  test('fails with exit 4, and loses no row, if POST repeats pages too', async () => {
    const server = await zuduServer(zuduCalls(12), (data) =>
      zuduAnswer({ ...data, calls: zuduCalls(5), pagination: { page: 0, has_next_page: true } }),
    );
    const lake = store();
    const result = await run(server.url, lake);
    expect(result).toMatchObject({ exitCode: 4 });
    expect(result.streams[0]?.error).toContain('expected each page once and in order');
    expect(await idsIn(lake)).toHaveLength(5);
  });

  test.each([
    { status: 'error', error: 'Database operation timed out' },
    { status: 'ERROR', error: null, data: { calls: [] } },
    { status: 'success', error: { code: 1 }, data: { calls: [] } },
    { status: 'success', error: 'x', data: { calls: [] } },
    { status: 'success', error: null },
    { status: 'success', error: null, data: null },
    { status: 'success', error: null, data: [] },
    [],
  ])('is not taken as an empty list if it reports a failure with status 200: %j', async (json) => {
    const { url, requests } = await scriptedServer(() => ({ json }));
    const result = await run(url, store());
    expect(result).toMatchObject({ exitCode: 4 });
    expect(requests).toHaveLength(8);
    expect(result.streams[0]?.error).not.toContain('Database');
  });

  test('is taken as an empty list that removes nothing if it gives null for the list', async () => {
    const lake = store();
    const all = zuduCalls(3);
    let list: unknown = all;
    const answer = () => ({ json: { data: { calls: list, pagination: { has_next_page: false } } } });
    const { url } = await scriptedServer(answer);
    for (const day of ['01', '05', '09', '13']) {
      const options = { at: `2026-11-${day}T09:00:00Z`, url };
      const ports = makePorts({ store: lake, env: ZUDU_ENV });
      expect(await runSource('zudu', options, ports)).toMatchObject({ exitCode: 0 });
      list = null;
    }
    expect(await idsIn(lake)).toHaveLength(3);
  });

  test.each([
    { status: 'success', error: null },
    { status: 'success', error: '' },
    { status: 'success', error: false },
    { status: 'success' },
    {},
  ])('is read if it reports no failure: %j', async (envelope) => {
    const data = { calls: zuduCalls(2), pagination: { page: '0', total: '2', total_pages: '1' } };
    const { url } = await scriptedServer(() => ({ json: { ...envelope, data } }));
    const lake = store();
    expect(await run(url, lake)).toMatchObject({ exitCode: 0 });
    expect(await idsIn(lake)).toHaveLength(2);
  });

  test('is read to the end with each end signal that its documents show', async () => {
    for (const sign of ['has_next_page', 'total_pages', 'none']) {
      const all = zuduCalls(12);
      const server = await zuduServer(all, (data, { query }) => {
        const page = Number(query['page']);
        const signs: Record<string, object> = {
          has_next_page: { has_next_page: page < 2 },
          total_pages: { total_pages: 3, total: 12 },
          none: {},
        };
        return zuduAnswer({ ...data, pagination: { page, ...signs[sign] } });
      });
      const lake = store();
      expect((await run(server.url, lake)).exitCode).toBe(0);
      expect(server.requests).toHaveLength(sign === 'none' ? 4 : 3);
      expect(await idsIn(lake)).toHaveLength(12);
    }
  });

  test('is read in the order that its records show, whatever the answer says about its order', async () => {
    const all = zuduCalls(60);
    const server = await zuduServer(all, (data) => zuduAnswer({ ...data, sort_order: 'ascending' }));
    const lake = store();
    await run(server.url, lake);
    expect((await commitsOf(lake, ID)).at(-1)?.state['order']).toBe('start_timestamp');
    const before = server.requests.length;
    all.unshift({ id: 'new', call_id: 'new', start_timestamp: ZUDU_START_MS + 1 });
    await run(server.url, lake, 10);
    expect(server.requests.length - before).toBeLessThan(5);
    expect(await idsIn(lake)).toHaveLength(61);
  });

  test.each(['1e400', '123456789012.1234567', '12345678901234567890', '-0.1234567890123456789'])(
    'keeps the digits of %s, whatever else the page contains',
    async (digits) => {
      const call = `{"call_id":"a","opt_out_sensitive_data_storage":false,"metadata":{"n":${digits}},"new":${digits}}`;
      const { url } = await scriptedServer(() => ({
        body: `{"data":{"calls":[${call}],"pagination":{"has_next_page":false}}}`,
      }));
      const lake = store();
      expect((await run(url, lake)).exitCode).toBe(0);
      const row = rowsOf(await foldSource(lake, 'zudu'), 'zudu_calls').get('a');
      expect(row).toMatchObject({ metadata: `{"n":${digits}}`, _extra: `{"new":${digits}}` });
    },
  );

  test('keeps a call under its first id if its call_id is assigned later', async () => {
    const all: ZuduCall[] = [{ id: 'i', call_id: null, opt_out_sensitive_data_storage: false }, ...zuduCalls(2)];
    const server = await zuduServer(all);
    const lake = store();
    await run(server.url, lake);
    all[0] = { ...all[0], call_id: 'c', call_status: 'ENDED' };
    await run(server.url, lake, 10);
    const rows = rowsOf(await foldSource(lake, 'zudu'), 'zudu_calls');
    expect(rows.size).toBe(3);
    expect(rows.get('i')).toMatchObject({ call_id: 'i', id: 'i', call_status: 'ENDED' });
  });

  test.each(['created', 'first', 'last'] as const)(
    'loses no call without a start if such calls are sorted %s',
    async (zuduNulls) => {
      const sims = await startSimulators({ callsPerVendor: 300, days: 6, zuduNulls });
      const lake = store();
      const missing = async () => {
        const ports = makePorts({ store: lake, env: sims.env });
        expect((await runSource('zudu', { at: sims.now(), url: sims.urls.zudu, pageSize: 20 }, ports)).exitCode).toBe(
          0,
        );
        const listed = [...sims.ledger.entries('zudu', 'calls').values()].filter(({ removedAt }) => removedAt === null);
        const seen = new Set([...rowsOf(await foldSource(lake, 'zudu'), 'zudu_calls').values()].map(({ id }) => id));
        return listed.map(({ versions }) => JSON.parse(versions.at(-1)?.text ?? '{}').id).filter((id) => !seen.has(id));
      };
      await missing();
      const late: number[] = [];
      for (let hour = 0; hour < 12; hour += 1) {
        sims.advance(3_600_000);
        late.push((await missing()).length);
      }
      // At the end of the list only the vendor's total tells of one, and a removal may make up for it: then the sweep finds it.
      if (zuduNulls !== 'last') expect(late).toEqual(late.map(() => 0));
      expect(Math.max(...late)).toBeLessThanOrEqual(1);
      sims.advance(72 * 3_600_000);
      expect(await missing()).toEqual([]);
      await sims.close();
    },
  );
});
