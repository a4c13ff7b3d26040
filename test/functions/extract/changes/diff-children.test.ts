import { describe, expect, test } from 'vitest';
import type { CompleteRow } from '../../../../functions/extract/changes/complete-row.ts';
import { decodeChildren } from '../../../../functions/lake/child-rows.ts';
import type { DigestEntry } from '../../../../functions/lake/digest/digest-entry.ts';
import { DAY_MS, HOUR_MS } from '../../../../functions/time.ts';
import { AT, flat, named, place, record, START_DAY, summary } from '../../../helpers/unit-diff.ts';

describe('children', () => {
  const person = { id: 1, day: '2024-10-05', name: 'One' };

  test('are staged before their record, each by its own day', () => {
    const { rows } = place()
      .at(0)
      .compare([flat(record({ people: [person] }))]);
    expect(summary(rows)).toEqual(['unit_people 1 upsert', 'unit_calls a upsert']);
    expect(named(rows[0] as CompleteRow)).toMatchObject({ _part_on: Date.parse('2024-10-05') / DAY_MS, _row: 1n });
  });

  test('that change make their record count as changed but do not stage it', () => {
    const { at } = place();
    at(0).compare([flat(record({ people: [person] }))]);
    const diff = at(1);
    const { rows, changed } = diff.compare([flat(record({ people: [{ ...person, name: 'Uno' }] }))]);
    expect(changed).toBe(1);
    expect(summary(rows)).toEqual(['unit_people 1 upsert']);
    expect(diff.takeCounts()).toEqual({ changed: 1, unchanged: 1, deleted: 0 });
  });

  test.each(['delete', 'blank'] as const)('that are gone leave by the way of removed records: %s', (removal) => {
    const { at } = place({ removal });
    at(0).compare([flat(record({ people: [person] }))]);
    expect(summary(at(1).compare([flat(record({ people: [] }))]).rows)).toEqual([`unit_people 1 ${removal}`]);
  });

  test.each([
    { removal: 'blank', emptied: ['a'], isForgotten: true },
    { removal: 'delete', emptied: [], isForgotten: false },
  ] as const)('that are gone have earlier copies emptied where removals are to $removal', (given) => {
    const { removal, emptied, isForgotten } = given;
    const { at, digest } = place({ removal });
    at(0).compare([flat(record({ people: [person] })), flat(record({ id: 'b', uuid: 'v', people: [person] }))]);
    const diff = at(1);
    diff.compare([flat(record({ people: [] })), flat(record({ id: 'b', uuid: 'v', note: 'new', people: [person] }))]);
    expect(diff.takeEmptied()).toEqual(emptied);
    const [child] = decodeChildren(digest.entries.get('a')?.children).values();
    expect([child?.deleted, child?.contentHash === '']).toEqual([true, isForgotten]);
    expect(diff.takeEmptied()).toEqual([]);
  });

  test('that are gone are marked deleted in a row that holds only their key', () => {
    const { at } = place();
    at(0).compare([flat(record({ people: [person] }))]);
    const diff = at(1);
    const { rows } = diff.compare([flat(record({ people: [] }))]);
    const day = Date.parse('2024-10-05') / DAY_MS;
    expect(rows.map(named)).toEqual([
      {
        account: 'north',
        call_id: 'a',
        id: 1n,
        day,
        _part_on: day,
        _first_seen_at: AT,
        _changed_at: AT + HOUR_MS,
        _deleted_at: AT + HOUR_MS,
        _seq: 7n,
        _load_id: 'load-7',
        _op: 'delete',
        _row: 1n,
      },
    ]);
    expect(diff.takeCounts()).toEqual({ changed: 0, unchanged: 1, deleted: 1 });
  });

  test.each([{ name: 'One' }, { id: '' }, 'One', null])(
    'that are gone are kept while one is listed without a key: %j',
    (nameless) => {
      const { at } = place();
      at(0).compare([flat(record({ people: [person, { ...person, id: 2 }] }))]);
      expect(summary(at(1).compare([flat(record({ people: [person, nameless] }))]).rows)).toEqual([
        'unit_calls a upsert',
      ]);
      expect(summary(at(2).compare([flat(record({ people: [person] }))]).rows)).toContain('unit_people 2 delete');
    },
  );

  test('that are never deleted are staged with their record and under its day, whatever their own day', () => {
    const { at } = place();
    const entry = { id: 1, day: '2024-10-05', name: 'x' };
    const first = at(0).compare([flat(record({ entries: [entry] }))]);
    expect(summary(first.rows)).toEqual(['unit_calls a upsert', 'unit_entries 1 upsert']);
    expect(first.rows.map((row) => named(row)['_part_on'])).toEqual([START_DAY, START_DAY]);
    expect(at(1).compare([flat(record({ entries: [entry] }))]).rows).toEqual([]);
    const later = at(2).compare([flat(record({ at: '2026-01-01T00:00:00Z', entries: [entry], note: 'new' }))]);
    expect(later.rows.map((row) => named(row)['_part_on'])).toEqual([START_DAY, START_DAY]);
    expect(later.rows.map((row) => named(row)['_first_seen_at'])).toEqual([AT, AT]);
  });
});

describe('a deletion', () => {
  test('marks a record and its children only once', () => {
    const { digest, at } = place();
    at(0).compare([flat(record({ people: [{ id: 1, day: '2024-10-05' }], entries: [{ id: 2, day: '2024-10-05' }] }))]);
    digest.set('a', { ...(digest.entries.get('a') as DigestEntry), missingSince: 1, missingSinceClock: 2 });
    const diff = at(1);
    expect(summary(diff.remove('a'))).toEqual(['unit_calls a delete', 'unit_people 1 delete']);
    expect(diff.takeCounts()).toEqual({ changed: 0, unchanged: 0, deleted: 2 });
    expect(digest.entries.get('a')).toMatchObject({ deletedAt: AT + HOUR_MS, alias: 'u', partOn: START_DAY });
    expect(digest.entries.get('a')).not.toHaveProperty('missingSince');
    expect(digest.entries.get('a')).not.toHaveProperty('missingSinceClock');
    expect(diff.remove('a')).toEqual([]);
    expect(diff.remove('unknown')).toEqual([]);
  });

  test('is staged as a blank operation if the setting says so', () => {
    const { at } = place({ removal: 'blank' });
    at(0).compare([flat(record())]);
    expect(summary(at(1).remove('a'))).toEqual(['unit_calls a blank']);
  });
});
