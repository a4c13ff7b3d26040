import { describe, expect, test } from 'vitest';
import { AlreadyRunningError } from '../../../../functions/errors.ts';
import { DAY_MS, dayOf, HOUR_MS, MINUTE_MS } from '../../../../functions/time.ts';
import { type MemoryStore, memoryStore } from '../../../../local/lake/memory-store.ts';
import { changeCalls, planOfAll, planRun, readLists, type WorldRun } from '../../../helpers/following-world.ts';

const AT = Date.parse('2026-11-01T09:00:00Z');
const callOf = (group: string, ms = AT) => ({ contentHash: 'h', partOn: dayOf(ms), firstSeenAt: ms, group });

/** The lists that a run reads, which are those that are due by all cursors and parents. */
async function readDue(run: WorldRun, rereadAt?: number): Promise<readonly string[]> {
  const { own, session, planned } = await planRun(run);
  expect(planned).toEqual(await planOfAll(run, session));
  const ids = planned.map(({ id }) => id);
  await readLists(own, ids, rereadAt);
  return ids;
}

describe('an agenda is made again', () => {
  test('when other records of a third stream decide which lists there are, also if they are as many', async () => {
    const store = memoryStore();
    await changeCalls({ store, at: AT, users: [] }, new Map([...'ab'].map((user) => [`of ${user}`, callOf(user)])));
    const due = (minutes: number, users: string, removed = '') =>
      readDue({ store, at: AT + minutes * MINUTE_MS, users: [...users], removed: [...removed] });
    expect(await due(0, 'a')).toEqual(['of a']);
    expect(await due(1, 'b')).toEqual(['of b']);
    expect(await due(2, 'ab')).toEqual([]);
  });

  test('when a record of a third stream is marked deleted, or is not any more', async () => {
    const store = memoryStore();
    await changeCalls({ store, at: AT, users: [] }, new Map([...'ab'].map((user) => [`of ${user}`, callOf(user)])));
    const due = (minutes: number, removed: string) =>
      readDue({ store, at: AT + minutes * MINUTE_MS, users: ['a', 'b'], removed: [...removed] });
    expect(await due(0, 'b')).toEqual(['of a']);
    expect(await due(1, '')).toEqual(['of b']);
  });

  test('when the source declares other ages', async () => {
    const run = { store: memoryStore(), users: ['a'] };
    await changeCalls({ ...run, at: AT }, new Map([['call', callOf('a')]]));
    const due = (minutes: number, ...ages: string[]) => readDue({ ...run, at: AT + minutes * MINUTE_MS, ages });
    expect(await due(5, '15m')).toEqual(['call']);
    expect(await due(12, '15m')).toEqual([]);
    expect(await due(12, '10m', '15m')).toEqual(['call']);
  });

  test('when texts are shown, so that all lists are read again, once', async () => {
    const run = { store: memoryStore(), users: ['a'] };
    await changeCalls({ ...run, at: AT }, new Map([['call', callOf('a')]]));
    const due = (minutes: number, rereadAt?: number) => readDue({ ...run, at: AT + minutes * MINUTE_MS }, rereadAt);
    expect(await due(0)).toEqual(['call']);
    expect(await due(1, AT)).toEqual([]);
    expect(await due(2)).toEqual(['call']);
    expect(await due(3)).toEqual([]);
  });
});

const many = new Map(Array.from({ length: 60 }, (_, n) => [`c${n}`, callOf('a', AT - n * HOUR_MS)]));

describe('an agenda of which a part', () => {
  /** A run after one that has read all lists. @param read what reading settled rows comes to, if not to what is stored */
  async function dueWith(read: (isOfEarlierRun: boolean) => Promise<undefined> | 'as stored') {
    const run = { store: memoryStore(), users: ['a'] };
    await changeCalls({ ...run, at: AT }, many);
    expect(await readDue({ ...run, at: AT })).toHaveLength(60);
    const earlier = new Set(run.store.objects.keys());
    const get: MemoryStore['get'] = (key, range) => {
      const other = key.endsWith('.due') ? read(earlier.has(key)) : 'as stored';
      return other === 'as stored' ? run.store.get(key, range) : other;
    };
    return readDue({ ...run, store: { ...run.store, get }, at: AT + 9 * DAY_MS });
  }
  const lost = Promise.resolve(undefined);

  test('is missing is rebuilt', async () => {
    expect((await dueWith((isOfEarlierRun) => (isOfEarlierRun ? lost : 'as stored'))).length).toBeGreaterThan(30);
  });

  test('cannot be read fails the run', async () => {
    let reads = 0;
    const failing = dueWith(() => (++reads === 1 ? Promise.reject(new Error('no network')) : 'as stored'));
    await expect(failing).rejects.toThrow('no network');
  });

  test('goes missing again right after it was rebuilt stops the run, which says that another run is active', async () => {
    const failed = dueWith(() => lost);
    await expect(failed).rejects.toThrow(AlreadyRunningError);
    await expect(failed).rejects.toThrow('another run of this account is in progress');
  });
});

describe('a save of what is due', () => {
  test('from which a part of the agenda was lost leaves none, and the next run makes one', async () => {
    const run = { store: memoryStore(), users: ['a'] };
    await changeCalls({ ...run, at: AT }, many);
    expect(await readDue({ ...run, at: AT })).toHaveLength(60);
    const { own, planned } = await planRun({ ...run, at: AT + 9 * DAY_MS });
    for (const key of run.store.objects.keys()) if (key.endsWith('.due')) run.store.objects.delete(key);
    await readLists(
      own,
      planned.map(({ id }) => id),
    );
    expect(own.progress.state().agenda).toBeUndefined();
    expect((await readDue({ ...run, at: AT + 40 * DAY_MS })).length).toBeGreaterThan(0);
  });

  test('that cannot be written fails the run', async () => {
    const run = { store: memoryStore(), users: ['a'] };
    await changeCalls({ ...run, at: AT }, many);
    const put: typeof run.store.put = async (key, ...given) => {
      if (key.endsWith('.agenda.gz')) throw new Error('no space left');
      return run.store.put(key, ...given);
    };
    const { own } = await planRun({ ...run, store: { ...run.store, put }, at: AT });
    await expect(readLists(own, ['c1'])).rejects.toThrow('no space left');
  });
});
