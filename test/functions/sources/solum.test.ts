import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';
import { scriptedServer } from '../../helpers/scripted-server.ts';
import { solumCall, solumCalls, solumServer } from '../../helpers/solum-server.ts';

const env = { SOLUM_API_KEY: 'key' };
const AT = '2026-11-01T09:00:00Z';

describe('Solum', () => {
  test('is requested from page 1 with its key, and for everything at first, in the largest pages of its document', async () => {
    const server = await solumServer(solumCalls(120));
    await runSource('solum', { at: AT, url: `${server.url}/proxy/` }, makePorts({ env }));
    expect(server.requests.map(({ method, path, query }) => [method, path, query])).toEqual([
      ['GET', '/proxy/v1/calls', { page: '1', limit: '100' }],
      ['GET', '/proxy/v1/calls', { page: '2', limit: '100' }],
    ]);
    expect(server.requests[0]?.headers['x-api-key']).toBe('key');
  });

  test('is requested with its own filter in a backfill, and the schedule continues unchanged', async () => {
    const server = await solumServer(solumCalls(60));
    const store = memoryStore();
    await runSource('solum', { at: AT, url: server.url }, makePorts({ store, env }));
    const window = { from: new Date('2026-10-30T00:00:00Z'), to: new Date('2026-10-31T00:00:00Z') };
    const result = await runSource('solum', { at: AT, url: server.url, window }, makePorts({ store, env }));
    expect(result.exitCode).toBe(0);
    expect(server.requests.at(-1)?.query).toMatchObject({
      started_gte: '2026-10-30T00:00:00.000Z',
      started_lte: '2026-10-31T00:00:00.000Z',
    });
    const before = server.requests.length;
    await runSource('solum', { at: '2026-11-01T10:00:00Z', url: server.url }, makePorts({ store, env }));
    expect(server.requests.length - before).toBe(1);
  });

  test('becomes rows as documented: minutes unchanged, number and patient hashed', async () => {
    const call = solumCall('a', 0, {
      org_id: 'o',
      assistant_id: 'x',
      type: 'inbound',
      ended_at: '2026-11-01T08:02:03Z',
      summary: 'S',
      category: 'billing',
      customer_number: '(555) 123-4567',
      duration_min: 2.05,
      patient_id: 'p',
      language: 'english',
      sessions_scheduled: '2',
      tags: ['new'],
    });
    const { url } = await solumServer([call]);
    const store = memoryStore();
    await runSource('solum', { at: AT, url }, makePorts({ store, env }));
    const row = rowsOf(await foldSource(store, 'solum'), 'solum_calls').get('a');
    expect(row).toMatchObject({
      account: 'default',
      duration_min: 2.05,
      sessions_scheduled: 2n,
      summary: 'S',
      _extra: '{"tags":["new"]}',
      started_at: Date.parse('2026-11-01T08:00:00Z'),
      _part_on: Date.parse('2026-11-01') / 86_400_000,
      _deleted_at: null,
      _op: 'upsert',
    });
    for (const name of ['customer_number_hash', 'patient_id_hash', '_caller_hash'])
      expect(row?.[name]).toMatch(/^[0-9a-f]{64}$/);
    expect(row?.['_caller_hash']).not.toBe(row?.['customer_number_hash']);
  });

  test.each([
    ['an object', { detail: { type: 'x', code: 'y', message: 'Jane Doe', param: null } }],
    ['a list', { detail: [{ type: 'int_parsing', loc: ['query', 'page'], msg: 'Jane Doe' }] }],
    ['text', { detail: 'Jane Doe' }],
  ])('fails the run with exit 4 if it explains a failure by %s, which is not quoted', async (_how, json) => {
    for (const status of [422, 200]) {
      const { url } = await scriptedServer(() => ({ status, body: JSON.stringify(json) }));
      const ports = makePorts({ env });
      const result = await runSource('solum', { at: AT, url }, ports);
      expect(result.exitCode).toBe(4);
      expect(JSON.stringify([result, ports.lines])).not.toContain('Jane');
    }
  });

  test('is described by the kind of fault, never by its value, if an answer is malformed', async () => {
    const { url } = await scriptedServer(() => ({ json: { data: [], pagination: 'Jane Doe' } }));
    const { streams } = await runSource('solum', { at: AT, url }, makePorts({ env }));
    expect(streams[0]?.error).toBe(
      "solum.calls: GET /v1/calls: the answer is not what the vendor's document says: pagination is other text; expected an object",
    );
  });
});
