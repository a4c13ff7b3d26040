import { expect, test } from 'vitest';
import { whileHeld } from '../../../functions/lake/hold-accounts.ts';
import type { Store } from '../../../functions/ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { startSimulators } from '../../../local/simulators/start-simulators.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';

/** The store of a run that is suspended as soon as it has written an object with this name, while something else happens. */
function suspendedAfter(store: Store, name: string, meanwhile: () => Promise<unknown>): Store {
  let isOver = false;
  return {
    ...store,
    async put(key, body, options) {
      const isWritten = await store.put(key, body, options);
      if (!key.startsWith(name) || isOver) return isWritten;
      isOver = true;
      await meanwhile();
      return isWritten;
    },
  };
}

/** A vendor, runs of its account, and an erasure that takes over at once whichever run holds the account. */
async function takenOver() {
  const sims = await startSimulators({ callsPerVendor: 10, users: 2, days: 3 });
  const store = memoryStore();
  const portsOf = (own: Store) => makePorts({ store: own, env: sims.env, process: { isGone: () => true } });
  const run = (own: Store) => runSource('kismet', { at: sims.now(), url: sims.urls.kismet }, portsOf(own));
  const erase = () => whileHeld([['kismet', 'default']], portsOf(store), { wait: 'it ends', work: async () => {} });
  return { store, run, erase };
}

test.each([
  { says: 'before its first stream', name: 'leases/', done: [], busy: 'organization_users' },
  { says: 'between two streams', name: 'commits/kismet/default/organization_users/', done: ['ok'], busy: 'calls' },
])('a run that was suspended $says stops if an erasure took over its account', async ({ name, done, busy }) => {
  const { store, run, erase } = await takenOver();
  await run(store);
  const { streams, exitCode } = await run(suspendedAfter(store, name, erase));
  expect(streams.map(({ status }) => status)).toEqual([...done, 'busy']);
  expect(streams.at(-1)).toMatchObject({ stream: busy, requests: 0, changed: 0 });
  expect(exitCode).toBe(0);
});

test('a run makes no first commit of a log if an erasure took over its account, which fences only logs with commits', async () => {
  const { store, run, erase } = await takenOver();
  const { streams } = await run(suspendedAfter(store, 'digests/kismet/default/organization_users/', erase));
  expect(streams.map(({ status }) => status)).toEqual(['busy']);
  expect([...store.objects.keys()].filter((key) => key.startsWith('commits/'))).toEqual([]);
});
