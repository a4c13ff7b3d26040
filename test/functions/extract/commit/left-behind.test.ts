import { beforeEach, describe, expect, test } from 'vitest';
import { StorageError } from '../../../../functions/errors.ts';
import { deleteUnnamed, listCopies } from '../../../../functions/extract/commit/left-behind.ts';
import { commitKey, copyName, rawKey, rawPrefix } from '../../../../functions/lake/objects.ts';
import type { Store } from '../../../../functions/ports.ts';
import { type MemoryStore, memoryStore } from '../../../../local/lake/memory-store.ts';
import { commitsOf } from '../../../helpers/fold-staged.ts';
import { type Kill, Killed, killingStore } from '../../../helpers/killing-store.ts';
import { objectsWith } from '../../../helpers/objects-with.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { runSource } from '../../../helpers/run-source.ts';
import { unitSession } from '../../../helpers/session.ts';
import { ZUDU_ENV, type ZuduCall, zuduServer } from '../../../helpers/zudu-server.ts';

const ID = { source: 'zudu', account: 'default', stream: 'calls' };
const AT = Date.parse('2026-11-01T09:00:00Z');
const SAID = 'zq-said-in-confidence';
const call = (optedOut: boolean): ZuduCall => ({
  call_id: 'c-1',
  start_timestamp: '2026-11-01T08:00:00Z',
  transcript: SAID,
  opt_out_sensitive_data_storage: optedOut,
});
const calls: ZuduCall[] = [];
let url: string;

beforeEach(async () => {
  url = (await zuduServer(calls)).url;
});

function run(store: Store, hours: number, optedOut: boolean) {
  calls.splice(0, 1, call(optedOut));
  const at = new Date(AT + hours * 3_600_000);
  return runSource('zudu', { at, url }, makePorts({ store, env: ZUDU_ENV, clock: { ms: at.getTime() } }));
}

/** Raw and staged objects that no commit names. */
async function unnamedIn(store: MemoryStore): Promise<readonly string[]> {
  const commits = await commitsOf(store, ID);
  const named = new Set(commits.flatMap(({ raw, staged }) => [...raw, ...staged.map(({ key }) => key)]));
  return [...store.objects.keys()].filter((key) => /^(raw|staging)\//.test(key) && !named.has(key));
}

/** The store of a run whose n-th write of a commit fails. */
function failingStore(store: Store): Store {
  return {
    ...store,
    put: async (key, body, options) => {
      if (key.startsWith('commits/')) throw new StorageError('the store did not answer');
      return store.put(key, body, options);
    },
  };
}

const listed = (store: Store) => {
  const prefixes: string[] = [];
  const list: Store['list'] = (prefix, options) => {
    prefixes.push(prefix);
    return store.list(prefix, options);
  };
  return { store: { ...store, list }, copies: () => prefixes.filter((prefix) => /^(raw|staging)/.test(prefix)) };
};

describe('copies that may have been left behind', () => {
  test('are those of the last 256 commits and of the next one, by their number', async () => {
    const { session, store } = await unitSession();
    const put = async (n: number, loadId = 'load') => {
      const key = rawKey(
        session.id,
        { day: '2026-11-01', name: copyName({ n, loadId }), part: 1 },
        n % 2 ? 'gz' : 'zst',
      );
      await store.put(key, Buffer.from('x'));
      return key;
    };
    const progress = { ...session.progress, next: () => ({ n: 300, loadId: 'own' }) };
    await put(44);
    const [first, last, other] = [await put(45), await put(300), await put(300, 'other')];
    await put(301);
    await store.put(`${rawPrefix(session.id, '2026-11-01')}of-an-earlier-version.pages.gz`, Buffer.from('x'));
    expect([...(await listCopies({ ...session, progress }))].sort(([a], [b]) => a - b)).toEqual([
      [45, [first]],
      [300, [last, other].sort()],
    ]);
  });

  test('stay where nobody knows what the commit of their number names', async () => {
    const { session, store } = await unitSession();
    const key = rawKey(session.id, { day: '2026-11-01', name: copyName({ n: 7, loadId: 'load' }), part: 1 }, 'zst');
    await store.put(key, Buffer.from('x'));
    await deleteUnnamed(session, new Map([[7, [key]]]));
    expect(store.objects.has(key)).toBe(true);
    const broken = { ...store, get: () => Promise.reject(new TypeError('a bug')) };
    const ports = { ...session.ports, store: broken };
    await expect(deleteUnnamed({ ...session, ports }, new Map([[7, [key]]]))).rejects.toThrow('a bug');
  });
});

describe('the run after one that left objects behind', () => {
  test('deletes what a run that was killed at any effect wrote, so that a call that opted out meanwhile is nowhere', async () => {
    const whole = killingStore(memoryStore());
    await run(whole.store, 0, false);
    const kills = whole.effects.map((_, n): Kill => ({ effect: n + 1, when: 'before' }));
    let left = 0;
    for (const kill of kills) {
      const store = memoryStore();
      await run(killingStore(store, kill).store, 0, false).catch((error: unknown) =>
        expect(error).toBeInstanceOf(Killed),
      );
      left += (await unnamedIn(store)).length;
      expect(await run(store, 1, true)).toMatchObject({ exitCode: 0 });
      expect({ kill, unnamed: await unnamedIn(store) }).toEqual({ kill, unnamed: [] });
      expect({ kill, holding: await objectsWith(store, SAID) }).toEqual({ kill, holding: [] });
    }
    expect(left).toBeGreaterThan(3);
  });

  test('deletes what a run wrote whose commit failed', async () => {
    const store = memoryStore();
    expect(await run(failingStore(store), 0, false)).toMatchObject({ exitCode: 5 });
    expect((await unnamedIn(store)).length).toBe(2);
    expect(await run(store, 1, true)).toMatchObject({ exitCode: 0 });
    expect(await objectsWith(store, SAID)).toEqual([]);
  });

  test('that is killed itself leaves it to the one after it', async () => {
    const lake = memoryStore();
    await run(failingStore(lake), 0, false);
    const whole = killingStore(copyOf(lake));
    await run(whole.store, 1, true);
    expect(whole.effects.length).toBeGreaterThan(3);
    for (const [n] of whole.effects.entries()) {
      const store = copyOf(lake);
      await run(killingStore(store, { effect: n + 1, when: 'before' }).store, 1, true).catch(() => undefined);
      expect(await run(store, 2, true)).toMatchObject({ exitCode: 0 });
      expect({ n, unnamed: await unnamedIn(store) }).toEqual({ n, unnamed: [] });
    }
  });

  test('deletes nothing that was written for a commit that it cannot read, and nothing of earlier versions', async () => {
    const store = memoryStore();
    await run(store, 0, false);
    await run(store, 1, true);
    await run(failingStore(store), 2, false);
    const [first] = await commitsOf(store, ID);
    store.objects.set(commitKey(ID, 1), Buffer.from('{'));
    const earlier = 'raw/zudu/default/calls/2026-10-31/zudu-calls-20261031T090507Z-888888888888-0001.pages.gz';
    store.objects.set(earlier, Buffer.from(''));
    const kept = [earlier, ...(first?.raw ?? []), ...(first?.staged ?? []).map(({ key }) => key)];
    expect(await run(store, 3, true)).toMatchObject({ exitCode: 0 });
    expect(kept.length).toBe(3);
    for (const key of kept) expect(store.objects.has(key)).toBe(true);
  });
});

test('a run after one that ended in order lists no copies, and after another one it does so once', async () => {
  const store = memoryStore();
  const copies: number[] = [];
  for (const hours of [0, 1, 2]) {
    const counted = listed(store);
    await run(counted.store, hours, false);
    copies.push(counted.copies().length);
  }
  await run(failingStore(store), 3, true);
  for (const hours of [4, 5]) {
    const counted = listed(store);
    await run(counted.store, hours, false);
    copies.push(counted.copies().length);
  }
  expect(copies).toEqual([0, 0, 0, 2, 0]);
});

function copyOf({ objects }: MemoryStore): MemoryStore {
  const store = memoryStore();
  for (const [key, body] of objects) store.objects.set(key, body);
  return store;
}
