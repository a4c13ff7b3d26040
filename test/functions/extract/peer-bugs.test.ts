import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { clinic, idsOf } from '../../helpers/clinic.ts';
import { commitsOf, foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { countEffects, Killed, killingStore } from '../../helpers/killing-store.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';
import { type SolumCall, solumCall, solumCalls, solumServer } from '../../helpers/solum-server.ts';

const env = { SOLUM_API_KEY: 'key' };
const ID = { source: 'solum', account: 'default', stream: 'calls' };

/** What a usual loop does: newer than the watermark, page by page, until a page is short. */
function naiveLoop(calls: readonly SolumCall[], watermark: string, size = 5): { ids: string[]; watermark: string } {
  const found: SolumCall[] = [];
  for (let page = 0; ; page += 1) {
    const records = calls.slice(page * size, (page + 1) * size);
    found.push(...records.filter((call) => String(call['started_at']) > watermark));
    if (records.length < size) break;
  }
  const newest =
    found
      .map((call) => String(call['started_at']))
      .sort()
      .at(-1) ?? watermark;
  return { ids: found.map(({ id }) => id), watermark: newest };
}

describe('unlike a naive loop, Callhouse neither loses nor repeats', () => {
  test('records of one second that span two runs (Estuary 5205)', async () => {
    const calls = solumCalls(12);
    const edge = solumCall('edge-1', -60);
    calls.unshift(edge);
    const first = naiveLoop(calls, '');
    const { run, ids } = await clinic(calls);
    await run(0);
    for (let n = 2; n <= 500; n += 1) calls.unshift(solumCall(`edge-${n}`, -60));
    expect(naiveLoop(calls, first.watermark).ids).toEqual([]);
    await run(1);
    expect(await ids()).toEqual(idsOf(calls));
  });

  test('records written while a run reads (Airbyte 80152)', async () => {
    const calls = solumCalls(12);
    let reading = false;
    const { run, ids } = await clinic(calls, {
      before: ({ query }) => {
        if (reading && query['page'] === '2') calls.unshift(solumCall('written', -1));
        if (query['page'] === '2') reading = false;
      },
      // With a total the list would be walked again in the same run.
      bend: ({ data, pagination }) => ({ data, pagination: { has_more: pagination?.['has_more'] } }),
    });
    reading = true;
    await run(0);
    expect(await ids()).not.toContain('written');
    // The watermark of a usual loop is the start of that run, and the record is older.
    expect(naiveLoop(calls, '2026-11-01T09:00:00.000Z').ids).toEqual([]);
    await run(1);
    expect(await ids()).toContain('written');
  });

  test('records that appear, or change, behind the watermark (PostHog 64417)', async () => {
    const calls = solumCalls(30);
    const { watermark } = naiveLoop(calls, '');
    const { run, ids, rows } = await clinic(calls);
    await run(0);
    calls.splice(4, 0, solumCall('late', 4 * 60 + 30));
    calls[2] = { ...(calls[2] as SolumCall), status: 'done' };
    expect(naiveLoop(calls, watermark).ids).toEqual([]);
    await run(1);
    expect(await ids()).toContain('late');
    expect((await rows()).get('3')?.['status']).toBe('done');
  });

  test('records that move to another page during a read (tap-jira 109)', async () => {
    const calls = solumCalls(15);
    let removals = 1;
    const { run, ids } = await clinic(calls, {
      before: ({ query }) => {
        if (query['page'] === '2' && removals-- > 0) calls.splice(0, 1);
      },
    });
    // The usual loop asks for page 2 of what is left, and never sees the sixth.
    const seen = [...solumCalls(15).slice(0, 5), ...solumCalls(15).slice(6)].map(({ id }) => id);
    expect(seen).not.toContain('6');
    await run(0);
    expect(await ids()).toContain('6');
  });

  test('records after a page that a filter has emptied (Airbyte CDK 1073)', async () => {
    const calls = solumCalls(15);
    const { run, ids } = await clinic(calls, {
      bend: ({ data, pagination }, { query }) => ({
        data: query['page'] === '2' ? [] : data,
        pagination: { ...pagination, total: undefined },
      }),
    });
    const pages = [calls.slice(0, 5), [], calls.slice(10)].flatMap((page) => (page.length < 5 ? [] : page));
    expect(pages).not.toHaveLength(15);
    await run(0);
    expect(await ids()).toEqual(expect.arrayContaining(['11', '15']));
  });

  test('rows in files that failed attempts left in the lake (Airbyte 13692)', async () => {
    const calls = solumCalls(7);
    const { url } = await solumServer(calls);
    const store = memoryStore();
    const options = { at: '2026-11-01T09:00:00Z', url };
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const killing = killingStore(store, { effect: 5, when: 'before' });
      await expect(runSource('solum', options, makePorts({ store: killing.store, env }))).rejects.toThrow(Killed);
      expect(countEffects(killing.effects)).toMatchObject({ 'put staging': 1 });
    }
    const files = () => [...store.objects.keys()].filter((key) => key.startsWith('staging/'));
    expect(files().length).toBe(3);
    await runSource('solum', options, makePorts({ store, env }));
    expect(files().length).toBe(1);
    const named = (await commitsOf(store, ID)).flatMap(({ staged }) => staged);
    expect(named.map(({ rows }) => rows)).toEqual([7]);
    expect(rowsOf(await foldSource(store, 'solum'), 'solum_calls').size).toBe(7);
  });
});
