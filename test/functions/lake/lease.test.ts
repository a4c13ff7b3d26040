import { describe, expect, test } from 'vitest';
import { AlreadyRunningError } from '../../../functions/errors.ts';
import { takeLease } from '../../../functions/lake/lease.ts';
import type { Store } from '../../../functions/ports.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { thisProcess } from '../../../local/ports/this-process.ts';
import { collect } from '../../helpers/collect.ts';
import { makePorts } from '../../helpers/ports.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const alive = { isGone: () => false };

describe('a lease', () => {
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

  test('counts until its time is up if the run is on another host', async () => {
    const store = makePorts().store;
    const ports = (ms: number) => makePorts({ store, process: alive, clock: { ms }, remainingMs: () => 600_000 });
    await takeLease('zudu', 'default', ports(0));
    await expect(takeLease('zudu', 'default', ports(600_000))).rejects.toThrow(AlreadyRunningError);
    await expect(takeLease('zudu', 'default', ports(660_001))).resolves.toBeDefined();
  });

  test('counts for a day if the run has no time limit', async () => {
    const store = makePorts().store;
    const ports = (ms: number) => makePorts({ store, process: alive, clock: { ms } });
    await takeLease('zudu', 'default', ports(0));
    await expect(takeLease('zudu', 'default', ports(86_400_000))).rejects.toThrow(AlreadyRunningError);
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
