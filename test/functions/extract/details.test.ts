import { describe, expect, test } from 'vitest';
import type { Source } from '../../../functions/source/source.ts';
import capped from '../../fixtures/sources/capped.ts';
import postbox from '../../fixtures/sources/postbox.ts';
import { type DetailedCall, detailsWarehouse, detailsWorld } from '../../helpers/details-world.ts';
import { objectsWith } from '../../helpers/objects-with.ts';
import { holding } from '../../helpers/opted-out.ts';
import { OUT_OF_TIME } from '../../helpers/run-lake.ts';

const SECRET = 'kept-nowhere';

interface Form {
  readonly source: Source;
  readonly stream: string;
  /** What the vendor shows of one call: its words, of so many turns or notes. */
  readonly details: (words: string, count?: number) => Readonly<Record<string, unknown>>;
  /** Shows the id of the call, the words, and whether the row is live. */
  readonly sql: string;
}

const FORMS: readonly Form[] = [
  {
    source: postbox,
    stream: 'call_details',
    details: (words, count = 2) => ({
      call: { cost: '1.25', transcript: words, turns: Array.from({ length: count }, (_, turn) => ({ turn, words })) },
    }),
    sql: `SELECT call_id, transcript, _deleted_at IS NULL FROM callhouse_phi.postbox_call_details
      UNION ALL SELECT call_id, words, _deleted_at IS NULL FROM callhouse_phi.postbox_call_turns`,
  },
  {
    source: capped,
    stream: 'call_notes',
    details: (words, count = 3) => ({
      notes: Array.from({ length: count }, (_, n) => ({ id: `n${n}`, author: 'staff', words })),
    }),
    sql: 'SELECT call_id, words, _deleted_at IS NULL FROM callhouse_phi.capped_call_notes',
  },
];

describe.each(FORMS)('details of $source.name', ({ source, stream, details, sql }) => {
  const some = (count = 6): DetailedCall[] =>
    Array.from({ length: count }, (_, n) => ({ id: `c${n}`, note: '-', details: details(`words ${n}`) }));
  const world = (calls = some()) => detailsWorld(source, calls, stream);
  /** Rows in the warehouse, as [call, words, live]. */
  const rowsIn = async (objects: Awaited<ReturnType<typeof world>>['store']) => {
    const { load, rowsOf } = await detailsWarehouse(source, objects);
    await load();
    return rowsOf(`${sql} ORDER BY ALL`);
  };
  const rowsFor = (calls: readonly number[], words = (n: number): string | null => `words ${n}`, live = true) =>
    calls.flatMap((n) => Array.from({ length: 3 }, () => [`c${n}`, words(n), live]));

  test('are requested once for each record, newest first, and again when it changes', async () => {
    const { run, vendor, store } = await world();
    expect(await run(0)).toMatchObject({ exitCode: 0, asked: ['c0', 'c1', 'c2', 'c3', 'c4', 'c5'] });
    expect(await run(1)).toMatchObject({ exitCode: 0, asked: [] });
    vendor.calls.unshift({ id: 'c6', minutesAgo: -1, note: '-', details: details('words 6') });
    vendor.calls[3] = { id: 'c2', note: 'edited', status: 'edited', details: details('new words') };
    expect((await run(96)).asked.sort()).toEqual(['c2', 'c6']);
    expect(await rowsIn(store)).toEqual([
      ...rowsFor([0, 1]),
      ...rowsFor([2], () => 'new words'),
      ...rowsFor([3, 4, 5, 6]),
    ]);
  });

  test('lose the rows that their record has no longer, at once', async () => {
    const { run, vendor, store } = await world(some(2));
    await run(0);
    vendor.calls[0] = { id: 'c0', note: 'edited', status: 'edited', details: details('words 0', 1) };
    expect(await run(96)).toMatchObject({ exitCode: 0, asked: ['c0'] });
    const live = (await rowsIn(store)).filter(([id, , isLive]) => id === 'c0' && isLive);
    expect(live).toHaveLength(source === postbox ? 2 : 1);
  });

  test('keep rows that their record has no longer while one of its rows has no key', async () => {
    const { run, vendor, store } = await world(some(1));
    await run(0);
    const shown = JSON.stringify(details('words 0')).replace(/"(turn|id)":("n)?1"?/, '"$1":null');
    vendor.calls[0] = { id: 'c0', note: 'edited', status: 'edited', details: JSON.parse(shown) };
    expect(await run(96)).toMatchObject({ exitCode: 0, asked: ['c0'] });
    expect(await rowsIn(store)).toEqual(rowsFor([0]));
  });

  test.each([undefined, 'blank'] as const)(
    'are removed with their record, and come back with it (%s)',
    async (removal) => {
      const { run, vendor, store } = await world();
      const onRemoval = removal === undefined ? {} : { onVendorRemoval: removal };
      await run(0);
      const [gone] = vendor.calls.splice(2, 1);
      await run(96, onRemoval);
      expect(await run(192, onRemoval)).toMatchObject({ exitCode: 0, asked: [], details: { deleted: 3 } });
      const { load, rowsOf } = await detailsWarehouse(source, store);
      await load();
      const kept = removal === 'blank' ? null : 'words 2';
      expect((await objectsWith(store, 'words 2')).length > 0).toBe(removal !== 'blank');
      expect((await objectsWith(store, 'words 3')).length).toBeGreaterThan(1);
      expect(await rowsOf(`${sql} ORDER BY ALL`)).toEqual([
        ...rowsFor([0, 1]),
        ...rowsFor([2], () => kept, false),
        ...rowsFor([3, 4, 5]),
      ]);
      if (gone) vendor.calls.splice(2, 0, gone);
      expect(await run(288, onRemoval)).toMatchObject({ exitCode: 0, asked: ['c2'] });
      await load();
      expect(await rowsOf(`${sql} ORDER BY ALL`)).toEqual(rowsFor([0, 1, 2, 3, 4, 5]));
    },
  );

  test('of one that cannot be read do not keep the others waiting, and are requested again, less and less often', async () => {
    const { run, vendor, store } = await world();
    vendor.answer = (id) => (id === 'c0' ? { status: 404, body: '{}' } : undefined);
    const first = await run(0);
    expect(first).toMatchObject({ exitCode: 4, asked: ['c0', 'c1', 'c2', 'c3', 'c4', 'c5'] });
    expect(first.error).toMatch(
      /the details of 1 records could not be read \(.* answered 404; .*\); what was read is stored/,
    );
    expect(await rowsIn(store)).toEqual(rowsFor([1, 2, 3, 4, 5]));
    const tries = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const asked: number[] = [];
    for (const hours of tries) if ((await run(hours)).asked.length > 0) asked.push(hours);
    expect(asked).toEqual([1, 2, 4, 8]);
    const waiting = await run(10);
    expect(waiting).toMatchObject({ exitCode: 0, asked: [] });
    expect(waiting.lines.map(({ message }) => message)).toContain(
      'the details of 1 records could not be read, and are requested later',
    );
    vendor.answer = undefined;
    expect(await run(16)).toMatchObject({ exitCode: 0, asked: ['c0'] });
    expect(await rowsIn(store)).toEqual(rowsFor([0, 1, 2, 3, 4, 5]));
  });

  test('are requested at once when a record changes that could not be read', async () => {
    const { run, vendor } = await world(some(2));
    vendor.answer = (id) => (id === 'c1' ? { status: 404, body: '{}' } : undefined);
    for (const hours of [0, 1, 2]) await run(hours);
    vendor.answer = undefined;
    vendor.calls[1] = { id: 'c1', note: 'done', status: 'done', details: details('words 1') };
    expect(await run(99)).toMatchObject({ exitCode: 0, asked: ['c1'] });
  });

  test.each([
    ['a body that is no JSON', { body: '<html>' }, 4],
    ['an answer without them', { json: { message: 'try later' } }, 4],
    ['a failure with status 200', { json: { success: false } }, 4],
    ['a server that fails', { status: 500, body: '{}' }, 3],
  ])('are not confused with %s', async (_what, answer, exitCode) => {
    const { run, vendor, store } = await world(some(4));
    vendor.answer = (id) => (id === 'c1' ? answer : undefined);
    expect(await run(0)).toMatchObject({ exitCode });
    expect(await rowsIn(store)).toEqual(rowsFor([0, 2, 3]));
    vendor.answer = undefined;
    expect(await run(1)).toMatchObject({ exitCode: 0, asked: ['c1'] });
  });

  test('are read on where a run was cut, and each is read once', async () => {
    const { run, vendor, store } = await world();
    vendor.answer = (id) => (id === 'c3' ? OUT_OF_TIME : undefined);
    const cut = await run(0, { commitEveryMs: 0 });
    expect(cut).toMatchObject({ exitCode: 6 });
    expect(cut.error).toContain('the details of 3 records are left');
    vendor.answer = undefined;
    expect((await run(1)).asked).toEqual(['c3', 'c4', 'c5']);
    expect(await rowsIn(store)).toEqual(rowsFor([0, 1, 2, 3, 4, 5]));
  });

  test('of a caller who opted out are stored without content from the beginning', async () => {
    const calls = some(2);
    calls[1] = { id: 'c1', opt_out: true, details: details(SECRET) };
    const { run, store } = await world(calls);
    expect(await run(0)).toMatchObject({ exitCode: 0, asked: ['c0', 'c1'] });
    expect(holding(store, SECRET)).toEqual([]);
    expect(await rowsIn(store)).toEqual([...rowsFor([0]), ...rowsFor([1], () => null)]);
  });

  describe('of a caller who opts out later', () => {
    async function flipped() {
      const calls = some(3);
      calls[1] = { id: 'c1', details: details(SECRET) };
      const made = await world(calls);
      await made.run(0);
      calls[1] = { id: 'c1', opt_out: true, details: details(SECRET) };
      return made;
    }

    test('lose it in every copy, and in the warehouse, also if they cannot be read again', async () => {
      const { run, vendor, store } = await flipped();
      const { load, rowsOf } = await detailsWarehouse(source, store);
      await load();
      expect(holding(store, SECRET).sort()).toEqual(expect.arrayContaining(['raw']));
      expect((await rowsOf(`${sql} ORDER BY ALL`)).flat()).toContain(SECRET);
      vendor.answer = (id) => (id === 'c1' ? { status: 404, body: '{}' } : undefined);
      expect(await run(96)).toMatchObject({ exitCode: 4, asked: ['c1'] });
      expect(holding(store, SECRET)).toEqual([]);
      await load();
      expect(await rowsOf(`${sql} ORDER BY ALL`)).toEqual([
        ...rowsFor([0]),
        ...rowsFor([1], () => null, false),
        ...rowsFor([2]),
      ]);
      vendor.answer = undefined;
      expect(await run(97)).toMatchObject({ exitCode: 0, asked: ['c1'] });
      expect(holding(store, SECRET)).toEqual([]);
      await load();
      expect(await rowsOf(`${sql} ORDER BY ALL`)).toEqual([
        ...rowsFor([0]),
        ...rowsFor([1], () => null),
        ...rowsFor([2]),
      ]);
    });

    test('are stored completely again if the caller opts in', async () => {
      const { run, vendor, store } = await flipped();
      await run(96);
      vendor.calls[1] = { id: 'c1', details: details('words 1') };
      expect(await run(192)).toMatchObject({ exitCode: 0, asked: ['c1'] });
      expect(await rowsIn(store)).toEqual(rowsFor([0, 1, 2]));
    });
  });

  test('of a backfill are those of its days', async () => {
    const { run } = await world(some(2));
    await run(0);
    const day = { from: new Date('2026-11-01T00:00:00Z'), to: new Date('2026-11-01T23:59:59Z') };
    expect((await run(1, { window: day })).asked).toEqual(['c0', 'c1']);
    const before = { from: new Date('2026-10-01T00:00:00Z'), to: new Date('2026-10-02T00:00:00Z') };
    expect((await run(2, { window: before })).asked).toEqual([]);
  });

  test('say why there are none if nothing is known of their records', async () => {
    const { run } = await world();
    const result = await run(0, { streams: [stream] });
    expect(result).toMatchObject({ exitCode: 2 });
    expect(result.error).toContain(`run ${source.name}.calls first`);
  });
});
