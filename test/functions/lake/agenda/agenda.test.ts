import { describe, expect, test } from 'vitest';
import { type Agenda, newAgenda } from '../../../../functions/lake/agenda/agenda.ts';
import type { StoredList } from '../../../../functions/lake/agenda/known-list.ts';
import type { DueRow } from '../../../../functions/lake/agenda/segment.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';

const HEAD = { basis: 'b', at: 0, followed: 1 };
const LIST = ['parent', 'cursor'] as unknown as StoredList;

/** An empty agenda, or one with these settled rows. */
async function agendaOf(rows: readonly DueRow[] = []) {
  const store = memoryStore();
  const agenda = newAgenda({ head: HEAD }, { store, keyOf: (part) => `segment-${part}` });
  if (rows.length > 0) await agenda.addRows(rows);
  return { store, agenda };
}

const dueAt = async (agenda: Agenda, at: number) => [...(await agenda.due(at, 100, () => true)).keys()].sort();

describe('a recent row', () => {
  test.each([
    { dueAt: 9, isDue: true },
    { dueAt: 10, isDue: true },
    { dueAt: 11, isDue: false },
    { dueAt: undefined, isDue: false },
  ])('of $dueAt is due at 10: $isDue', async ({ dueAt: own, isDue }) => {
    const { agenda } = await agendaOf();
    agenda.set('a', own);
    expect(await dueAt(agenda, 10)).toEqual(isDue ? ['a'] : []);
  });

  test('replaces the settled row of its name, whether it is due or not', async () => {
    const { agenda } = await agendaOf([
      [5, 'a'],
      [5, 'b'],
    ]);
    agenda.set('a', 20);
    agenda.set('b', 6, { list: LIST });
    expect([...(await agenda.due(10, 100, () => true))]).toEqual([['b', LIST]]);
  });

  test('is noted as touched', async () => {
    const { agenda } = await agendaOf();
    agenda.set('a', 1);
    expect([...agenda.touched]).toEqual(['a']);
  });
});

describe('a settled row', () => {
  test.each([
    { dueAt: 9, isDue: true },
    { dueAt: 10, isDue: true },
    { dueAt: 11, isDue: false },
  ])('of $dueAt is due at 10: $isDue', async ({ dueAt: own, isDue }) => {
    const { agenda } = await agendaOf([
      [0, 'first'],
      [own, 'a'],
    ]);
    expect(await dueAt(agenda, 10)).toEqual(isDue ? ['a', 'first'] : ['first']);
  });

  test('says what its plan is made from, unless its name has a second one: then one of them is out of date', async () => {
    const { agenda } = await agendaOf([
      [1, 'a', LIST],
      [1, 'b', LIST],
      [2, 'b', LIST],
      [3, 'c'],
    ]);
    const due = await agenda.due(10, 100, () => true);
    expect([...due].sort()).toEqual([
      ['a', LIST],
      ['b', undefined],
      ['c', undefined],
    ]);
  });
});

test('rows that nobody wants are left out, recent and settled ones', async () => {
  const { agenda } = await agendaOf([
    [1, 'a'],
    [1, 'b'],
  ]);
  agenda.set('c', 1);
  agenda.set('d', 1);
  const due = await agenda.due(10, 100, (name) => name === 'b' || name === 'd');
  expect([...due.keys()].sort()).toEqual(['b', 'd']);
});

describe('settling', () => {
  test('moves all recent rows but the earliest, and keeps what their plans are made from', async () => {
    const { agenda } = await agendaOf();
    for (const [name, at] of [['c', 30] as const, ['a', 10] as const, ['b', 20] as const])
      agenda.set(name, at, { list: LIST });
    expect(agenda.isSettled()).toBe(false);
    await agenda.settle(1);
    expect([...agenda.recent.keys()]).toEqual(['a']);
    expect(agenda.isSettled()).toBe(true);
    expect([...(await agenda.due(30, 100, () => true))].sort()).toEqual(['a', 'b', 'c'].map((name) => [name, LIST]));
  });

  test('moves what is never due first, though it need not be kept anywhere', async () => {
    const { agenda, store } = await agendaOf();
    agenda.set('a', undefined);
    agenda.set('b', 20);
    await agenda.settle(1);
    expect([...agenda.recent.keys()]).toEqual(['b']);
    expect([agenda.segments(), store.objects.size]).toEqual([[], 0]);
  });

  test('of nothing writes nothing', async () => {
    const { agenda, store } = await agendaOf();
    agenda.set('a', 5);
    await agenda.settle(1);
    expect([agenda.isSettled(), store.objects.size]).toEqual([false, 0]);
  });

  test.each([
    { says: 'that is said with the change', was: 5, isFoundBefore: false },
    { says: 'that was found due before', was: undefined, isFoundBefore: true },
  ])('takes the old row out by its instant, $says', async ({ was, isFoundBefore }) => {
    const { agenda } = await agendaOf([
      [5, 'a'],
      [5, 'b'],
    ]);
    if (isFoundBefore) await dueAt(agenda, 10);
    agenda.set('a', 50, { was });
    agenda.set('a', 60);
    await agenda.settle(0);
    expect(await dueAt(agenda, 59)).toEqual(['b']);
    expect(await dueAt(agenda, 60)).toEqual(['a', 'b']);
  });

  test('takes out the row of one that is never due any more', async () => {
    const { agenda } = await agendaOf([
      [5, 'a'],
      [6, 'b'],
    ]);
    agenda.set('a', undefined, { was: 5 });
    await agenda.settle(0);
    expect(await dueAt(agenda, 100)).toEqual(['b']);
  });
});

test('a save takes what was replaced since the one before, once', async () => {
  const { agenda, store } = await agendaOf([[5, 'a']]);
  expect(agenda.takeSuperseded()).toEqual([]);
  const [first] = agenda.segmentKeys();
  agenda.set('b', 6);
  await agenda.settle(0);
  expect([...agenda.segmentKeys()].sort()).toEqual(['segment-1', 'segment-2']);
  expect(store.objects.has('segment-1')).toBe(true);
  expect(agenda.takeSuperseded()).toEqual([first]);
  expect([agenda.isSettled(), agenda.takeSuperseded(), agenda.segmentKeys()]).toEqual([false, [], ['segment-2']]);
});

test('adding no row settles nothing', async () => {
  const { agenda } = await agendaOf();
  await agenda.addRows([]);
  expect(agenda.isSettled()).toBe(false);
  await agenda.addRows([[1, 'a']]);
  expect(agenda.isSettled()).toBe(true);
});
