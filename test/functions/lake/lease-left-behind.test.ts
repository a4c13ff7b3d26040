import { describe, expect, test } from 'vitest';
import { takeLease } from '../../../functions/lake/lease.ts';
import type { Store } from '../../../functions/ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { makePorts } from '../../helpers/ports.ts';

describe('a lease says that its holder before may have left something behind', () => {
  const take = (store: Store) => takeLease('zudu', 'default', makePorts({ store, process: { isGone: () => true } }));

  test.each([
    { what: 'never', before: [true, true], says: [false, false, false] },
    { what: 'if it said so itself', before: [false], says: [false, true] },
    {
      what: 'until one that looked says that nothing is left',
      before: [false, undefined, true],
      says: [false, true, true, false],
    },
  ])('$what', async ({ before, says }) => {
    const store = memoryStore();
    const said: boolean[] = [];
    for (const isClean of [...before, undefined]) {
      const lease = await take(store);
      said.push(lease.mayHaveLeft);
      await lease.release(isClean);
    }
    expect(said).toEqual(says);
  });

  test('after a lease was taken over, by two runs, because the earlier process may still be writing during the first', async () => {
    const store = memoryStore();
    await take(store);
    for (const says of [true, true, false]) {
      const lease = await take(store);
      expect(lease.mayHaveLeft).toBe(says);
      await lease.release(true);
    }
  });

  test.each(['renewed', 'released', 'unswept'])(
    'if one that was taken over long ago still writes .%s',
    async (what) => {
      const store = memoryStore();
      for (let n = 1; n <= 4; n += 1) await (await take(store)).release(true);
      await store.put(`leases/zudu/default/000000000002.${what}`, Buffer.from('{}'));
      const lease = await take(store);
      expect(lease.mayHaveLeft).toBe(true);
      await lease.release(true);
      expect((await take(store)).mayHaveLeft).toBe(false);
    },
  );
});
