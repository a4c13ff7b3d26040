import { describe, expect, test } from 'vitest';
import type { DigestEntry } from '../../../../functions/lake/digest/digest-entry.ts';
import { DAY_MS, dayOf, HOUR_MS, MINUTE_MS } from '../../../../functions/time.ts';
import { type MemoryStore, memoryStore } from '../../../../local/lake/memory-store.ts';
import { changeCalls, planOfAll, planRun, readLists } from '../../../helpers/following-world.ts';
import { Killed, killingStore } from '../../../helpers/killing-store.ts';
import { newRandom } from '../../../sim/random.ts';

const AT = Date.parse('2026-11-01T09:00:00Z');
const USERS = ['a', 'b', 'c'];
const callAt = (ms: number, more: Partial<DigestEntry> = {}): DigestEntry => ({
  contentHash: 'h',
  partOn: dayOf(ms),
  firstSeenAt: ms,
  group: 'a',
  ...more,
});

/** Random histories of calls and of runs that read some of the lists that are due. */
async function play(seed: number, steps: number) {
  const random = newRandom(seed).next;
  const pick = (most: number) => Math.floor(random() * most);
  const store = memoryStore();
  const calls = new Map<string, DigestEntry>();
  let users = USERS;
  let at = AT;
  let planned = 0;

  const changes = () => {
    const changed = new Map<string, DigestEntry>();
    for (let n = pick(12); n > 0; n -= 1) {
      const id = `c${pick(90)}`;
      const before = calls.get(id) ?? callAt(at, { partOn: dayOf(at) - pick(60) });
      // When a call was seen first never changes, also if only a part of a run's commits counts.
      calls.set(id, before);
      const { deletedAt: _gone, ...live } = before;
      const group = USERS[pick(3)] ?? 'a';
      const isSame = random() < 0.3;
      changed.set(id, {
        ...(random() < 0.15 ? { ...live, deletedAt: at } : { ...live, group }),
        contentHash: isSame ? before.contentHash : `h${pick(1e6)}`,
      });
    }
    return changed;
  };
  const lose = (kind: RegExp) => {
    const keys = [...store.objects.keys()].filter((key) => kind.test(key));
    const key = keys[pick(keys.length)];
    if (key !== undefined) store.objects.delete(key);
  };
  /** The store of a run that may be killed at some write. */
  const maybeKilled = () =>
    random() < 0.3 ? killingStore(store, { effect: 1 + pick(9), when: 'before' }).store : store;
  const survive = async (work: () => Promise<void>) => {
    await work().catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
  };

  for (let step = 0; step < steps; step += 1) {
    at += [MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, DAY_MS, 9 * DAY_MS][pick(5)] ?? 0;
    if (random() < 0.05) users = random() < 0.5 ? USERS : ['a', 'c'];
    if (random() < 0.05) lose(/\.(due|agenda\.gz|names\.gz)$/);
    const changed = changes();
    if (random() < 0.8)
      await survive(async () => {
        await changeCalls({ store: maybeKilled(), at, users }, changed, 1 + pick(3));
        for (const [id, entry] of changed) calls.set(id, entry);
      });
    // Now and then a run is a year ahead.
    const time = random() < 0.04 ? at + 365 * DAY_MS : at;
    await survive(async () => {
      const run = await planRun({ store: maybeKilled(), at: time, users });
      expect(run.planned).toEqual(await planOfAll({ store, at: time, users }, run.session));
      planned += run.planned.length;
      const rereadAt = random() < 0.03 ? time : undefined;
      await readLists(run.own, idsOf(run.planned).slice(0, random() < 0.5 ? 5 : 100), rereadAt);
    });
  }
  return { store, planned };
}

describe('what is due by the agenda', () => {
  test.each([1, 2, 3])('is what is due by all cursors and parents (history %i)', async (seed) => {
    const { planned, store } = await play(seed, 60);
    expect(planned).toBeGreaterThan(300);
    expect([...store.objects.keys()].some((key) => key.endsWith('.due'))).toBe(true);
  });

  test('knows what was read again after the commits of the calls were moved away', async () => {
    const store = memoryStore();
    const some = { store, at: AT, users: USERS };
    for (const n of [1, 2, 3, 4]) await changeCalls(some, new Map([[`c${n}`, callAt(AT)]]));
    const first = await planRun(some);
    await readLists(first.own, idsOf(first.planned));
    for (const key of [...store.objects.keys()])
      if (key.startsWith('commits/unit/default/calls/')) store.objects.delete(key);
    const again = ['c1', 'c2', 'c3', 'c4', 'new'].map((id) => [id, callAt(AT)] as const);
    await changeCalls(some, new Map(again));
    expect(idsOf((await planRun(some)).planned)).toEqual(['new']);
  });

  test('costs no look at other calls, however many there are', async () => {
    const due = ['new', 'c0', 'c5', 'c23', 'c167', 'c335'];
    for (const count of [400, 1600]) {
      const store = memoryStore();
      const calls = Array.from({ length: count }, (_, n) => [`c${n}`, callAt(AT - n * HOUR_MS)] as const);
      await changeCalls({ store, at: AT, users: USERS }, new Map(calls), count / 50);
      const first = await planRun({ store, at: AT, users: USERS });
      expect(first.planned).toHaveLength(count);
      await readLists(first.own, idsOf(first.planned));
      const at = AT + HOUR_MS;
      const reads = await readsOf(store, async (counted) => {
        await changeCalls({ store: counted, at, users: USERS }, new Map([['new', callAt(at)]]));
        const { planned } = await planRun({ store: counted, at, users: USERS });
        expect(idsOf(planned).slice(0, due.length)).toEqual(due);
      });
      // An index and a bucket, in which the new call is looked for.
      expect(reads).toBe(2);
    }
  });

  test('looks up the cursor of a call that has changed, and nothing else', async () => {
    const store = memoryStore();
    const calls = Array.from({ length: 400 }, (_, n) => [`c${n}`, callAt(AT - n * HOUR_MS)] as const);
    await changeCalls({ store, at: AT, users: USERS }, new Map(calls), 8);
    const first = await planRun({ store, at: AT, users: USERS });
    await readLists(first.own, idsOf(first.planned));
    const at = AT + MINUTE_MS;
    await changeCalls(
      { store, at, users: USERS },
      new Map([['c200', callAt(AT - 200 * HOUR_MS, { contentHash: 'i' })]]),
    );
    const reads = await readsOf(store, async (counted) => {
      expect(idsOf((await planRun({ store: counted, at, users: USERS })).planned)).toEqual(['c200']);
    });
    // An index and a bucket.
    expect(reads).toBe(2);
  });
});

function idsOf(planned: readonly { readonly id: string }[]): readonly string[] {
  return planned.map(({ id }) => id);
}

/** Requests for parts of shards that some work makes. */
async function readsOf(store: MemoryStore, work: (store: MemoryStore) => Promise<void>): Promise<number> {
  let reads = 0;
  await work({
    ...store,
    async get(key, range) {
      if (key.endsWith('.rows')) reads += 1;
      return store.get(key, range);
    },
  });
  return reads;
}
