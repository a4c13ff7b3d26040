import { expect, test } from 'vitest';
import { accountsInLake } from '../../../functions/lake/accounts-in-lake.ts';
import { commitKey } from '../../../functions/lake/objects.ts';
import type { Store } from '../../../functions/ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';

test('the accounts in a lake are those with commits, found by one request each', async () => {
  const memory = memoryStore();
  const ids = [
    ...['calls', 'users'].map((stream) => ({ source: 'kismet', account: 'default', stream })),
    ...['default', 'north', 'north-2'].map((account) => ({ source: 'kalem', account, stream: 'calls' })),
  ];
  for (const id of ids) for (const n of [1, 2]) await memory.put(commitKey(id, n), Buffer.from('{}'));
  await memory.put('raw/zudu/default/calls/2026-01-01/a.pages.gz', Buffer.from(''));
  let requests = 0;
  const store: Store = {
    ...memory,
    list(...of) {
      requests += 1;
      return memory.list(...of);
    },
  };
  expect(await accountsInLake(store)).toEqual({ kalem: ['default', 'north-2', 'north'], kismet: ['default'] });
  expect(requests).toBe(5);
  expect(await accountsInLake(store, ['kismet', 'zudu'])).toEqual({ kismet: ['default'] });
});
