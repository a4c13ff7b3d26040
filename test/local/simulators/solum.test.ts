import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Simulators, startSimulators } from '../../../local/simulators/start-simulators.ts';
import { ask, askJson } from './ask.ts';

interface Calls {
  readonly data: readonly Readonly<Record<string, string | null>>[];
  readonly pagination: { has_more: boolean; total: number; page: number; limit: number };
}

describe('solum simulator', () => {
  let sims: Simulators;
  beforeAll(async () => {
    sims = await startSimulators();
  });
  afterAll(() => sims.close());

  test('pages by 50 until has_more is false and shows each call once', async () => {
    const ids: (string | null | undefined)[] = [];
    let more = true;
    for (let page = 1; more; page += 1) {
      const { data, pagination } = await askJson<Calls>(sims, 'solum', `/v1/calls?page=${page}`);
      expect(pagination).toMatchObject({ page, limit: 50 });
      ids.push(...data.map(({ id }) => id));
      more = pagination.has_more;
      expect(more ? data.length : 50).toBe(50);
      expect(pagination.total).toBeGreaterThanOrEqual(ids.length);
      if (!more) expect(ids.length).toBe(pagination.total);
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each([
    { query: 'page=0', loc: 'page', type: 'greater_than_equal' },
    { query: 'limit=101', loc: 'limit', type: 'less_than_equal' },
    { query: 'limit=many', loc: 'limit', type: 'int_parsing' },
    { query: 'started_gte=yesterday', loc: 'started_gte', type: 'datetime_from_date_parsing' },
    { query: 'status=finished', loc: 'status', type: 'enum' },
  ])('answers 422 to $query', async ({ query, loc, type }) => {
    const { status, text } = await ask(sims, 'solum', `/v1/calls?${query}`);
    expect(status).toBe(422);
    expect(JSON.parse(text)).toMatchObject({ detail: [{ loc: ['query', loc], type }] });
  });

  test('filters by start, both ends included, and leaves out calls without a start', async () => {
    const all = await askJson<Calls>(sims, 'solum', '/v1/calls?limit=100');
    const started = all.data.filter((call) => call['started_at']?.endsWith('Z')).map((call) => call['started_at']);
    const [to, from] = [started[2] ?? '', started[20] ?? ''];
    const window = await askJson<Calls>(sims, 'solum', `/v1/calls?limit=100&started_gte=${from}&started_lte=${to}`);
    const found = window.data.map((call) => call['started_at']);
    expect(found).toContain(from);
    expect(found).toContain(to);
    const whole = await askJson<Calls>(sims, 'solum', '/v1/calls?limit=1&started_gte=2020-01-01T00:00:00Z');
    expect(whole.pagination.total).toBeLessThan(all.pagination.total);
  });

  test('answers 401, 404 and records writes', async () => {
    expect((await ask(sims, 'solum', '/v1/calls', { headers: { 'X-API-Key': 'wrong' } })).status).toBe(401);
    expect((await ask(sims, 'solum', '/v2/calls')).status).toBe(404);
    await ask(sims, 'solum', '/v1/calls', { method: 'DELETE' });
    expect(sims.requests.at(-1)).toMatchObject({ kind: 'write', method: 'DELETE' });
  });

  test('lets anything but the id be null', async () => {
    const pages = await Promise.all(
      [1, 2].map((page) => askJson<Calls>(sims, 'solum', `/v1/calls?limit=100&page=${page}`)),
    );
    const calls = pages.flatMap(({ data }) => data);
    const names = [
      'org_id',
      'assistant_id',
      'phone_number_id',
      'type',
      'started_at',
      'ended_at',
      'summary',
      'category',
    ];
    for (const name of [...names, 'customer_number', 'status', 'duration_min', 'patient_id', 'language']) {
      expect([name, calls.some((call) => call[name] === null)]).toEqual([name, true]);
      expect([name, calls.some((call) => call[name] !== null)]).toEqual([name, true]);
    }
  });
});
