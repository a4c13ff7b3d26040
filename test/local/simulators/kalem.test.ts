import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Simulators, startSimulators } from '../../../local/simulators/start-simulators.ts';
import { ask, askJson } from './ask.ts';

interface Calls {
  readonly data: readonly Readonly<Record<string, string | number | null>>[];
  readonly meta: { current_page: number; last_page: number; per_page: number; total: number };
  readonly links: { next: string | null };
}

const LIST = '/api/v1/calls';

async function listAll(sims: Simulators, query: string): Promise<string[]> {
  const ids: string[] = [];
  for (let page = 1, last = 1; page <= last; page += 1) {
    const { data, meta } = await askJson<Calls>(sims, 'kalem', `${LIST}?${query}&page=${page}`);
    ids.push(...data.map((call) => String(call['call_id'])));
    last = meta.last_page;
    expect(meta.current_page).toBe(page);
    if (page === last) expect(meta.total).toBe(ids.length);
  }
  return ids;
}

describe('kalem simulator', () => {
  let sims: Simulators;
  beforeAll(async () => {
    sims = await startSimulators();
  });
  afterAll(() => sims.close());

  test('pages by 15 and shows each call once', async () => {
    const { data, meta } = await askJson<Calls>(sims, 'kalem', LIST);
    expect([data.length, meta.per_page]).toEqual([15, 15]);
    const ids = await listAll(sims, 'per_page=40');
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('splits calls by direction; some are in neither list', async () => {
    const [all, inbound, outbound] = await Promise.all([
      listAll(sims, 'per_page=100'),
      listAll(sims, 'per_page=100&direction=inbound'),
      listAll(sims, 'per_page=100&direction=outbound'),
    ]);
    expect(inbound.filter((id) => outbound.includes(id))).toEqual([]);
    expect(inbound.length + outbound.length).toBeLessThan(all.length);
    expect([...inbound, ...outbound].every((id) => all.includes(id))).toBe(true);
  });

  test('filters by creation with both ends included', async () => {
    const ids = await listAll(
      sims,
      `per_page=100&date_from=${encodeURIComponent('2026-10-10T00:00:00+00:00')}&date_to=2026-10-12`,
    );
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.length).toBeLessThan(40);
  });

  test.each([
    { says: 'an unknown direction', query: 'direction=sideways', field: 'direction' },
    { says: 'too many per page', query: 'per_page=101', field: 'per_page' },
    { says: 'an offset whose plus was not escaped', query: 'date_from=2026-10-10T00:00:00+00:00', field: 'date_from' },
  ])('answers 422 to $says', async ({ query, field }) => {
    const { status, text } = await ask(sims, 'kalem', `${LIST}?${query}`);
    expect(status).toBe(422);
    expect(Object.keys((JSON.parse(text) as { errors: object }).errors)).toEqual([field]);
  });

  test('escapes as PHP does and signs recordings again at every read', async () => {
    const { text } = await ask(sims, 'kalem', `${LIST}?per_page=100`);
    expect(text).toContain('https:\\/\\/storage.kalem.me\\/recordings\\/');
    expect(/[^ -~]/.test(text)).toBe(false);
    expect((await ask(sims, 'kalem', `${LIST}?per_page=100`)).text).not.toBe(text);
  });

  test('answers 401 and 404, and refuses to delete an active call', async () => {
    expect(await ask(sims, 'kalem', LIST, { headers: { Authorization: 'Bearer wrong' } })).toMatchObject({
      status: 401,
      text: '{"message":"Unauthenticated."}',
    });
    expect((await ask(sims, 'kalem', '/api/v1/elsewhere')).status).toBe(404);
    const { data } = await askJson<Calls>(sims, 'kalem', LIST);
    const active = data.find((call) => String(call['status']).startsWith('in'));
    const answer = await ask(sims, 'kalem', `${LIST}/${active?.['call_id']}`, { method: 'DELETE' });
    expect([answer.status, sims.requests.at(-1)?.kind]).toEqual([422, 'write']);
  });

  test('keeps the null rules of the document', async () => {
    const { data } = await askJson<Calls>(sims, 'kalem', `${LIST}?per_page=100`);
    for (const call of data) {
      if (call['answered_at'] === null) expect(call['duration_seconds']).toBeNull();
      if (call['ended_at'] === null)
        expect([call['hangup_cause'], call['cost'], call['recording_url']]).toEqual([null, null, null]);
    }
    expect(new Set(data.map((call) => call['status'])).size).toBeGreaterThan(3);
  });

  test.each([
    { kalemShape: 'plain', keys: ['data', 'current_page', 'first_page_url', 'from', 'last_page'] },
    { kalemShape: 'pagination', keys: ['data', 'pagination'] },
    { kalemShape: 'links', keys: ['data', 'links'] },
    { kalemShape: 'bare', keys: ['data'] },
  ] as const)('answers in the shape $kalemShape', async ({ kalemShape, keys }) => {
    const other = await startSimulators({ kalemShape, callsPerVendor: 30 });
    const body = await askJson<Calls>(other, 'kalem', `${LIST}?page=2`);
    expect(Object.keys(body).slice(0, 5)).toEqual(keys);
    expect(body.data.length).toBeGreaterThan(0);
    await other.close();
  });
});
