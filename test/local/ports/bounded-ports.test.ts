import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Ports, Secrets, Store } from '../../../functions/ports.ts';
import { countdown } from '../../../functions/time.ts';
import { LONGEST_MS, limitRun } from '../../../local/commands/run/limit-run.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { boundedPorts } from '../../../local/ports/bounded-ports.ts';
import { storeContract } from '../../contracts/store.contract.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';
import { solumCalls, solumServer } from '../../helpers/solum-server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const MINUTE = 60_000;
const env = { SOLUM_API_KEY: 'key' };
const never = () => new Promise<never>(() => {});
/** Timers of which those of at least a minute and a half fire at once, so that no test waits. */
const timer: Ports['timer'] = (ms, fire) => {
  const timeout = setTimeout(fire, ms >= 1.5 * MINUTE ? 0 : ms);
  return () => clearTimeout(timeout);
};

describe('a call that is not answered', () => {
  test.each([
    [7 * MINUTE, 7 * MINUTE],
    [0, MINUTE],
    [-MINUTE, MINUTE],
  ])('ends when the run has no more time, and not before a minute: %d ms are left', async (remainingMs, expected) => {
    const waited: number[] = [];
    const now: Ports['timer'] = (ms, fire) => {
      waited.push(ms);
      void Promise.resolve().then(fire);
      return () => {};
    };
    const ports = makePorts({ store: { ...memoryStore(), get: never }, timer: now });
    const { store } = boundedPorts(ports, { remainingMs: () => remainingMs, why: () => 'the time is used up' });
    await expect(store.get('a')).rejects.toMatchObject({
      exitCode: 6,
      message:
        `${store.name} has not answered for ${expected / MINUTE} min, and the time is used up; expected an answer within seconds. ` +
        'Check its disk, mount or network; the next run continues',
    });
    expect(waited).toEqual([expected]);
  });

  test('is the only one that is affected', async () => {
    const limit = { remainingMs: () => MINUTE, why: () => '' };
    const { store } = boundedPorts(makePorts({ store: memoryStore() }), limit);
    expect(await store.put('a/1', Buffer.from('x'))).toBe(true);
    expect(await store.put('a/1', Buffer.from('y'))).toBe(false);
    const keys: string[] = [];
    for await (const key of store.list('a/')) keys.push(key);
    await store.delete('a/1');
    expect([keys, await store.get('a/1')]).toEqual([['a/1'], undefined]);
  });
});

describe('a store whose calls are bounded', () => {
  const limit = { remainingMs: () => MINUTE, why: () => '' };
  const bounded = (store: Store) => boundedPorts(makePorts({ store }), limit).store;

  storeContract(async () => bounded(fsStore(join(await temporaryFolder(), 'lake'))));

  test('forgets versions if the store can', async () => {
    const forgotten: string[] = [];
    const forgetVersions = async (prefix: string) => void forgotten.push(prefix);
    await bounded({ ...memoryStore(), forgetVersions }).forgetVersions?.('raw/');
    expect([forgotten, bounded(memoryStore()).forgetVersions]).toEqual([['raw/'], undefined]);
  });
});

test('runs of one machine read parts of the digest', async () => {
  const { url } = await solumServer(solumCalls(300));
  const store = memoryStore();
  const tuning = { recentRows: 8, mostRecentRows: 8, shardRows: 16 };
  for (const hour of ['09', '10', '11']) {
    const ports = makePorts({ env, store });
    const limits = limitRun(ports, countdown(LONGEST_MS, ports.now));
    const at = new Date(`2026-11-01T${hour}:00:00Z`);
    const result = await runSource('solum', { at, url, tuning }, { ...ports, ...limits } as typeof ports);
    expect(result).toMatchObject({ exitCode: 0 });
  }
  expect([...store.objects.keys()].some((key) => key.endsWith('.rows'))).toBe(true);
});

/** A run whose time limits apply, over ports of which one call hangs. */
async function run(change: { readonly store?: Partial<Store>; readonly secrets?: Partial<Secrets> }) {
  const server = await solumServer(solumCalls(3));
  const memory = memoryStore();
  const plain = makePorts({ env });
  const store: Store = { ...memory, ...change.store };
  const secrets = { ...plain.secrets, ...change.secrets };
  const ports = makePorts({ env, store, timer });
  const limits = limitRun({ ...ports, secrets }, countdown(LONGEST_MS, ports.now));
  const result = await runSource('solum', { at: new Date('2026-11-01T09:00:00Z'), url: server.url }, {
    ...ports,
    ...limits,
  } as typeof ports);
  return [result.error, ...result.streams.map(({ error }) => error)].filter((error) => error !== undefined);
}

const NOTHING = 'has not answered for 15 min, and nothing was committed for 15 minutes';

describe('a run on one machine ends with 6 if', () => {
  const list = async function* () {
    yield await never();
  };
  test.each([
    ['its store hangs while it is listed', { store: { list } }],
    ['its store hangs while it is written', { store: { put: never } }],
    ['its secrets hang', { secrets: { read: never } }],
  ])('%s', { timeout: 10_000 }, async (_name, change) => {
    expect((await run(change)).join()).toContain(NOTHING);
  });
});
