import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Simulators, startSimulators } from '../../../local/simulators/start-simulators.ts';
import { ask, askJson, postZudu, type ZuduList } from './ask.ts';

async function getPage(sims: Simulators, query: string): Promise<ZuduList> {
  return askJson<ZuduList>(sims, 'zudu', `/api/calls${query}`);
}

describe('zudu simulator', () => {
  let sims: Simulators;
  beforeAll(async () => {
    sims = await startSimulators();
  });
  afterAll(() => sims.close());

  test('pages from 0 by 20 with the complete envelope and shows each call once', async () => {
    const calls: Readonly<Record<string, unknown>>[] = [];
    for (let page = 0, more = true; more; page += 1) {
      const { status, data } = await getPage(sims, page === 0 ? '' : `?page=${page}`);
      calls.push(...data.calls);
      more = data.pagination['has_next_page'] === true;
      expect(status).toBe('success');
      expect(data).toMatchObject({ sort_by: 'start_timestamp', sort_order: 'descending', applied_filters: {} });
      expect(data.returned_count).toBe(data.calls.length);
      expect(data.pagination).toMatchObject({ page, limit: 20, has_previous_page: page > 0 });
      if (!more) expect(data.pagination).toMatchObject({ total_count: calls.length, total_pages: page + 1 });
    }
    expect(new Set(calls.map((call) => call['id'])).size).toBe(calls.length);
    const starts = calls.map((call) => call['start_timestamp']).filter((start) => start !== null) as number[];
    expect(starts).toEqual(starts.toSorted((a, b) => b - a));
    expect(starts.length).toBeLessThan(calls.length);
  });

  test('lists by POST in pages of the same list', async () => {
    const byGet = await getPage(sims, '?page=1&limit=30');
    const body = { page: 1, limit: 30, sort_by: 'start_timestamp', sort_order: 'descending', filter_criteria: {} };
    const byPost = await postZudu(sims, body);
    expect(byPost.data.calls.map(({ id }) => id)).toEqual(byGet.data.calls.map(({ id }) => id));
    expect(sims.requests.at(-1)).toMatchObject({ kind: 'list', method: 'POST' });
  });

  test('echoes the filters it knows and ignores the others', async () => {
    const [from, to] = [Date.parse('2026-10-10'), Date.parse('2026-10-15')];
    const window = { lower_threshold: from, upper_threshold: to };
    const { data } = await postZudu(sims, { limit: 100, filter_criteria: { start_timestamp: window, colour: 'red' } });
    expect(data.applied_filters).toEqual({ start_timestamp: window });
    const starts = data.calls.map((call) => call['start_timestamp'] as number);
    expect(starts.length).toBeGreaterThan(0);
    expect(starts.every((start) => start >= from && start <= to)).toBe(true);
  });

  test('sorts by creation and ascending if requested', async () => {
    const { data } = await postZudu(sims, { limit: 100, sort_by: 'created_at', sort_order: 'ascending' });
    const known = data.calls.map((call) => call['created_at']).filter((at) => typeof at === 'number');
    expect(known).toEqual(known.toSorted((a, b) => a - b));
    expect(data).toMatchObject({ sort_by: 'created_at', sort_order: 'ascending' });
  });

  test('answers failures in its own envelope', async () => {
    const wrong = await ask(sims, 'zudu', '/api/calls', { headers: { 'X-API-SECRET': 'wrong' } });
    expect([wrong.status, JSON.parse(wrong.text)]).toMatchObject([401, { status: 'error', message: 'Unauthorized' }]);
    expect((await ask(sims, 'zudu', '/api/calls?page=-1')).status).toBe(400);
    expect((await ask(sims, 'zudu', '/api/elsewhere')).status).toBe(404);
    await ask(sims, 'zudu', '/api/calls/create-phone-call', { method: 'POST', body: '{}' });
    expect(sims.requests.at(-1)?.kind).toBe('write');
  });

  test('signs URLs again at every read, and changes nothing else', async () => {
    const [first, second] = [
      await ask(sims, 'zudu', '/api/calls?page=1'),
      await ask(sims, 'zudu', '/api/calls?page=1'),
    ];
    expect(first.text).not.toBe(second.text);
    const unsigned = (text: string): string => text.replaceAll(/(sig|token)=[0-9a-f]+/g, '');
    expect(unsigned(first.text)).toBe(unsigned(second.text));
    expect(first.text).not.toContain('__SIGNATURE__');
  });

  test('serves integers that no double holds, digit by digit', async () => {
    const { data } = await getPage(sims, '?limit=100');
    const { text } = await ask(sims, 'zudu', '/api/calls?limit=100');
    expect(data.calls).toHaveLength(100);
    const huge = [...text.matchAll(/:(\d{16,18})[,}]/g)].map(([, digits]) => digits ?? '');
    expect(huge.some((digits) => String(Number(digits)) !== digits)).toBe(true);
  });

  test('answers page 0 to any GET if it ignores the page', async () => {
    const stubborn = await startSimulators({ zuduGet: 'ignores-page' });
    const [first, third] = [await getPage(stubborn, ''), await getPage(stubborn, '?page=3')];
    expect(third.data.pagination['page']).toBe(0);
    expect(third.data.calls.map(({ id }) => id)).toEqual(first.data.calls.map(({ id }) => id));
    const posted = await postZudu(stubborn, { page: 3, limit: 20 });
    expect(posted.data.calls[0]?.['id']).not.toBe(first.data.calls[0]?.['id']);
    await stubborn.close();
  });

  test('ignores the date filter if configured', async () => {
    const plain = await startSimulators({ zuduDateFilter: false, callsPerVendor: 20 });
    const { data } = await postZudu(plain, { filter_criteria: { start_timestamp: { lower_threshold: 1 } } });
    expect(data.applied_filters).toEqual({});
    await plain.close();
  });

  test('gives about 3 kB a call where transcripts are nested', async () => {
    const nested = await startSimulators({ transcripts: 'nested' });
    const { text } = await ask(nested, 'zudu', '/api/calls?limit=100');
    expect(text.length / 100).toBeGreaterThan(2500);
    expect(text.length / 100).toBeLessThan(4500);
    await nested.close();
  });
});
