import { describe, expect, test } from 'vitest';
import { type MemoryStore, memoryStore } from '../../../../local/lake/memory-store.ts';
import { commitsOf, foldSource, rowsOf } from '../../../helpers/fold-staged.ts';
import { killingStore } from '../../../helpers/killing-store.ts';
import { call, holding, run, SECRET } from '../../../helpers/opted-out.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { runSource } from '../../../helpers/run-source.ts';
import { ZUDU_ENV, zuduServer } from '../../../helpers/zudu-server.ts';

const ID = { source: 'zudu', account: 'default', stream: 'calls' };
const rowOf = async (store: MemoryStore, id: string) => rowsOf(await foldSource(store, 'zudu'), 'zudu_calls').get(id);
const stateOf = async (store: MemoryStore) => (await commitsOf(store, ID)).at(-1)?.state;

/** Two calls that opted out, in a run that was killed before their earlier copies were redacted. */
async function killedBeforeRedaction() {
  const calls = [call('a', false), call('b', false)];
  const server = await zuduServer(calls);
  const store = memoryStore();
  await run(server.url, store, 9);
  for (const [n, id] of ['a', 'b'].entries()) calls[n] = call(id, true);
  const counting = killingStore(copyOf(store));
  await run(server.url, counting.store as MemoryStore, 10);
  const effect = counting.effects.findIndex((name) => name.startsWith('put commits')) + 1;
  await run(server.url, killingStore(store, { effect, when: 'after' }).store as MemoryStore, 10).catch(() => undefined);
  expect(await stateOf(store)).toMatchObject({ redact: ['a', 'b'] });
  expect(holding(store, SECRET)).toContain('raw');
  return { calls, server, store };
}

function copyOf({ objects }: MemoryStore): MemoryStore {
  const store = memoryStore();
  for (const [key, body] of objects) store.objects.set(key, body);
  return store;
}

describe('a call that opted out and in again before its copies were redacted', () => {
  test('keeps its content, and a call that stays opted out loses its own', async () => {
    const { calls, server, store } = await killedBeforeRedaction();
    calls[0] = call('a', false);
    expect((await run(server.url, store, 11)).exitCode).toBe(0);
    expect(await rowOf(store, 'a')).toMatchObject({ transcript: `Hello ${SECRET}`, _op: 'upsert' });
    expect(await rowOf(store, 'b')).toMatchObject({ transcript: null });
    expect(await stateOf(store)).toMatchObject({ redact: [] });
    // It stays so: the next run finds nothing changed.
    const { streams } = await run(server.url, store, 12);
    expect(streams[0]).toMatchObject({ changed: 0, exitCode: 0 });
    expect(await rowOf(store, 'a')).toMatchObject({ transcript: `Hello ${SECRET}` });
  });

  test('loses its content when it opts out again', async () => {
    const { calls, server, store } = await killedBeforeRedaction();
    calls[0] = call('a', false);
    await run(server.url, store, 11);
    calls[0] = call('a', true);
    expect((await run(server.url, store, 12)).exitCode).toBe(0);
    expect(await rowOf(store, 'a')).toMatchObject({ transcript: null });
    expect(holding(store, SECRET)).toEqual([]);
  });
});

test('a redaction that is interrupted ends at the next copy; the next run completes it', async () => {
  const { server, store } = await killedBeforeRedaction();
  const stop = new AbortController();
  const read: string[] = [];
  const interrupted = makePorts({
    store: {
      ...store,
      get: (key, range) => {
        if (/^(raw|staging)\//.test(key)) {
          read.push(key);
          stop.abort();
        }
        return store.get(key, range);
      },
    },
    env: ZUDU_ENV,
    signal: stop.signal,
  });
  const result = await runSource(
    'zudu',
    { at: '2026-11-01T11:00:00Z', url: server.url, tuning: { copiesAtOnce: 1 } },
    interrupted,
  );
  expect(read).toHaveLength(1);
  expect(result.streams[0]).toMatchObject({
    status: 'partial',
    exitCode: 130,
    error:
      'zudu.calls: interrupted: copies of records that opted out, or that the vendor removed, are still to be redacted; the next run continues',
  });
  expect(await stateOf(store)).toMatchObject({ redact: ['a', 'b'] });
  expect((await run(server.url, store, 12)).exitCode).toBe(0);
  expect(holding(store, SECRET)).toEqual([]);
});

describe('a redaction that runs out of time', () => {
  test('ends the run with 6 and a message, and the next run completes it', async () => {
    const { server, store } = await killedBeforeRedaction();
    let read = 0;
    const slow = makePorts({
      store: {
        ...store,
        get: (key, range) => {
          if (/^(raw|staging)\//.test(key)) read += 1;
          return store.get(key, range);
        },
      },
      env: ZUDU_ENV,
      remainingMs: () => (read > 0 ? 0 : 1_000_000),
    });
    const at = '2026-11-01T11:00:00Z';
    const result = await runSource('zudu', { at, url: server.url, tuning: { copiesAtOnce: 1 } }, slow);
    expect(result.exitCode).toBe(6);
    expect(result.streams[0]).toMatchObject({
      status: 'partial',
      exitCode: 6,
      error:
        'zudu.calls: copies of records that opted out, or that the vendor removed, are still to be redacted: the time of this run is used up; the next run continues',
    });
    expect(await stateOf(store)).toMatchObject({ redact: ['a', 'b'] });
    expect(holding(store, SECRET)).not.toEqual([]);
    expect((await run(server.url, store, 12)).exitCode).toBe(0);
    expect(holding(store, SECRET)).toEqual([]);
  });
});
