import { expect, test } from 'vitest';
import { confirmationPrefix } from '../../../functions/lake/objects.ts';
import {
  CONFIRMATION_MS,
  confirmArguments,
  confirmRemovals,
  hasOtherConfirmation,
  readConfirmations,
} from '../../../functions/lake/removal-confirmation.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';

const ID = { source: 'unit', account: 'default', stream: 'calls' };
const HELD = { scan: 7, clock: 8, count: 30, groups: [] };
const NOW = 1_793_523_600_000;

/** Whether a confirmation counts for the removals, and whether there is any. */
async function found(store: ReturnType<typeof memoryStore>, held = HELD, now = NOW) {
  const keys = await readConfirmations(store, ID, held, now);
  return [keys.length, await hasOtherConfirmation(store, ID, now)];
}

test('removals that nobody confirmed have no confirmation', async () => {
  expect(await found(memoryStore())).toEqual([0, false]);
});

test.each([
  { says: 'exactly these', held: HELD, own: 1 },
  { says: 'another number', held: { ...HELD, count: 3 }, own: 0 },
  { says: 'another scan', held: { ...HELD, scan: 77 }, own: 0 },
])('a confirmation counts for the removals that it names: $says', async ({ held, own }) => {
  const store = memoryStore();
  await confirmRemovals(store, ID, held, NOW);
  expect(await found(store)).toEqual([own, true]);
  expect(await hasOtherConfirmation(store, { ...ID, stream: 'users' }, NOW)).toBe(false);
});

test.each([
  { ms: CONFIRMATION_MS, counts: true },
  { ms: CONFIRMATION_MS + 1, counts: false },
])('a confirmation counts for a week: $ms ms later $counts', async ({ ms, counts }) => {
  const store = memoryStore();
  await confirmRemovals(store, ID, HELD, NOW);
  expect(await found(store, HELD, NOW + ms)).toEqual([counts ? 1 : 0, counts]);
});

test.each(['', '{}', '{"confirmedAt":"now"}', 'x'])('a damaged confirmation counts for nothing: %j', async (text) => {
  const store = memoryStore();
  store.objects.set(`${confirmationPrefix(ID)}7-30-1.json`, Buffer.from(text));
  expect(await found(store)).toEqual([0, false]);
});

test('a command names the stream, and an account that is not the default one', () => {
  expect(confirmArguments(ID)).toBe('confirm-removals unit.calls');
  expect(confirmArguments({ ...ID, account: 'north' })).toBe('confirm-removals unit.calls --account north');
});
