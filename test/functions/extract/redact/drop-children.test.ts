import { expect, test } from 'vitest';
import { compileDropChildren } from '../../../../functions/extract/redact/left-children.ts';
import { childId } from '../../../../functions/lake/child-rows.ts';
import type { Stream } from '../../../../functions/source/source.ts';
import { id, text } from '../../../../schemas/column.ts';
import { defineTable } from '../../../../schemas/table.ts';
import { testTexts } from '../../../helpers/texts.ts';

const calls = defineTable({
  ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'] },
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    note: text({ path: 'note', sensitive: true, doc: 'Note.' }),
  },
});
const people = defineTable({
  ...{ name: 'people', source: 'nova', doc: 'People.', key: ['id'] },
  explode: ({ people: all }) => (Array.isArray(all) ? all : []),
  columns: {
    id: id({ path: ['id', 'number'], nullable: false, doc: 'Id.' }),
    name: text({ path: 'name', sensitive: true, doc: 'Name.' }),
  },
});
const drop = compileDropChildren({ tables: [calls, people] } as unknown as Stream, testTexts());

/** A copy of a call, after these people have left it. */
function without(left: readonly string[], record: Readonly<Record<string, unknown>>): unknown {
  const copy = structuredClone(record);
  drop(copy, new Set(left.map((key) => childId(people, key))));
  return copy;
}

const anna = { id: 'a', name: 'Anna' };
const call = { id: '1', note: 'said', people: [anna, { id: 'b', name: 'Ben' }] };

test('a copy of a call loses what is sensitive of those who left it, and nothing else', () => {
  expect(without(['b'], call)).toEqual({ ...call, people: [anna, { id: 'b', name: null }] });
});

test('a copy of a call that nobody left, or of which nothing of them is kept, stays as it is', () => {
  expect(without([], call)).toEqual(call);
  expect(without(['c'], call)).toEqual(call);
  const empty = { ...call, people: [{ id: 'b', name: null }] };
  expect(without(['b'], empty)).toEqual(empty);
});

test('one who left is found by the first path of the key that is not blank', () => {
  const blank = { id: '', number: 'b', name: 'Ben' };
  const copy = without(['b'], { ...call, people: [blank] }) as typeof call;
  expect(copy.people[0]).not.toHaveProperty('name', 'Ben');
});
