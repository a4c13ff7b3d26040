import { describe, expect, test } from 'vitest';
import { decodeRawPages } from '../../../../functions/lake/raw-pages.ts';
import { type MemoryStore, memoryStore } from '../../../../local/lake/memory-store.ts';
import { expandStored } from '../../../helpers/expand-stored.ts';
import { commitsOf, foldSource, rowsOf } from '../../../helpers/fold-staged.ts';
import { countEffects, killingStore } from '../../../helpers/killing-store.ts';
import { call, holding, run, SECRET } from '../../../helpers/opted-out.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { runSource } from '../../../helpers/run-source.ts';
import { ZUDU_ENV, type ZuduCall, zuduServer } from '../../../helpers/zudu-server.ts';

const ID = { source: 'zudu', account: 'default', stream: 'calls' };

describe('a call that opts out later', () => {
  /** Two calls of three read; then the first opts out. */
  async function flipped() {
    const calls = [call('a', false), call('b-first', false, { id: 'u-2' }), call('call-Ä/3', false)];
    const server = await zuduServer(calls);
    const store = memoryStore();
    await run(server.url, store, 9, 2);
    calls[0] = call('a', false, { transcript: `second ${SECRET}` });
    await run(server.url, store, 10, 2);
    expect(holding(store, SECRET).length).toBeGreaterThan(3);
    return { calls, server, store };
  }
  const frames = (store: MemoryStore) =>
    [...store.objects]
      .filter(([key]) => key.startsWith('raw/'))
      .flatMap(([, body]) => [...decodeRawPages(expandStored(body))]);

  test('loses its content in earlier raw and staged copies in the same run, and its neighbours lose nothing', async () => {
    const { calls, server, store } = await flipped();
    const before = await foldSource(store, 'zudu');
    const count = frames(store).length;
    calls[0] = call('a', true);
    expect((await run(server.url, store, 11, 2)).exitCode).toBe(0);
    for (const { context, body } of frames(store)) {
      for (const record of JSON.parse(body.toString()).data.calls) {
        expect({ context, holds: JSON.stringify(record).includes(SECRET) }).toEqual({
          context,
          holds: record.call_id !== 'a',
        });
      }
    }
    expect(frames(store).length).toBe(count + 1);
    const rows = rowsOf(await foldSource(store, 'zudu'), 'zudu_calls');
    expect(rows.get('a')).toMatchObject({
      transcript: null,
      _extra: null,
      opt_out_sensitive_data_storage: true,
      user_sentiment: 'Positive',
      from_number: null,
    });
    expect(rows.get('b-first')).toEqual(rowsOf(before, 'zudu_calls').get('b-first'));
    // Earlier versions of the row, too: only of the calls that did not opt out is anything left.
    const [first, second] = await commitsOf(store, ID);
    for (const file of [...(first?.staged ?? []), ...(second?.staged ?? [])]) {
      const content = Buffer.from(store.objects.get(file.key) ?? []).toString('latin1');
      expect(content.includes(`second ${SECRET}`)).toBe(false);
    }
    expect((await commitsOf(store, ID)).at(-1)?.state['redact']).toEqual([]);
  });

  test('loses its content even if its key can be spelt in several ways or its call_id changed', async () => {
    const { calls, server, store } = await flipped();
    calls[1] = call('b-second', false, { id: 'u-2', transcript: SECRET });
    await run(server.url, store, 11, 2);
    calls[1] = call('b-second', true, { id: 'u-2' });
    calls[2] = call('call-Ä/3', true);
    calls[0] = call('a', true);
    expect((await run(server.url, store, 12, 2)).exitCode).toBe(0);
    expect(holding(store, SECRET)).toEqual([]);
    expect(rowsOf(await foldSource(store, 'zudu'), 'zudu_calls').size).toBe(3);
  });

  test('loses its content if its call_id changed and no copy contains the first one', async () => {
    const { calls, server, store } = await flipped();
    calls[1] = call('b-second', false, { id: 'u-2', transcript: 'later words' });
    await run(server.url, store, 11, 2);
    expect(holding(store, 'later words')).toContain('raw');
    calls[1] = call('b-second', true, { id: 'u-2' });
    expect((await run(server.url, store, 12, 2)).exitCode).toBe(0);
    expect(holding(store, 'later words')).toEqual([]);
  });

  test.each([
    {
      optOut: true,
      forgotten: ['raw/zudu/default/calls/', 'staging/zudu_calls/acct=default/', 'digests/zudu/default/calls/'],
    },
    { optOut: false, forgotten: [] },
  ])('has no versions left of its earlier copies, where a store keeps them: $optOut', async ({ optOut, forgotten }) => {
    const { calls, server, store } = await flipped();
    const found: string[] = [];
    const forgetVersions = async (prefix: string) => void found.push(prefix);
    calls[0] = call('a', optOut, { transcript: 'third' });
    expect((await run(server.url, { ...store, forgetVersions } as MemoryStore, 11, 2)).exitCode).toBe(0);
    expect(found).toEqual(forgotten);
  });

  test('loses its content in the next run if this run was killed at any write or delete', async () => {
    const whole = await flipped();
    whole.calls[0] = call('a', true);
    const counting = killingStore(whole.store);
    await run(whole.server.url, counting.store as MemoryStore, 11, 2);
    // One new copy, and those of the earlier commits rewritten.
    expect(countEffects(counting.effects)).toEqual({
      'put leases': 2,
      'delete leases': 2,
      'put staging': 3,
      'put raw': 4,
      'put digests': 1,
      'put commits': 2,
    });
    for (let effect = 1; effect <= counting.effects.length; effect += 1) {
      const { calls, server, store } = await flipped();
      calls[0] = call('a', true);
      const killing = killingStore(store, { effect, when: 'before' });
      await run(server.url, killing.store as MemoryStore, 11, 2).catch(() => undefined);
      expect(killing.isDead()).toBe(true);
      expect((await run(server.url, store, 12, 2)).exitCode).toBe(0);
      const left = frames(store).flatMap(({ body }) => JSON.parse(body.toString()).data.calls as ZuduCall[]);
      expect(left.filter((record) => record['call_id'] === 'a' && JSON.stringify(record).includes(SECRET))).toEqual([]);
      expect((await commitsOf(store, ID)).at(-1)?.state['redact']).toEqual([]);
      expect(rowsOf(await foldSource(store, 'zudu'), 'zudu_calls').get('a')?.['transcript']).toBeNull();
    }
  });

  test('loses as much of its content as time allows, and the rest in the next runs', async () => {
    const slow = await flipped();
    slow.calls[0] = call('a', true);
    const found = new Set<string>();
    for (let hour = 11; hour < 40 && !found.has('done'); hour += 1) {
      let read = 0;
      const ports = makePorts({
        store: {
          ...slow.store,
          get: (key, range) => {
            if (key.startsWith('raw/') || key.startsWith('staging/')) read += 1;
            return slow.store.get(key, range);
          },
        },
        env: ZUDU_ENV,
        remainingMs: () => (read > 1 ? 0 : 1_000_000),
      });
      const at = new Date(Date.parse('2026-11-01T00:00:00Z') + hour * 3_600_000);
      await runSource('zudu', { at, url: slow.server.url, pageSize: 2, tuning: { copiesAtOnce: 1 } }, ports);
      const state = (await commitsOf(slow.store, ID)).at(-1)?.state ?? {};
      found.add((state['redact'] as string[]).length > 0 ? `left ${String(state['redactedTo'])}` : 'done');
    }
    expect(found.size).toBeGreaterThan(2);
    expect([...found].at(-1)).toBe('done');
    const left = frames(slow.store).flatMap(({ body }) => JSON.parse(body.toString()).data.calls as ZuduCall[]);
    expect(left.filter((record) => record['call_id'] === 'a' && JSON.stringify(record).includes(SECRET))).toEqual([]);
  });

  test('loses its content in copies of both formats, gzip and zstd, which stay what they are', async () => {
    const calls = [call('a', false), call('b', false, { id: 'u-2' })];
    const server = await zuduServer(calls);
    const store = memoryStore();
    const ports = makePorts({ store, env: ZUDU_ENV });
    const codec = { ...ports.codec, zstd: undefined };
    await runSource('zudu', { at: '2026-11-01T08:00:00Z', url: server.url }, { ...ports, codec });
    calls[0] = call('a', false, { transcript: `second ${SECRET}` });
    await run(server.url, store, 9);
    const raw = () => [...store.objects.keys()].filter((key) => key.startsWith('raw/'));
    const before = raw();
    expect(before.map((key) => key.split('.').at(-1))).toEqual(['gz', ports.codec.zstd ? 'zst' : 'gz']);
    calls[0] = call('a', true);
    expect((await run(server.url, store, 10)).exitCode).toBe(0);
    expect(raw()).toEqual(expect.arrayContaining(before));
    const left = frames(store).flatMap(({ body }) => JSON.parse(body.toString()).data.calls as ZuduCall[]);
    expect(left.filter((record) => record['call_id'] === 'a')).toHaveLength(3);
    expect(left.filter((record) => record['call_id'] === 'a' && JSON.stringify(record).includes(SECRET))).toEqual([]);
  });

  test('counts its refused values once', async () => {
    const { calls, server, store } = await flipped();
    calls[0] = call('a', true, { call_duration: 'long' });
    const { streams } = await run(server.url, store, 11, 2);
    expect(streams[0]?.rejected).toBe(1);
  });

  test('fails the run with a message that names the damaged copy, until the copy is repaired or removed', async () => {
    const { calls, server, store } = await flipped();
    calls[0] = call('a', true);
    const key = [...store.objects.keys()].find((one) => one.startsWith('raw/')) ?? '';
    const body = store.objects.get(key) ?? new Uint8Array();
    store.objects.set(key, body.slice(0, 20));
    for (const hour of [11, 12]) {
      const result = await run(server.url, store, hour, 2);
      expect(result.exitCode).toBe(4);
      expect(result.streams[0]?.error).toContain(`${key} in memory is damaged; restore it or remove it`);
    }
    store.objects.delete(key);
    expect((await run(server.url, store, 13, 2)).exitCode).toBe(0);
  });
});
