import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { startSimulators } from '../../../local/simulators/start-simulators.ts';
import { foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';
import { type ScriptedAnswer, scriptedServer } from '../../helpers/scripted-server.ts';

const env = { KALEM_API_TOKEN: 'token' };
type KalemCall = { readonly call_id: string; readonly started_at: string | null; readonly in: readonly string[] };
type Place = { readonly page: number; readonly size: number; readonly total: number };

const LINK = 'http://evil.example/api/v1/calls?page=2';
const ENVELOPES: Readonly<Record<string, (data: unknown[], place: Place) => object>> = {
  'the resource': (data, { page, size, total }) => ({
    data,
    links: { first: LINK, last: LINK, prev: null, next: page * size < total ? LINK : null },
    meta: {
      current_page: page,
      from: 1,
      last_page: Math.max(1, Math.ceil(total / size)),
      per_page: size,
      to: 2,
      total,
      links: [],
    },
  }),
  'the paginator': (data, { page, size, total }) => ({
    current_page: page,
    data,
    last_page: Math.max(1, Math.ceil(total / size)),
    links: [{ url: LINK, label: '1', active: true }],
    next_page_url: page * size < total ? LINK : null,
    total,
  }),
  'the simple paginator': (data, { page, size, total }) => ({
    current_page: page,
    data,
    next_page_url: page * size < total ? LINK : null,
  }),
  'the simple resource': (data, { page, size, total }) => ({
    data,
    links: { first: LINK, last: null, prev: null, next: page * size < total ? LINK : null },
    meta: { current_page: page, from: 1, path: LINK, per_page: size, to: 2 },
  }),
  'the older form': (data, { page, size, total }) => ({
    data,
    pagination: { current_page: page, total_pages: Math.ceil(total / size), total_items: total, per_page: size },
  }),
  'the paginator in an envelope': (data, { page, size, total }) => ({
    success: true,
    data: { current_page: page, data, last_page: Math.max(1, Math.ceil(total / size)), next_page_url: LINK, total },
  }),
  'the resource in an envelope': (data, { page, size, total }) => ({
    data: {
      data,
      links: { first: LINK, next: page * size < total ? LINK : null },
      meta: { current_page: page, last_page: Math.max(1, Math.ceil(total / size)), total },
    },
  }),
  'numbers as text': (data, { page, size, total }) => ({
    data,
    meta: { current_page: String(page), last_page: String(Math.max(1, Math.ceil(total / size))), total: String(total) },
  }),
  nothing: (data) => ({ data }),
};

async function kalem(calls: KalemCall[], envelope: (data: unknown[], place: Place) => object) {
  const answer = (query: Readonly<Record<string, string>>): ScriptedAnswer => {
    const chosen = calls.filter((call) => !query['direction'] || call.in.includes(query['direction']));
    const [page, size] = [Number(query['page']), Number(query['per_page'])];
    const data = chosen.slice((page - 1) * size, page * size).map(({ in: _in, ...call }) => call);
    return { json: envelope(data, { page, size, total: chosen.length }) };
  };
  const server = await scriptedServer(({ query }) => answer(query));
  const store = memoryStore();
  const run = async (day: number, hour = 9) => {
    const ports = makePorts({ store, env });
    const before = server.requests.length;
    const at = `2026-11-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00Z`;
    const result = await runSource('kalem', { at, url: server.url, pageSize: 4 }, ports);
    return { ...result, ports, requests: server.requests.slice(before) };
  };
  const directions = async () =>
    Object.fromEntries(
      [...rowsOf(await foldSource(store, 'kalem'), 'kalem_calls')].map(([id, row]) => [id, row['direction']]).sort(),
    );
  return { server, store, run, directions };
}

const START_MS = Date.parse('2026-11-01T08:00:00Z');
function call(id: string, hoursAgo: number, ...lists: string[]): KalemCall {
  return {
    call_id: id,
    started_at: new Date(START_MS - hoursAgo * 3_600_000).toISOString().replace('Z', '+00:00'),
    in: lists,
  };
}
const mixed = () => Array.from({ length: 11 }, (_, n) => call(`c${n}`, n, n % 3 === 0 ? 'inbound' : 'outbound'));

describe('Kalem', () => {
  test.each(Object.keys(ENVELOPES))(
    'is read to the end with the envelope %s, and no link is followed',
    async (shape) => {
      const calls = mixed();
      const { run, directions, server } = await kalem(calls, ENVELOPES[shape] ?? ((data) => ({ data })));
      const first = await run(1);
      expect(first.exitCode).toBe(0);
      expect(await directions()).toEqual(Object.fromEntries(calls.map((one) => [one.call_id, one.in[0]])));
      calls.unshift(call('new', -1, 'inbound'));
      expect((await run(1, 10)).exitCode).toBe(0);
      expect((await directions())['new']).toBe('inbound');
      expect(server.requests.every(({ path, method }) => path === '/api/v1/calls' && method === 'GET')).toBe(true);
    },
  );

  test('is requested once per direction, and without a direction in a full scan', async () => {
    const { run, server } = await kalem(mixed(), ENVELOPES['the resource'] ?? Object);
    const sweep = await run(1);
    expect(new Set(sweep.requests.map(({ query }) => query['direction']))).toEqual(
      new Set(['inbound', 'outbound', undefined]),
    );
    const next = await run(1, 10);
    expect(new Set(next.requests.map(({ query }) => query['direction']))).toEqual(new Set(['inbound', 'outbound']));
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer token', accept: 'application/json' });
    expect(server.requests[0]?.query).toEqual({ page: '1', per_page: '4', direction: 'inbound' });
  });

  test('counts what is wrong with a call, or hidden, once, although several lists of a full scan show it', async () => {
    const wrong = { ...call('a', 0, 'inbound'), cost: 'free', hangup_cause: 'SOME_CAUSE' };
    const [envelope = Object] = Object.values(ENVELOPES);
    const { run } = await kalem([wrong, call('b', 1, 'outbound')], envelope);
    const [calls] = (await run(1)).streams;
    expect(calls).toMatchObject({ records: 4, rejected: 1, hidden: { 'kalem_calls.hangup_cause': 1 } });
  });

  test('gives a call the direction of its list: null if it is in neither list, null and a warning if it is in both', async () => {
    const calls = [
      call('in', 0, 'inbound'),
      call('out', 1, 'outbound'),
      call('none', 2),
      call('both', 3, 'inbound', 'outbound'),
    ];
    const { run, directions } = await kalem(calls, ENVELOPES['the resource'] ?? Object);
    const { ports } = await run(1);
    expect(await directions()).toEqual({ in: 'inbound', out: 'outbound', none: null, both: null });
    const warnings = () => ports.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(warnings()).toEqual([
      'calls are in the inbound and the outbound list: the vendor ignores the direction filter; their direction is null',
    ]);
    // And so they stay, run by run, until a sweep finds them elsewhere.
    expect((await run(1, 10)).streams[0]?.changed).toBe(0);
    calls[3] = call('both', 3, 'outbound');
    calls[2] = call('none', 2, 'inbound');
    await run(1, 11);
    expect(await directions()).toEqual({ in: 'inbound', out: 'outbound', none: 'inbound', both: null });
    await run(5);
    expect(await directions()).toEqual({ in: 'inbound', out: 'outbound', none: 'inbound', both: 'outbound' });
  });

  test('assigns a call that arrives between two lists as the later lists show it', async () => {
    const calls = mixed();
    let arrived = false;
    const base = ENVELOPES['the resource'] ?? Object;
    const { run, directions } = await kalem(calls, (data, place) => {
      if (!arrived) {
        arrived = true;
        calls.unshift(call('late', -1, 'inbound'));
      }
      return base(data, place);
    });
    await run(1);
    await run(1, 10);
    expect((await directions())['late']).toBe('inbound');
  });

  test('is requested by windows, with a day of overlap, if its order does not help', async () => {
    const { run } = await kalem(mixed().reverse(), ENVELOPES['the resource'] ?? Object);
    await run(1);
    const { requests } = await run(1, 10);
    expect(requests[0]?.query).toEqual({
      page: '1',
      per_page: '4',
      direction: 'inbound',
      date_from: '2026-10-31T04:00:00+00:00',
    });
  });

  test('is requested with instants as the document writes them, since a vendor may refuse fractions of a second', async () => {
    const calls = mixed();
    const { url } = await scriptedServer(({ query: { direction, date_from: from = '2024-12-10T14:30:00+00:00' } }) => {
      if (!/^[\d-]{10}T[\d:]{8}\+00:00$/.test(from))
        return { status: 422, body: '{"errors":{"date_from":["format"]}}' };
      return {
        json: {
          data: calls.filter((one) => !direction || one.in.includes(direction)).reverse(),
          links: { next: null },
        },
      };
    });
    const ports = makePorts({ store: memoryStore(), env });
    expect((await runSource('kalem', { at: '2026-11-01T09:00:00Z', url }, ports)).exitCode).toBe(0);
    calls.unshift(call('new', -1, 'inbound'));
    expect((await runSource('kalem', { at: '2026-11-01T10:00:00.250Z', url }, ports)).exitCode).toBe(0);
    expect(rowsOf(await foldSource(ports.store, 'kalem'), 'kalem_calls').size).toBe(12);
  });

  test.each([
    ['an error body', { message: 'Server Error' }],
    ['an object instead of a list', { data: { message: 'x' } }],
    ['null', null],
  ])('is not taken as an empty list if it answers %s with status 200', async (_what, json) => {
    const { url, requests } = await scriptedServer(() => ({ json }));
    const result = await runSource('kalem', { at: '2026-11-01T09:00:00Z', url }, makePorts({ env }));
    expect(result.exitCode).toBe(4);
    // Each of its three lists is tried, and the third failure says that it is not the list.
    expect(requests).toHaveLength(24);
  });

  test.each(['meta', 'plain', 'pagination', 'links', 'bare'] as const)(
    'loses no call of the simulator in two days with envelope %s',
    async (kalemShape) => {
      const sims = await startSimulators({ callsPerVendor: 60, days: 4, kalemShape });
      const store = memoryStore();
      for (let run = 0; run < 6; run += 1) {
        const ports = makePorts({ store, env: sims.env });
        expect((await runSource('kalem', { at: sims.now(), url: sims.urls.kalem, pageSize: 10 }, ports)).exitCode).toBe(
          0,
        );
        sims.advance(8 * 3_600_000);
      }
      const rows = rowsOf(await foldSource(store, 'kalem'), 'kalem_calls');
      const served = [...sims.ledger.entries('kalem', 'calls').values()].filter(({ versions }) =>
        versions.some(({ firstServedAt }) => firstServedAt !== null),
      );
      expect(served.length).toBeGreaterThan(60);
      expect(served.filter(({ id }) => !rows.has(id))).toEqual([]);
      for (const { id, direction } of served)
        expect({ id, direction: rows.get(id)?.['direction'] }).toEqual({ id, direction });
      await sims.close();
    },
  );
});
