import { expect, test } from 'vitest';
import type { Agenda } from '../../../../functions/lake/agenda/agenda.ts';
import { newAgenda } from '../../../../functions/lake/agenda/agenda.ts';
import { openAgenda, saveAgenda } from '../../../../functions/lake/agenda/agenda-objects.ts';
import { LostAgenda } from '../../../../functions/lake/agenda/segment.ts';
import { segmentKey } from '../../../../functions/lake/objects.ts';
import { nodePorts } from '../../../../functions/node-ports.ts';
import { type MemoryStore, memoryStore } from '../../../../local/lake/memory-store.ts';
import { Killed, killingStore } from '../../../helpers/killing-store.ts';

const ID = { source: 'unit', account: 'default', stream: 'lists' };
const HEAD = { basis: 'b', at: 0, followed: 1 };
const LIMITS = { recentRows: 20, mostDigests: 3 };
const everything = () => true;

const segmentsOf = (store: MemoryStore, n: number) => ({
  store,
  keyOf: (part: number) => segmentKey(ID, n, 'load', part),
});
const dueIn = async (agenda: Agenda | undefined, at = 1e6) =>
  [...((await agenda?.due(at, 1e6, everything))?.keys() ?? [])].sort();

/** An agenda of settled rows, and the keys of its log. */
async function saved(store: MemoryStore, rows = 100) {
  const ports = { ...nodePorts, store };
  const agenda = newAgenda({ head: HEAD }, segmentsOf(store, 1));
  for (let n = 0; n < rows; n += 1) agenda.set(`l${n}`, n);
  const { keys } = await saveAgenda(ports, agenda, LIMITS, { id: ID, n: 1, loadId: 'load', before: [], isNew: true });
  return { ports, keys };
}

test('a save that is killed at any write leaves the agenda as it was, or as it should be', async () => {
  const before = memoryStore();
  const { keys } = await saved(before);
  const all = Array.from({ length: 100 }, (_, n) => `l${n}`).sort();
  const later = all.filter((name) => Number(name.slice(1)) >= 30);
  for (let effect = 1; ; effect += 1) {
    const store = memoryStore();
    for (const [key, body] of before.objects) store.objects.set(key, body);
    const killing = killingStore(store, { effect, when: 'before' });
    const ports = { ...nodePorts, store: killing.store };
    const agenda = await openAgenda(ports, keys, segmentsOf({ ...store, ...killing.store }, 2));
    expect(await dueIn(agenda)).toEqual(all);
    for (let n = 0; n < 30; n += 1) agenda?.set(`l${n}`, 2e6);
    let named = keys;
    const options = { id: ID, n: 2, loadId: 'load', before: keys, isNew: false };
    const save = async () => {
      const { keys: after, superseded } = await saveAgenda(ports, agenda as Agenda, LIMITS, options);
      named = after;
      for (const key of superseded) await killing.store.delete(key);
    };
    await save().catch((error: unknown) => expect(error).toBeInstanceOf(Killed));
    const again = await openAgenda({ ...nodePorts, store }, named, segmentsOf(store, 3));
    expect(await dueIn(again)).toEqual(named === keys ? all : later);
    expect(await dueIn(again, 3e6)).toEqual(all);
    if (!killing.isDead()) break;
  }
});

test('a save after rows were settled names their segments, and what the save before names is kept until then', async () => {
  const store = memoryStore();
  const { ports, keys } = await saved(store);
  const agenda = (await openAgenda(ports, keys, segmentsOf(store, 2))) as Agenda;
  const before = agenda.segmentKeys();
  agenda.set('l5', 2e6);
  await agenda.settle(0);
  expect(agenda.segmentKeys()).toEqual(expect.arrayContaining([...before]));
  const options = { id: ID, n: 2, loadId: 'load', before: keys, isNew: false };
  const after = await saveAgenda(ports, agenda, LIMITS, options);
  expect(after.superseded).toEqual(expect.arrayContaining([...keys]));
  for (const key of after.superseded) await store.delete(key);
  const again = await openAgenda(ports, after.keys, segmentsOf(store, 3));
  expect(await dueIn(again, 3e6)).toHaveLength(100);
});

test('of many due rows, the latest and the earliest are read', async () => {
  const store = memoryStore();
  const { ports, keys } = await saved(store, 40_000);
  const agenda = await openAgenda(ports, keys, segmentsOf(store, 2));
  const due = [...((await agenda?.due(1e6, 12_000, everything))?.keys() ?? [])];
  expect(due.length).toBeLessThan(25_000);
  expect(due).toContain('l39999');
  expect(due).toContain('l0');
  expect(due).not.toContain('l18000');
});

test.each([/agenda/, /\.due$/])(
  'an agenda without an object %s is lost, and so is one with a damaged one',
  async (kind) => {
    for (const isDamaged of [false, true]) {
      const store = memoryStore();
      const { ports, keys } = await saved(store);
      const key = [...store.objects.keys()].find((one) => kind.test(one)) ?? '';
      const body = Buffer.from(store.objects.get(key) ?? []);
      if (isDamaged) store.objects.set(key, Buffer.concat([body.subarray(0, 40), Buffer.from('9'), body.subarray(41)]));
      else store.objects.delete(key);
      const agenda = await openAgenda(ports, keys, segmentsOf(store, 2));
      if (kind.test('x.due')) await expect(dueIn(agenda)).rejects.toThrow(LostAgenda);
      else expect(agenda).toBeUndefined();
    }
  },
);

test('an agenda of recent rows that nothing touched is not saved; one of which something changed is', async () => {
  const store = memoryStore();
  const ports = { ...nodePorts, store };
  const agenda = newAgenda({ head: HEAD }, segmentsOf(store, 1));
  agenda.set('l1', 1);
  const first = await saveAgenda(ports, agenda, LIMITS, { id: ID, n: 1, loadId: 'load', before: [], isNew: true });
  const again = await openAgenda(ports, first.keys, segmentsOf(store, 2));
  if (!again) throw new Error('there is no agenda');
  const save = () =>
    saveAgenda(ports, again, LIMITS, { id: ID, n: 2, loadId: 'load', before: first.keys, isNew: false });
  const objects = store.objects.size;
  expect(await save()).toEqual({ keys: first.keys, superseded: [] });
  expect(store.objects.size).toBe(objects);
  again.set('l2', 2);
  const { keys } = await save();
  expect(keys).toHaveLength(2);
  expect(await dueIn(await openAgenda(ports, keys, segmentsOf(store, 3)))).toEqual(['l1', 'l2']);
});

test('an agenda that was made again is saved though it has no row, and so is one whose rows were only settled', async () => {
  const store = memoryStore();
  const { ports, keys } = await saved(store);
  const options = { id: ID, n: 2, loadId: 'load', before: keys, isNew: true };
  const empty = await saveAgenda(ports, newAgenda({ head: HEAD }, segmentsOf(store, 2)), LIMITS, options);
  expect([empty.keys.length, empty.superseded]).toEqual([1, keys]);
  expect(await dueIn(await openAgenda(ports, empty.keys, segmentsOf(store, 3)))).toEqual([]);

  const agenda = (await openAgenda(ports, keys, segmentsOf(store, 3))) as Agenda;
  await agenda.addRows([[1, 'added']]);
  const added = await saveAgenda(ports, agenda, LIMITS, { ...options, n: 3, isNew: false });
  expect(await dueIn(await openAgenda(ports, added.keys, segmentsOf(store, 4)))).toContain('added');
});
