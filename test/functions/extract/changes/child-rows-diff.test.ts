import { describe, expect, test } from 'vitest';
import { childRowsDiff } from '../../../../functions/extract/changes/child-rows-diff.ts';
import type { FlatRow } from '../../../../functions/extract/rows/flatten.ts';
import { decodeChildren } from '../../../../functions/lake/child-rows.ts';
import { DAY_MS } from '../../../../functions/time.ts';
import { id } from '../../../../schemas/column.ts';
import { defineTable, type Table } from '../../../../schemas/table.ts';

const table = (name: string): Table =>
  defineTable({
    name,
    source: 'unit',
    doc: 'Children.',
    key: ['id'],
    removal: 'with-parent',
    columns: { id: id({ path: 'id', nullable: false, doc: 'Id.' }) },
  });
const [people, notes] = [table('unit_people'), table('unit_notes')];
const AT = 20_000 * DAY_MS + 5;
const LATER = AT + 3 * DAY_MS;
const ORIGIN = { partOn: 20_000, firstSeenAt: AT };

const row = (of: Table, key: string, contentHash = 'h'): FlatRow => ({
  table: of,
  key,
  values: [],
  contentHash,
  optedOut: false,
  alias: undefined,
});
const shown = (of: Table, ...rows: readonly (readonly [string, string])[]) => ({
  children: new Map([[of, rows.map(([key, hash]) => row(of, key, hash))]]),
});

const diff = childRowsDiff([people, notes], false);
const first = diff.compare(shown(people, ['1', 'h'], ['2', 'h']), undefined, AT);
const keysOf = (changes: ReturnType<typeof diff.compare>) => ({
  changed: changes.changed.map(({ child }) => child.key),
  deleted: changes.deleted.map(({ key }) => key),
});

describe('children of a record', () => {
  test('that are new count as changed, with the day and instant of this run', () => {
    expect(keysOf(first)).toEqual({ changed: ['1', '2'], deleted: [] });
    expect(first.changed.map(({ origin }) => origin)).toEqual([ORIGIN, ORIGIN]);
    expect(first.encoded).toBe(`[["unit_people\\u001f1","h",20000,${AT}],["unit_people\\u001f2","h",20000,${AT}]]`);
  });

  test('that are the same do not count as changed, and their text is kept', () => {
    const again = diff.compare(shown(people, ['1', 'h'], ['2', 'h']), first.encoded, LATER);
    expect(keysOf(again)).toEqual({ changed: [], deleted: [] });
    expect(again.encoded).toBe(first.encoded);
  });

  test('that differ count as changed, and keep their first day', () => {
    const again = diff.compare(shown(people, ['1', 'new'], ['2', 'h']), first.encoded, LATER);
    expect(keysOf(again)).toEqual({ changed: ['1'], deleted: [] });
    expect(again.changed[0]?.origin).toEqual(ORIGIN);
    expect(decodeChildren(again.encoded).get('unit_people\u001f1')).toEqual({
      contentHash: 'new',
      ...ORIGIN,
      deleted: false,
    });
  });

  test('that are missing are deleted in the same run, and only once', () => {
    const gone = diff.compare(shown(people, ['1', 'h']), first.encoded, LATER);
    expect(gone.deleted).toEqual([
      { table: people, key: '2', origin: { contentHash: 'h', ...ORIGIN, deleted: false } },
    ]);
    expect(decodeChildren(gone.encoded).get('unit_people\u001f2')).toMatchObject({ deleted: true });
    expect(keysOf(diff.compare(shown(people, ['1', 'h']), gone.encoded, LATER))).toEqual({ changed: [], deleted: [] });
  });

  test('that return count as changed even with the same content, and keep their day', () => {
    const gone = diff.compare(shown(people, ['1', 'h']), first.encoded, LATER);
    const back = diff.compare(shown(people, ['1', 'h'], ['2', 'h']), gone.encoded, LATER);
    expect(keysOf(back)).toEqual({ changed: ['2'], deleted: [] });
    expect(back.changed[0]?.origin).toEqual(ORIGIN);
    expect(decodeChildren(back.encoded).get('unit_people\u001f2')).toMatchObject({ deleted: false });
  });

  test('are all deleted by an empty list, and none are deleted when the record has no such field', () => {
    expect(keysOf(diff.compare(shown(people), first.encoded, LATER))).toEqual({ changed: [], deleted: ['1', '2'] });
    const silent = diff.compare({ children: new Map() }, first.encoded, LATER);
    expect(keysOf(silent)).toEqual({ changed: [], deleted: [] });
    expect(silent.encoded).toBe(first.encoded);
  });

  test('of one table are not deleted when the record shows rows of another table', () => {
    const both = diff.compare(
      { children: new Map([...shown(people, ['1', 'h']).children, ...shown(notes, ['1', 'h']).children]) },
      undefined,
      AT,
    );
    expect(keysOf(diff.compare(shown(notes), both.encoded, LATER))).toEqual({ changed: [], deleted: ['1'] });
    expect(diff.compare(shown(notes), both.encoded, LATER).deleted[0]?.table).toBe(notes);
  });

  test('are not tracked if no child table is deleted with its record', () => {
    const none = childRowsDiff([], false);
    expect(none.compare(shown(people, ['1', 'h']), undefined, AT)).toEqual({
      changed: [],
      deleted: [],
      encoded: undefined,
    });
    expect(none.removeAll(undefined)).toEqual({ changed: [], deleted: [], encoded: undefined });
  });

  test('that were never seen have no text', () => {
    expect(diff.compare({ children: new Map() }, undefined, AT).encoded).toBeUndefined();
  });
});

test('deleting a record deletes each of its children that is not deleted yet', () => {
  const one = diff.compare(shown(people, ['1', 'h']), first.encoded, LATER);
  const all = diff.removeAll(one.encoded);
  expect(keysOf(all)).toEqual({ changed: [], deleted: ['1'] });
  expect([...decodeChildren(all.encoded).values()].map(({ deleted }) => deleted)).toEqual([true, true]);
  expect(keysOf(diff.removeAll(all.encoded))).toEqual({ changed: [], deleted: [] });
});
