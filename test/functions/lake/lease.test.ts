import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { AlreadyRunningError, StorageError, StuckRunError } from '../../../functions/errors.ts';
import { takeLease } from '../../../functions/lake/lease.ts';
import type { Store } from '../../../functions/ports.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { thisProcess } from '../../../local/ports/this-process.ts';
import { collect } from '../../helpers/collect.ts';
import { makePorts } from '../../helpers/ports.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const alive = { isGone: () => false };
const NOW = Date.parse('2026-11-01T09:00:00Z');
const noTimer = () => () => {};

/** Ports whose timers fire when the test lets time pass. */
function timedPorts(store: Store) {
  const clock = { ms: NOW };
  const timers = new Map<() => void, number>();
  const ports = {
    ...makePorts({ store, process: alive }),
    now: () => clock.ms,
    timers: () => timers.size,
    timer(ms: number, fire: () => void) {
      timers.set(fire, clock.ms + ms);
      return () => void timers.delete(fire);
    },
  };
  const pass = async (ms: number) => {
    const until = clock.ms + ms;
    for (;;) {
      const [next] = [...timers].filter(([, at]) => at <= until).sort(([, a], [, b]) => a - b);
      if (!next) break;
      const [fire, at] = next;
      clock.ms = at;
      timers.delete(fire);
      fire();
      await setImmediate();
    }
    clock.ms = until;
  };
  return { ports, pass };
}

describe('a lease', () => {
  test('is taken by each run in turn although another file is beside it, which stays', async () => {
    const store = memoryStore();
    const other = 'leases/zudu/default/old-leases';
    await store.put(other, Buffer.from('x'));
    for (let n = 0; n < 3; n += 1)
      await (await takeLease('zudu', 'default', makePorts({ store, process: alive }))).release();
    expect(await collect(store.list('leases/'))).toEqual([
      'leases/zudu/default/000000000003.json',
      'leases/zudu/default/000000000003.released',
      other,
    ]);
  });

  test('keeps another run of the account away, but not a run of another account', async () => {
    const store = fsStore(await temporaryFolder());
    await takeLease('zudu', 'default', makePorts({ store, process: alive }));
    const next = makePorts({ store, process: alive });
    await expect(takeLease('zudu', 'default', next)).rejects.toThrow(AlreadyRunningError);
    await expect(takeLease('zudu', 'north', next)).resolves.toBeDefined();
  });

  test('can be taken again once it is released, and leaves at most two objects', async () => {
    const store = fsStore(await temporaryFolder());
    for (let run = 1; run <= 12; run += 1) {
      const lease = await takeLease('zudu', 'default', makePorts({ store, process: alive }));
      await lease.release();
    }
    expect(await collect(store.list('leases/'))).toEqual([
      'leases/zudu/default/000000000012.json',
      'leases/zudu/default/000000000012.released',
    ]);
  });

  test('does not count if its process is gone', async () => {
    const ports = makePorts();
    await takeLease('zudu', 'default', ports);
    const gone = ports.process.pid;
    const next = makePorts({ store: ports.store, process: { isGone: ({ pid }) => pid === gone } });
    await expect(takeLease('zudu', 'default', next)).resolves.toBeDefined();
  });

  test('counts for 15 minutes after the last renewal if the run is on another host, however the clocks differ', async () => {
    const { store } = makePorts();
    const ports = (host: string, ms: number) =>
      makePorts({ store, process: { ...alive, host }, clock: { ms: NOW + ms }, timer: noTimer });
    await takeLease('zudu', 'default', ports('a', 0));
    for (const ms of [-900_000, 0, 900_000])
      await expect(takeLease('zudu', 'default', ports('b', ms))).rejects.toThrow(AlreadyRunningError);
    await expect(takeLease('zudu', 'default', ports('b', 900_001))).resolves.toBeDefined();
    // The clock that wrote this one has been corrected since.
    await expect(takeLease('zudu', 'default', ports('c', -1))).resolves.toBeDefined();
  });

  test('is renewed every minute until it is released, in one object', async () => {
    const store = memoryStore();
    const { ports, pass } = timedPorts(store);
    const lease = await takeLease('zudu', 'default', ports);
    await pass(59_999);
    expect([...store.objects.keys()]).toEqual(['leases/zudu/default/000000000001.json']);
    await pass(1);
    await pass(60_000);
    expect(JSON.parse(String(store.objects.get('leases/zudu/default/000000000001.renewed')))).toEqual({
      at: NOW + 120_000,
    });
    await lease.release();
    await pass(600_000);
    expect([...store.objects.keys()]).toEqual([
      'leases/zudu/default/000000000001.json',
      'leases/zudu/default/000000000001.renewed',
      'leases/zudu/default/000000000001.released',
    ]);
    await (await takeLease('zudu', 'default', ports)).release();
    expect([...store.objects.keys()].every((key) => key.includes('/000000000002.'))).toBe(true);
  });

  test('that is renewed keeps another run away for as long as that lasts', async () => {
    const { ports, pass } = timedPorts(memoryStore());
    await takeLease('zudu', 'default', ports);
    for (const host of [ports.process.host, 'elsewhere']) {
      await pass(86_400_000);
      const next = { ...ports, process: { ...ports.process, host } };
      await expect(takeLease('zudu', 'default', next)).rejects.toThrow(AlreadyRunningError);
    }
  });

  test('is released after a renewal in progress, and not renewed any more', async () => {
    const memory = memoryStore();
    let write = () => {};
    const put: Store['put'] = async (key, body, options) => {
      if (key.endsWith('.renewed'))
        await new Promise<void>((resolve) => {
          write = resolve;
        });
      return memory.put(key, body, options);
    };
    const { ports, pass } = timedPorts({ ...memory, put });
    const lease = await takeLease('zudu', 'default', ports);
    await pass(60_000);
    const released = lease.release();
    await setImmediate();
    expect([...memory.objects.keys()]).toHaveLength(1);
    write();
    await released;
    expect([...memory.objects.keys()].map((key) => key.split('.').at(-1))).toEqual(['json', 'renewed', 'released']);
    expect(ports.timers()).toBe(0);
  });

  test('whose renewal failed is renewed a minute later', async () => {
    const memory = memoryStore();
    let isDown = true;
    const put: Store['put'] = async (key, body, options) => {
      if (isDown && key.endsWith('.renewed')) throw new StorageError('the disk is full');
      return memory.put(key, body, options);
    };
    const { ports, pass } = timedPorts({ ...memory, put });
    await takeLease('zudu', 'default', ports);
    await pass(60_000);
    isDown = false;
    await pass(60_000);
    expect([...memory.objects.keys()]).toContain('leases/zudu/default/000000000001.renewed');
  });

  test('that a live process of this host has not renewed for 5 minutes ends the next run with exit code 6', async () => {
    const { store } = makePorts();
    const ports = (ms: number) =>
      makePorts({ store, process: { ...alive, host: 'clinic', pid: 4711 }, clock: { ms: NOW + ms }, timer: noTimer });
    await takeLease('zudu', 'default', ports(0));
    await expect(takeLease('zudu', 'default', ports(300_000))).rejects.toThrow(AlreadyRunningError);
    const error: unknown = await takeLease('zudu', 'default', ports(300_001)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StuckRunError);
    expect(error).toMatchObject({
      exitCode: 6,
      message:
        'zudu: another run has hung since 2026-11-01T09:00:00.000Z: process 4711 on clinic is alive, but no longer renews its lease, ' +
        'which a run does every minute. End or resume that process; the next run then continues',
    });
    // By then, the number belongs to another process.
    await expect(takeLease('zudu', 'default', ports(86_400_001))).resolves.toBeDefined();
  });

  test('does not count if its object is not a lease', async () => {
    const ports = makePorts({ process: alive });
    await ports.store.put('leases/zudu/default/000000000007.json', Buffer.from('{"host":'));
    await takeLease('zudu', 'default', ports);
    expect(await collect(ports.store.list('leases/'))).toEqual(['leases/zudu/default/000000000008.json']);
  });

  test('whose answer was lost is ours: the store says that it exists, and holds our bytes', async () => {
    const { store } = makePorts();
    const lossy: Store = { ...store, put: async (key, body) => (await store.put(key, body)) && false };
    const lease = await takeLease('zudu', 'default', makePorts({ store: lossy, process: alive }));
    expect(await collect(store.list('leases/'))).toEqual(['leases/zudu/default/000000000001.json']);
    await expect(takeLease('zudu', 'default', makePorts({ store, process: alive }))).rejects.toThrow(
      AlreadyRunningError,
    );
    await lease.release();
    await expect(takeLease('zudu', 'default', makePorts({ store, process: alive }))).resolves.toBeDefined();
  });

  test('that another run took in that moment is not ours, though it is the same process', async () => {
    const ports = makePorts({ process: alive });
    // Another run of this process creates the same number first.
    const raced: Store = {
      ...ports.store,
      put: async (key, body, options) => {
        if (key.endsWith('.json')) await takeLease('zudu', 'default', ports);
        return ports.store.put(key, body, options);
      },
    };
    await expect(takeLease('zudu', 'default', { ...ports, store: raced })).rejects.toThrow(AlreadyRunningError);
  });

  test('that the store refused and does not hold is not ours', async () => {
    const refusing: Store = { ...makePorts().store, put: async () => false };
    const ports = makePorts({ store: refusing, process: alive });
    await expect(takeLease('zudu', 'default', ports)).rejects.toThrow(AlreadyRunningError);
  });

  test('is not taken twice at the same moment', async () => {
    const store = fsStore(await temporaryFolder());
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () => takeLease('zudu', 'default', makePorts({ store, process: alive }))),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('belongs to a live process only if both process number and start are the same', () => {
    const self = thisProcess();
    expect(self.isGone(self)).toBe(false);
    expect(self.isGone({ ...self, host: 'elsewhere', pid: 1 })).toBe(false);
    expect(self.isGone({ ...self, pid: 2 ** 22 + 1 })).toBe(true);
  });
});
