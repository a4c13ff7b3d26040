import { describe, expect, test } from 'vitest';
import { StorageError } from '../../../functions/errors.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import type { Store } from '../../../functions/ports.ts';
import { defineSource, type Stream } from '../../../functions/source/source.ts';
import { committedRows } from '../../../local/commands/check-source/committed-rows.ts';
import capped from '../../fixtures/sources/capped.ts';
import postbox from '../../fixtures/sources/postbox.ts';
import { type DetailedCall, detailsWarehouse, detailsWorld } from '../../helpers/details-world.ts';
import { type Kill, killingStore } from '../../helpers/killing-store.ts';
import { holding } from '../../helpers/opted-out.ts';

const SECRET = 'kept-nowhere';
const details = (words: string) => ({ call: { cost: '1.25', transcript: words, turns: [{ turn: 1, words }] } });

describe('a run that is killed at any write or deletion', () => {
  /** One call opts out, one is removed, one is edited, one is new. */
  async function played(kill?: Kill) {
    const calls: DetailedCall[] = Array.from({ length: 8 }, (_, n) => ({
      id: `c${n}`,
      note: '-',
      details: details(n === 1 ? SECRET : `words ${n}`),
    }));
    const made = await detailsWorld(postbox, calls, 'call_details');
    await made.run(0);
    calls.splice(7, 1);
    await made.run(96);
    calls[1] = { id: 'c1', opt_out: true, details: details(SECRET) };
    calls[2] = { id: 'c2', note: 'edited', details: details('new words') };
    calls.unshift({ id: 'c9', minutesAgo: -1, note: '-', details: details('words 9') });
    const killing = killingStore(made.store, kill);
    const result = await made
      .run(192, { store: killing.store, commitEveryMs: 0, partitionsAtOnce: 4 })
      .catch(() => undefined);
    return { ...made, killing, result, asked: [...(result?.asked ?? [])].sort() };
  }

  /** The call, what was said, and whether the row is live. */
  async function rowsIn({ store, commits }: Awaited<ReturnType<typeof played>>) {
    const table = postbox.streams['call_details']?.tables[0];
    const rows = table
      ? await committedRows({ store, readParquet: nodePorts.readParquet }, await commits(), table)
      : [];
    return [...rows].map(([id, row]) => [id, row['transcript'], row['_deleted_at'] === null]).sort();
  }

  test('is repaired by the next one', async () => {
    const whole = await played();
    expect(whole).toMatchObject({ result: { exitCode: 0 }, asked: ['c1', 'c2', 'c9'] });
    await whole.run(288);
    const expected = await rowsIn(whole);
    expect(expected).toContainEqual(['c1', null, true]);
    expect(expected).toContainEqual(['c7', 'words 7', false]);
    const effects = whole.killing.effects.length;
    expect(effects).toBeGreaterThan(20);
    for (let effect = 1; effect <= effects; effect += 2) {
      const killed = await played({ effect, when: 'before' });
      expect(killed.killing.isDead()).toBe(true);
      expect((await killed.run(193)).exitCode).toBe(0);
      expect({ effect, left: holding(killed.store, SECRET) }).toEqual({ effect, left: [] });
      // A scan that was cut proves no removal.
      await killed.run(288);
      expect(await rowsIn(killed)).toEqual(expected);
    }
  });
});

test('details go only the way that was committed for their record', async () => {
  const calls: DetailedCall[] = Array.from({ length: 8 }, (_, n) => ({
    id: `c${n}`,
    note: '-',
    details: details('-'),
  }));
  const { run, store } = await detailsWorld(postbox, calls, 'call_details');
  await run(0);
  calls.pop();
  await run(96);
  const failing: Store = {
    ...store,
    put: async (key, body, options) => {
      if (key.startsWith('commits/postbox/default/calls/')) throw new StorageError('the disk is full');
      return store.put(key, body, options);
    },
  };
  const failed = await run(192, { store: failing });
  expect(failed.streams).toMatchObject([{ exitCode: 5 }, { stream: 'call_details', exitCode: 0, deleted: 0 }]);
  const next = await run(193);
  expect(next.streams).toMatchObject([{ deleted: 1 }, { stream: 'call_details', exitCode: 0, deleted: 2 }]);
});

test('the view of calls joins columns of the details, and shows null where there are none', async () => {
  const calls: DetailedCall[] = [
    { id: 'c0', details: details('words') },
    { id: 'c1', details: undefined },
  ];
  const { run, store } = await detailsWorld(postbox, calls, 'call_details');
  await run(0);
  const { load, rowsOf } = await detailsWarehouse(postbox, store);
  await load();
  expect(await rowsOf('SELECT call_id, cost, cost_currency FROM callhouse.calls ORDER BY call_id')).toEqual([
    ['c0', '1.250000', 'USD'],
    ['c1', null, null],
  ]);
});

test('details stop at a vendor that serves none, and others are requested first in the next run', async () => {
  const calls = Array.from({ length: 60 }, (_, n) => ({ id: `c${n}`, details: details('words') }));
  const { run, vendor } = await detailsWorld(postbox, calls, 'call_details');
  vendor.answer = () => ({ status: 404, body: '{}' });
  const first = await run(0);
  expect(first.exitCode).toBe(4);
  expect(first.asked.length).toBeLessThan(30);
  vendor.answer = undefined;
  const second = await run(1);
  expect(second).toMatchObject({ exitCode: 0 });
  expect(second.asked).toHaveLength(60);
  expect(second.asked.slice(36).sort()).toEqual(first.asked.slice(0, 24).sort());
});

test('details of young records are requested again as often as declared, and follow an edit that the list does not show', async () => {
  const { calls: declared } = postbox.streams;
  const own = declared?.kind === 'collection' ? declared.details?.['call_details'] : undefined;
  if (!declared || !own) throw new Error('no details');
  const again = { ...own, again: [{ every: '6h', back: '1d' }] };
  const source = defineSource({
    ...postbox,
    streams: { calls: { ...declared, details: { call_details: again } } as Stream },
  });
  const calls: DetailedCall[] = [{ id: 'c0', details: details('begin') }];
  const { run, store } = await detailsWorld(source, calls, 'call_details');
  const asked: number[] = [];
  for (const hours of [0, 3, 6, 9, 12, 40]) {
    if (hours === 6) calls[0] = { id: 'c0', details: details('complete') };
    if ((await run(hours)).asked.length > 0) asked.push(hours);
  }
  expect(asked).toEqual([0, 6, 12]);
  expect(holding(store, 'complete')).toContain('raw');
});

test('a call whose id would change the address is not requested, and the others are', async () => {
  const calls: DetailedCall[] = [
    { id: '..', minutesAgo: 1, details: { notes: [] } },
    { id: 'c2', details: { notes: [{ id: 'n', words: 'x' }] } },
  ];
  const { run } = await detailsWorld(capped, calls, 'call_notes');
  const result = await run(0);
  expect(result).toMatchObject({ exitCode: 4, asked: ['c2'] });
  expect(result.error).toContain('a partition has no usable value for id; expected an id');
});
