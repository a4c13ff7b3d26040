import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../../../functions/time.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { digestSaver } from '../../../helpers/settled-digest.ts';
import { AT, flat, named, place, record, START_DAY, STARTED } from '../../../helpers/unit-diff.ts';

describe('a record', () => {
  test('seen for the first time is staged, and its day is added to the digest', () => {
    const { digest, at } = place();
    const diff = at(0);
    const { rows, changed } = diff.compare([flat(record(), 'g')]);
    expect(changed).toBe(1);
    expect(diff.takeEmptied()).toEqual([]);
    expect(rows.map(named)).toEqual([
      {
        account: 'north',
        id: 'a',
        uuid: 'u',
        at: Date.parse(STARTED),
        quiet: 'false',
        note: 'said',
        _part_on: START_DAY,
        _first_seen_at: AT,
        _changed_at: AT,
        _seq: 7n,
        _load_id: 'load-7',
        _op: 'upsert',
        _row: 1n,
      },
    ]);
    expect([...digest.entries.recent]).toEqual([
      [
        'a',
        {
          contentHash: expect.stringMatching(/^[\w-]{22}$/),
          partOn: START_DAY,
          firstSeenAt: AT,
          group: 'g',
          alias: 'u',
        },
      ],
    ]);
    expect(diff.takeCounts()).toEqual({ changed: 1, unchanged: 0, deleted: 0 });
    expect(diff.takeCounts()).toEqual({ changed: 0, unchanged: 0, deleted: 0 });
  });

  test('that is the same is not staged, and the digest does not change', () => {
    const { digest, at } = place();
    at(0).compare([flat(record())]);
    digest.markSaved();
    const diff = at(1);
    expect(diff.compare([flat(record())])).toEqual({ rows: [], changed: 0 });
    expect(digest.changed()).toBe(0);
    expect(diff.takeCounts()).toEqual({ changed: 0, unchanged: 1, deleted: 0 });
  });

  test.each([
    { sortedAt: 5, sortedBy: undefined },
    { sortedAt: 4, sortedBy: 1 },
  ])('that has another place in its list is not staged, but noted there: %j', (moved) => {
    const { digest, at } = place();
    at(0).compare([{ ...flat(record()), sortedAt: 4 }]);
    digest.markSaved();
    expect(at(1).compare([{ ...flat(record()), ...moved }])).toEqual({ rows: [], changed: 0 });
    expect(digest.entries.get('a')).toMatchObject({ sortedAt: moved.sortedAt });
    expect(digest.entries.get('a')?.sortedBy).toBe(moved.sortedBy);
    expect(digest.changed()).toBe(1);
  });

  test.each([
    { by: 'redact' as const, more: { optedOut: true }, op: 'redact' },
    { by: 'blank' as const, more: { blanked: true, contentHash: '' }, op: 'blank' },
  ])('that is emptied by $by is noted so, and copies of it are to be redacted', ({ by, more, op }) => {
    const { digest, at } = place();
    at(0).compare([flat(record())]);
    const before = digest.entries.get('a');
    const diff = at(1);
    const rows = diff.empty('a', by);
    expect(rows.map(named).map((row) => row['_op'])).toContain(op);
    expect(digest.entries.get('a')).toEqual({ ...before, ...more, deletedAt: AT + HOUR_MS });
    expect([diff.takeEmptied(), diff.takeEmptied()]).toEqual([['a'], []]);
    expect(diff.empty('unknown', by)).toEqual([]);
  });

  test('that is removed keeps its content, and no copy is to be redacted', () => {
    const { digest, at } = place();
    at(0).compare([flat(record())]);
    const before = digest.entries.get('a');
    const diff = at(1);
    expect(
      diff
        .remove('a')
        .map(named)
        .map((row) => row['_op']),
    ).toContain('delete');
    expect(digest.entries.get('a')).toEqual({ ...before, deletedAt: AT + HOUR_MS });
    expect([diff.takeEmptied(), diff.remove('a'), diff.remove('unknown')]).toEqual([[], [], []]);
  });

  test('that differs is staged with its first day and instant even if its start moved', () => {
    const { at } = place();
    at(0).compare([flat(record())]);
    const { rows } = at(5).compare([flat(record({ at: '2025-01-01T00:00:00Z' }))]);
    expect(rows.map(named)).toMatchObject([
      { _part_on: START_DAY, _first_seen_at: AT, _changed_at: AT + 5 * HOUR_MS, at: Date.parse('2025-01-01') },
    ]);
  });

  test('that moved to another group gets that group in the digest and is not staged', () => {
    const { digest, at } = place();
    at(0).compare([flat(record(), 'g')]);
    expect(at(1).compare([flat(record(), 'h')]).rows).toEqual([]);
    expect(digest.entries.get('a')?.group).toBe('h');
    at(2).compare([flat(record())]);
    expect(digest.entries.get('a')).not.toHaveProperty('group');
  });

  test('that was a deletion candidate stops being one, and is not staged', () => {
    const { digest, at } = place();
    at(0).compare([flat(record())]);
    const entry = digest.entries.get('a');
    if (!entry) throw new Error('no entry');
    digest.set('a', { ...entry, missingSince: 1, missingSinceClock: 2 });
    expect(at(1).compare([flat(record())])).toMatchObject({ rows: [], changed: 0 });
    expect(digest.entries.get('a')).toEqual(entry);
  });

  test('that was marked deleted is staged as a live row', () => {
    const { digest, at } = place();
    at(0).compare([flat(record())]);
    at(1).remove('a');
    const { rows, changed } = at(2).compare([flat(record())]);
    expect(changed).toBe(1);
    expect(rows.map(named)).toMatchObject([{ _op: 'upsert', _part_on: START_DAY, _first_seen_at: AT }]);
    expect(rows.map(named)[0]).not.toHaveProperty('_deleted_at');
    expect(digest.entries.get('a')).not.toHaveProperty('deletedAt');
  });
});

describe('a record that opts out', () => {
  const emptiedBy = (diff: ReturnType<ReturnType<typeof place>['at']>, fields: object) => {
    diff.compare([flat(record(fields))]);
    return diff.takeEmptied();
  };

  test('later is reported once, because earlier copies hold its content', () => {
    const { digest, at } = place();
    at(0).compare([flat(record())]);
    expect(emptiedBy(at(1), { quiet: true })).toEqual(['a']);
    expect(digest.entries.get('a')?.optedOut).toBe(true);
    expect(emptiedBy(at(2), { quiet: true, more: 1 })).toEqual([]);
    at(3).compare([flat(record())]);
    expect(digest.entries.get('a')).not.toHaveProperty('optedOut');
    expect(emptiedBy(at(4), { quiet: true })).toEqual(['a']);
  });

  test('and is removed then is redacted, because only the last of two changes is loaded', () => {
    const { at } = place();
    at(0).compare([flat(record())]);
    at(1).compare([flat(record({ quiet: true }))]);
    expect(at(2).remove('a').map(named)).toMatchObject([{ id: 'a', _op: 'redact' }]);
    at(0).compare([flat(record({ id: 'b' }))]);
    expect(at(2).remove('b').map(named)).toMatchObject([{ id: 'b', _op: 'delete' }]);
  });

  test('from the beginning is not reported', () => {
    expect(emptiedBy(place().at(0), { quiet: true })).toEqual([]);
  });
});

describe('a record that was flattened again', () => {
  test('counts once, whatever was staged before it', () => {
    const diff = place().at(0);
    diff.compare([flat(record())]);
    const again = { ...flat(record({ note: 'shown' })), isAgain: true as const };
    expect(diff.compare([flat(record({ id: 'b', uuid: 'v' })), again]).rows).toHaveLength(2);
    expect(diff.takeCounts()).toMatchObject({ changed: 2 });
  });
});

describe('a settled record', () => {
  /** A diff over a digest of which record `a` is settled, and opened again. */
  async function settled(isProbed = true) {
    const { digest } = place();
    place({ digest })
      .at(0)
      .compare([flat(record())]);
    const store = memoryStore();
    const saver = digestSaver(store, { recentRows: 0, mostRecentRows: 0, shardRows: 400 });
    const { keys } = await saver.save({ digest, keys: [] });
    const { digest: again } = await saver.open(keys);
    if (isProbed) await again.openProbes();
    return { diff: place({ digest: again }).at(1), digest: again };
  }

  test('that is the same needs no look at its entry, and counts as unchanged', async () => {
    const { diff } = await settled();
    expect(diff.isSettled(flat(record({ people: [] })))).toBe(true);
    expect(diff.takeCounts()).toEqual({ changed: 0, unchanged: 1, deleted: 0 });
  });

  test.each([
    { says: 'has changed', own: record({ people: [], note: 'other' }) },
    { says: 'is not known', own: record({ people: [], id: 'b', uuid: 'v' }) },
    { says: 'does not say which children it has', own: record() },
  ])('that $says is compared', async ({ own }) => {
    const { diff } = await settled();
    expect(diff.isSettled(flat(own))).toBe(false);
    expect(diff.takeCounts()).toEqual({ changed: 0, unchanged: 0, deleted: 0 });
  });

  test('is compared if its entry is loaded, or if there are no probes', async () => {
    const { diff, digest } = await settled();
    await digest.entries.load(['a']);
    expect(diff.isSettled(flat(record({ people: [] })))).toBe(false);
    expect((await settled(false)).diff.isSettled(flat(record({ people: [] })))).toBe(false);
  });
});
