import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StorageError } from '../../../functions/errors.ts';
import type { Store } from '../../../functions/ports.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { type MemoryStore, memoryStore } from '../../../local/lake/memory-store.ts';
import { type Simulators, startSimulators, type Vendor } from '../../../local/simulators/start-simulators.ts';
import { contentOf, foldSource } from '../../helpers/fold-staged.ts';
import { countEffects, type Kill, Killed, killingStore } from '../../helpers/killing-store.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';
import { type SolumCall, solumCall, solumServer } from '../../helpers/solum-server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const VENDORS = ['zudu', 'solum', 'kalem', 'kismet'] as const;
const HOUR_MS = 3_600_000;
/** Every look at the clock costs so much of the minute after which a run commits what it has. */
const TICK_MS = 15_000;

let sims: Simulators;
beforeAll(async () => {
  sims = await startSimulators({ callsPerVendor: 12, users: 2, days: 3 });
});
afterAll(() => sims.close());

async function run(name: Vendor, store: Store, tickMs = 0) {
  const ports = makePorts({ store, env: sims.env, clock: { tickMs } });
  const pageSize = name === 'kismet' ? 8 : 5;
  // Partitions requested ahead look at the clock in no fixed order, and the clock decides when a run commits.
  const tuning = { partitionsAtOnce: 1 };
  return runSource(name, { at: sims.now(), url: sims.urls[name], pageSize, tuning }, ports);
}

const AT_MS = Date.parse('2026-11-01T09:00:00Z');

const content = async (store: Store, name: Vendor) => contentOf(await foldSource(store, name));

/** Kills a run at one effect, in a store of its own, and lets the next one follow. */
async function killAndRun(name: Vendor, kill: Kill, store: Store = memoryStore()) {
  const killing = killingStore(store, kill);
  // A lease that cannot be released is no failure, so to die at the very end ends as any run does.
  await run(name, killing.store, TICK_MS).catch((error: unknown) => expect(error).toBeInstanceOf(Killed));
  return { isDead: killing.isDead(), effects: killing.effects, next: await run(name, store), store };
}

describe.each(VENDORS)('a run of %s', (name) => {
  test('that is killed at any write or delete is repaired by the next run', async () => {
    const whole = killingStore(memoryStore());
    expect((await run(name, whole.store, TICK_MS)).exitCode).toBe(0);
    const expected = await content(whole.store, name);
    expect(Object.values(expected).every((rows) => Object.keys(rows).length > 0)).toBe(true);
    const { effects } = whole;
    // Commits in the middle of the run are among its effects.
    expect(countEffects(effects)['put commits']).toBeGreaterThan(1);
    expect(effects.at(-1)).toBe(`put leases/${name}/default/000000000001.released`);
    // To die after an effect is to die before the next one, but for the last.
    const kills = [
      ...effects.map((_, n): Kill => ({ effect: n + 1, when: 'before' })),
      { effect: effects.length, when: 'after' } as const,
    ];
    for (const kill of kills) {
      const killed = await killAndRun(name, kill);
      expect(killed.isDead).toBe(true);
      expect(killed.effects).toEqual(effects.slice(0, kill.effect));
      expect({ ...kill, exitCode: killed.next.exitCode }).toEqual({ ...kill, exitCode: 0 });
      expect(await content(killed.store, name)).toEqual(expected);
    }
  });

  test('whose store fails once at any write or delete loses no rows', async () => {
    const whole = killingStore(memoryStore());
    await run(name, whole.store, TICK_MS);
    const expected = await content(whole.store, name);
    const step = name === 'kismet' ? 2 : 1;
    for (let effect = 2; effect < whole.effects.length - 3; effect += step) {
      const store = memoryStore();
      const flaky = failingOnce(store, effect);
      const result = await run(name, flaky.store, TICK_MS);
      expect(flaky.failed()).toBe(true);
      expect({ effect, exitCode: result.exitCode }).toEqual({ effect, exitCode: 5 });
      expect((await run(name, store)).exitCode).toBe(0);
      expect(await content(store, name)).toEqual(expected);
    }
  });

  test('that never gets the answer to a write finds its own object and continues', async () => {
    const whole = killingStore(memoryStore());
    await run(name, whole.store, TICK_MS);
    const expected = await content(whole.store, name);
    const store = memoryStore();
    // As an S3 client does it: the write is repeated, and refused, since it had come through.
    const repeating: Store = {
      ...store,
      put: async (key, body, options) => {
        const written = await store.put(key, body, options);
        return key.startsWith('leases/') ? written : (await store.put(key, body, options)) && written;
      },
    };
    expect((await run(name, repeating, TICK_MS)).exitCode).toBe(0);
    expect(await content(store, name)).toEqual(expected);
  });
});

test('a run repairs two kills in a row, the second of which was in the recovering run', async () => {
  const whole = killingStore(memoryStore());
  await run('zudu', whole.store, TICK_MS);
  const expected = await content(whole.store, 'zudu');
  for (let first = 1; first <= whole.effects.length; first += 1) {
    const died = memoryStore();
    await run('zudu', killingStore(died, { effect: first, when: 'after' }).store, TICK_MS).catch(() => undefined);
    const recovery = killingStore(copyOf(died));
    await run('zudu', recovery.store, TICK_MS);
    for (let second = 1; second <= recovery.effects.length; second += 3) {
      const store = copyOf(died);
      const again = killingStore(store, { effect: second, when: 'before' });
      await run('zudu', again.store, TICK_MS).catch(() => undefined);
      expect({ first, second, isDead: again.isDead() }).toEqual({ first, second, isDead: true });
      expect((await run('zudu', store)).exitCode).toBe(0);
      expect(await content(store, 'zudu')).toEqual(expected);
    }
  }
});

test('a run that is killed while it merges its digest objects is repaired by the next run', async () => {
  const before = memoryStore();
  const digests = () => [...before.objects.keys()].filter((key) => key.startsWith('digests/')).length;
  const list: SolumCall[] = [];
  const { url } = await solumServer(list);
  const go = (store: Store, hour: number) => {
    while (list.length < hour + 3) list.unshift(solumCall(list.length, -60 * list.length));
    const ports = makePorts({ store, env: { SOLUM_API_KEY: 'key' } });
    return runSource('solum', { at: new Date(AT_MS + hour * HOUR_MS), url }, ports);
  };
  let hour = 0;
  for (; digests() < 24; hour += 1) await go(before, hour);
  const copy = () => copyOf(before);
  const whole = killingStore(copy());
  expect((await go(whole.store, hour)).exitCode).toBe(0);
  expect(countEffects(whole.effects)['delete digests']).toBe(24);
  const expected = await content(whole.store, 'solum');
  for (let effect = 1; effect <= whole.effects.length; effect += effect < 8 ? 1 : 7) {
    const store = copy();
    const killing = killingStore(store, { effect, when: 'before' });
    await go(killing.store, hour).catch(() => undefined);
    expect(killing.isDead()).toBe(true);
    expect((await go(store, hour)).exitCode).toBe(0);
    expect(await content(store, 'solum')).toEqual(expected);
  }
});

test('a folder holds no partly written object after a kill at any write or delete', async () => {
  const whole = killingStore(memoryStore());
  await run('solum', whole.store, TICK_MS);
  const expected = await content(whole.store, 'solum');
  for (let effect = 1; effect <= whole.effects.length; effect += 3) {
    const store = fsStore(await temporaryFolder());
    expect((await killAndRun('solum', { effect, when: 'after' }, store)).isDead).toBe(true);
    expect(await content(store, 'solum')).toEqual(expected);
  }
});

function copyOf({ objects }: MemoryStore): MemoryStore {
  const store = memoryStore();
  for (const [key, body] of objects) store.objects.set(key, body);
  return store;
}

function failingOnce(store: Store, effect: number) {
  let count = 0;
  const fail = async <T>(work: () => Promise<T>) => {
    count += 1;
    if (count === effect) throw new StorageError('the disk is full for a moment');
    return work();
  };
  const failing: Store = {
    ...store,
    put: (key, body, options) => fail(() => store.put(key, body, options)),
    delete: (key) => fail(() => store.delete(key)),
  };
  return { store: failing, failed: () => count >= effect };
}
