import { beforeEach, describe, expect, test } from 'vitest';
import { AlreadyRunningError } from '../../../functions/errors.ts';
import { heldStore, type Lease, takeLease } from '../../../functions/lake/lease.ts';
import type { Store } from '../../../functions/ports.ts';
import { type MemoryStore, memoryStore } from '../../../local/lake/memory-store.ts';
import { makePorts } from '../../helpers/ports.ts';

const BODY = Buffer.from('x');
const MINUTE = 60_000;
let lake: MemoryStore;
let clock: { ms: number };
const take = () => takeLease('zudu', 'default', makePorts({ store: lake, process: { isGone: () => true } }));

beforeEach(() => {
  lake = memoryStore();
  clock = { ms: 0 };
});

describe('the check of a lease', () => {
  test('passes while nobody has taken it over, also after it was renewed', async () => {
    const lease = await take();
    await lake.put('leases/zudu/default/000000000001.renewed', BODY);
    await lake.put('leases/zudu/default/notes', BODY);
    await lease.check();
  });

  test('fails for ever once another process has taken it over, also if that one has ended', async () => {
    const lease = await take();
    await (await take()).release();
    await expect(lease.check()).rejects.toThrow(AlreadyRunningError);
    await (await take()).check();
    await expect(lease.check()).rejects.toThrow('took over while this one was suspended');
  });
});

describe('the store of a holder', () => {
  const held = (lease: Lease, store: Store = lake) => heldStore(store, lease.check, () => clock.ms);

  test('looks at the lease at most once a minute', async () => {
    let looked = 0;
    const check = async () => {
      looked += 1;
    };
    const store = heldStore(lake, check, () => clock.ms);
    for (const minutes of [0, 0.5, 1, 1.5, 5]) {
      clock.ms = minutes * MINUTE;
      await store.put(`raw/${minutes}`, BODY);
      await store.delete(`raw/${minutes}`);
    }
    expect(looked).toBe(2);
  });

  test.each<[string, (store: Store) => Promise<unknown>]>([
    ['creates nothing', (store) => store.put('raw/new', BODY)],
    ['replaces nothing', (store) => store.put('raw/held', Buffer.from('y'), { replace: BODY })],
    ['deletes nothing', (store) => store.delete('raw/held')],
  ])('%s if it was suspended and another process has taken over', async (_what, effect) => {
    await lake.put('raw/held', BODY);
    const store = held(await take());
    clock.ms += 20 * MINUTE;
    await take();
    await expect(effect(store)).rejects.toThrow(AlreadyRunningError);
    expect([lake.objects.get('raw/held'), lake.objects.has('raw/new')]).toEqual([BODY, false]);
  });

  test.each([
    { key: 'raw/new', isLeft: false },
    { key: 'staging/new', isLeft: false },
    { key: 'digests/new', isLeft: false },
    { key: 'erasures/new', isLeft: true },
    { key: 'commits/new', isLeft: true },
  ])('suspended while it creates $key, and taken over: it is left: $isLeft', async ({ key, isLeft }) => {
    const slow: Store = {
      ...lake,
      async put(...given) {
        clock.ms += 20 * MINUTE;
        await take();
        return lake.put(...given);
      },
    };
    const written = held(await take(), slow).put(key, BODY);
    if (isLeft) expect(await written).toBe(true);
    else await expect(written).rejects.toThrow(AlreadyRunningError);
    expect(lake.objects.has(key)).toBe(isLeft);
  });

  test('looks at once if an object is no longer what it was', async () => {
    await lake.put('raw/held', BODY);
    const lease = await take();
    const changed = () => held(lease).put('raw/held', BODY, { replace: Buffer.from('other') });
    expect(await changed()).toBe(false);
    await take();
    await expect(changed()).rejects.toThrow(AlreadyRunningError);
  });
});
