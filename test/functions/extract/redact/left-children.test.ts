import { expect, test } from 'vitest';
import { type MemoryStore, memoryStore } from '../../../../local/lake/memory-store.ts';
import { contentOf, foldSource, rowsOf } from '../../../helpers/fold-staged.ts';
import { type Kill, killingStore } from '../../../helpers/killing-store.ts';
import { KISMET_ENV, scriptedKismet } from '../../../helpers/kismet.ts';
import { objectsWith } from '../../../helpers/objects-with.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { runSource } from '../../../helpers/run-source.ts';

const GONE = 'zq-name-of-one-who-left';
const STAYS = 'zq-name-of-one-who-stays';
const AT = Date.parse('2026-11-01T09:00:00Z');
const KEY = '1|Recipient|2';

/** A call with two participants of whom one leaves, and runs that see it. */
async function callWithTwo({ asText = false } = {}) {
  const one = { id: 1, participant_type: 'User', name: STAYS };
  const two = { id: 2, participant_type: 'Recipient', name: GONE, note: GONE };
  const other = {
    id: 2,
    state: 'ended',
    created_at: '2026-10-31T08:00:00Z',
    participants: [{ ...two, name: STAYS, note: '' }],
  };
  const call = (state: string, participants: readonly object[]) => ({
    ...{ id: 1, state, created_at: '2026-10-31T09:00:00Z' },
    participants: asText ? JSON.stringify(participants) : participants,
  });
  const calls: object[] = [call('active', [one, two]), other];
  const { url } = await scriptedKismet([101], { 101: calls });
  const run = (store: MemoryStore, hours: number, onVendorRemoval: 'mark' | 'blank' = 'blank') =>
    runSource(
      'kismet',
      { at: new Date(AT + hours * 3_600_000), url, onVendorRemoval, streams: ['organization_users', 'calls'] },
      makePorts({ store, env: KISMET_ENV }),
    );
  const lake = memoryStore();
  await run(lake, 0);
  calls[0] = call('ended', [one, two]);
  await run(lake, 1);
  calls[0] = call('ended', [one]);
  const rejoin = () => {
    calls[0] = call('ended', [one, two]);
  };
  return { lake, run, calls, rejoin };
}

function copyOf({ objects }: MemoryStore): MemoryStore {
  const store = memoryStore();
  for (const [key, body] of objects) store.objects.set(key, body);
  return store;
}

const participants = async (store: MemoryStore) =>
  rowsOf(await foldSource(store, 'kismet'), 'kismet_call_participants');

test.each([false, true])(
  'one who leaves a call that stays is in no copy afterwards, if removed records are blanked (in JSON text: %s)',
  async (asText) => {
    const { lake, run, rejoin } = await callWithTwo({ asText });
    expect((await objectsWith(lake, GONE)).length).toBe(3);
    const others = (await objectsWith(lake, STAYS)).length;
    expect(await run(lake, 2)).toMatchObject({ exitCode: 0 });
    expect(await objectsWith(lake, GONE)).toEqual([]);
    expect((await objectsWith(lake, STAYS)).length).toBeGreaterThanOrEqual(asText ? 2 : others);
    const rows = await participants(lake);
    expect(rows.get(KEY)).toMatchObject({ name: null, _extra: null, _deleted_at: expect.anything() });
    expect([...rows.values()].filter(({ name }) => name === STAYS)).toHaveLength(2);

    rejoin();
    await run(lake, 3);
    expect((await participants(lake)).get(KEY)).toMatchObject({ name: GONE, _deleted_at: null });
    await run(lake, 4);
    expect((await objectsWith(lake, GONE)).length).toBe(2);
  },
);

test('participants of a call that was removed are in no copy, and the call keeps their number', async () => {
  const { lake, run, calls } = await callWithTwo();
  calls.splice(0, 1);
  for (const hours of [80, 82]) expect(await run(lake, hours)).toMatchObject({ exitCode: 0 });
  expect(await objectsWith(lake, GONE)).toEqual([]);
  const { participant_count } = rowsOf(await foldSource(lake, 'kismet'), 'kismet_calls').get('1') ?? {};
  expect(participant_count).toBe(2n);
});

test('one who leaves is only marked if removed records are', async () => {
  const { lake, run } = await callWithTwo();
  await run(lake, 2, 'mark');
  expect((await objectsWith(lake, GONE)).length).toBe(3);
});

test('a run that is killed while it empties the copies of one who left is completed by the next one', async () => {
  const { lake, run } = await callWithTwo();
  const whole = killingStore(copyOf(lake));
  await run(whole.store as MemoryStore, 2);
  const expected = await contentOf(await foldSource(copyOf(lake), 'kismet'));
  expect(Object.keys(expected).length).toBeGreaterThan(0);
  for (const [n] of whole.effects.entries()) {
    const kill: Kill = { effect: n + 1, when: 'before' };
    const store = copyOf(lake);
    await run(killingStore(store, kill).store as MemoryStore, 2).catch(() => undefined);
    await run(store, 3);
    expect({ kill, holding: await objectsWith(store, GONE) }).toEqual({ kill, holding: [] });
  }
});
