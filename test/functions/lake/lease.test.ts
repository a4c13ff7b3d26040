import { describe, expect, test } from 'vitest';
import { AlreadyRunningError } from '../../../functions/errors.ts';
import { takeLease } from '../../../functions/lake/lease.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { thisProcess } from '../../../local/ports/this-process.ts';
import { collect } from '../../helpers/collect.ts';
import { makePorts } from '../../helpers/ports.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const alive = { isGone: () => false };

describe('a lease', () => {
  test('that is held keeps another run away, and not that of another account', async () => {
    const store = fsStore(await temporaryFolder());
    await takeLease('zudu', 'default', makePorts({ store, process: alive }));
    const next = makePorts({ store, process: alive });
    await expect(takeLease('zudu', 'default', next)).rejects.toThrow(AlreadyRunningError);
    await expect(takeLease('zudu', 'north', next)).resolves.toBeDefined();
  });

  test('is free once released, however often, and leaves two objects at most', async () => {
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

  test('of a process that is gone counts no more', async () => {
    const ports = makePorts();
    await takeLease('zudu', 'default', ports);
    const gone = ports.process.pid;
    const next = makePorts({ store: ports.store, process: { isGone: ({ pid }) => pid === gone } });
    await expect(takeLease('zudu', 'default', next)).resolves.toBeDefined();
  });

  test('of a run on another host counts until its time is up', async () => {
    const store = makePorts().store;
    const ports = (ms: number) => makePorts({ store, process: alive, clock: { ms }, remainingMs: () => 600_000 });
    await takeLease('zudu', 'default', ports(0));
    await expect(takeLease('zudu', 'default', ports(600_000))).rejects.toThrow(AlreadyRunningError);
    await expect(takeLease('zudu', 'default', ports(660_001))).resolves.toBeDefined();
  });

  test('of a run without a limit counts for a day', async () => {
    const store = makePorts().store;
    const ports = (ms: number) => makePorts({ store, process: alive, clock: { ms } });
    await takeLease('zudu', 'default', ports(0));
    await expect(takeLease('zudu', 'default', ports(86_400_000))).rejects.toThrow(AlreadyRunningError);
    await expect(takeLease('zudu', 'default', ports(86_400_001))).resolves.toBeDefined();
  });

  test('that is no lease counts as none', async () => {
    const ports = makePorts({ process: alive });
    await ports.store.put('leases/zudu/default/000000000007.json', Buffer.from('{"host":'));
    await takeLease('zudu', 'default', ports);
    expect(await collect(ports.store.list('leases/'))).toEqual(['leases/zudu/default/000000000008.json']);
  });

  test('is not taken twice in one moment', async () => {
    const store = fsStore(await temporaryFolder());
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () => takeLease('zudu', 'default', makePorts({ store, process: alive }))),
    );
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('of this very process is not gone; of one with its number and another birth it is', () => {
    const self = thisProcess();
    expect(self.isGone(self)).toBe(false);
    expect(self.isGone({ ...self, host: 'elsewhere', pid: 1 })).toBe(false);
    expect(self.isGone({ ...self, pid: 2 ** 22 + 1 })).toBe(true);
  });
});
