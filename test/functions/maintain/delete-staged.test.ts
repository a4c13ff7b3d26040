import { describe, expect, test } from 'vitest';
import type { CallhouseError } from '../../../functions/errors.ts';
import { writeProgress } from '../../../functions/lake/load-progress.ts';
import { commitKey } from '../../../functions/lake/objects.ts';
import { deleteStaged } from '../../../functions/maintain/delete-staged.ts';
import type { MaintainPorts } from '../../../functions/maintain/plan.ts';
import type { Store } from '../../../functions/ports.ts';
import { type MemoryStore, memoryStore } from '../../../local/lake/memory-store.ts';
import { putSmallCommit } from '../../helpers/small-commit.ts';

const DAY_MS = 86_400_000;
const START = Date.parse('2026-01-01T03:00:00Z');
const ID = { source: 'kalem', account: 'default', stream: 'calls' };
const OWN = 'athena-callhouse';
const dayOf = (day: number) => new Date(START + day * DAY_MS);

/** A lake whose maintenance runs on the days asked for, with files kept for 10 days after loading. */
function lake() {
  const store = memoryStore();
  const errors: CallhouseError[] = [];
  let remainingMs = Number.POSITIVE_INFINITY;
  const maintain = (day: number, own: Store = store) => {
    const engine = { identity: async () => OWN };
    const ports = { store: own, engine, log: () => {}, remainingMs: () => remainingMs } as unknown as MaintainPorts;
    const plan = { streams: [], accounts: {}, stagingDays: 10 };
    return deleteStaged(plan, dayOf(day), ports, (error) => errors.push(error));
  };
  return {
    ...{ store, errors, maintain },
    limit: (ms: number) => {
      remainingMs = ms;
    },
    commit: (n: number, day = 0, id = ID) => putSmallCommit(store, id, n, dayOf(day)),
    loaded: (n: number, warehouse = OWN, id = ID) =>
      writeProgress(store, warehouse, id, { version: 1, n, loadId: 'x' }),
    staged: () => [...store.objects.keys()].filter((key) => key.startsWith('staging/')),
  };
}

const damage = (store: MemoryStore, key: string) => store.objects.set(key, Buffer.from('{'));

describe('deleteStaged', () => {
  test('deletes a file stagingDays after it was seen to be loaded, and not stagingDays after it was written', async () => {
    const { commit, loaded, maintain, staged } = lake();
    await commit(1);
    await maintain(0);
    await maintain(40);
    await loaded(1);
    expect(await maintain(41)).toBe(0);
    expect(await maintain(50)).toBe(0);
    expect(staged()).toHaveLength(1);
    expect(await maintain(51)).toBe(1);
    expect(staged()).toEqual([]);
    expect(await maintain(52)).toBe(0);
  });

  test('keeps a file that was never loaded, however old it is', async () => {
    const { commit, loaded, maintain, staged } = lake();
    const [, second] = [await commit(1), await commit(2)];
    await loaded(1);
    for (const day of [1, 11, 100, 400]) await maintain(day);
    expect(staged()).toEqual([second]);
  });

  test('deletes a file that a replay has made again while the maintenance was in progress', async () => {
    const { store, commit, loaded, maintain, staged } = lake();
    const file = await commit(1);
    await loaded(1);
    for (const day of [0, 10]) await maintain(day);
    expect(staged()).toEqual([]);
    await maintain(11, {
      ...store,
      async put(...given) {
        // What a replay does at its end.
        await store.put(file, Buffer.from('x'));
        await store.delete('progress/staging.json');
        return store.put(...given);
      },
    });
    for (const day of [12, 22]) await maintain(day);
    expect(staged()).toEqual([]);
  });

  test('deletes the files of each night in its turn', async () => {
    const { commit, loaded, maintain } = lake();
    const deleted: number[] = [];
    for (let day = 1; day <= 15; day += 1) {
      await commit(day, day);
      await loaded(day);
      deleted.push(await maintain(day));
    }
    expect(deleted).toEqual([...Array(10).fill(0), 1, 1, 1, 1, 1]);
  });

  test('waits for another warehouse of the lake, unless that has loaded nothing for 30 days', async () => {
    const { commit, loaded, maintain, staged } = lake();
    await commit(1);
    await commit(2);
    await loaded(2);
    await loaded(1, 'laptop');
    for (const day of [1, 11, 30]) await maintain(day);
    expect(staged()).toHaveLength(1);
    // On day 31 the laptop ceases to count; from then on the second commit counts as loaded.
    expect([await maintain(31), await maintain(40), await maintain(41)]).toEqual([0, 0, 1]);
  });

  test('waits for another warehouse that has not begun with a stream', async () => {
    const { commit, loaded, maintain, staged } = lake();
    await commit(1);
    await loaded(1);
    await loaded(7, 'laptop', { ...ID, source: 'solum' });
    for (const day of [1, 11, 29]) await maintain(day);
    expect(staged()).toHaveLength(1);
  });

  test('waits for the warehouse of this stage even if its loader has stood for months', async () => {
    const { commit, loaded, maintain, staged } = lake();
    for (const n of [1, 2]) await commit(n);
    await loaded(1);
    await loaded(2, 'laptop');
    for (let day = 1; day < 90; day += 1) await maintain(day);
    expect(staged()).toHaveLength(1);
  });

  test('waits anew if a warehouse begins again', async () => {
    const { commit, loaded, maintain, staged } = lake();
    await commit(1);
    await loaded(1);
    await maintain(0);
    await loaded(0, 'restored');
    await maintain(10);
    expect(staged()).toHaveLength(1);
    await loaded(1, 'restored');
    expect([await maintain(11), await maintain(20), await maintain(21)]).toEqual([0, 0, 1]);
  });

  test('deletes the files of an account that is no longer extracted', async () => {
    const { commit, loaded, maintain, staged } = lake();
    const gone = { ...ID, account: 'gone' };
    await commit(1, 0, gone);
    await loaded(1, OWN, gone);
    expect([await maintain(0), await maintain(10)]).toEqual([0, 1]);
    expect(staged()).toEqual([]);
  });

  test('reports a stream whose commits cannot be read, and deletes the files of the others', async () => {
    const { store, errors, commit, loaded, maintain, staged } = lake();
    const other = { ...ID, account: 'north' };
    const kept = await commit(1);
    damage(store, commitKey(ID, 1));
    await commit(1, 0, other);
    for (const id of [ID, other]) await loaded(1, OWN, id);
    await maintain(0);
    expect(await maintain(10)).toBe(1);
    expect(errors.map(({ name }) => name)).toEqual(['StateError']);
    expect(staged()).toEqual([kept]);
  });

  test('keeps everything for another stagingDays if its notes are damaged', async () => {
    const { store, commit, loaded, maintain } = lake();
    await commit(1);
    await loaded(1);
    await maintain(0);
    damage(store, 'progress/staging.json');
    expect([await maintain(10), await maintain(19), await maintain(20)]).toEqual([0, 0, 1]);
  });

  test('leaves to the next night what time does not allow', async () => {
    const { limit, commit, loaded, maintain } = lake();
    await commit(1);
    await loaded(1);
    await maintain(0);
    limit(60_000);
    expect(await maintain(10)).toBe(0);
    limit(900_000);
    expect(await maintain(11)).toBe(1);
  });
});
