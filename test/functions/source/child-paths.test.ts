import { describe, expect, test } from 'vitest';
import { columnsIntoOthers, unseenChildKey } from '../../../functions/source/child-paths.ts';
import { bigint, id } from '../../../schemas/column.ts';
import { RawNumber } from '../../../schemas/json-text.ts';
import { defineTable, type Table } from '../../../schemas/table.ts';

const key = (path: string | string[]) => id({ path, nullable: false, doc: 'Id.' });
const calls = (name: string) =>
  defineTable({
    ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'] },
    columns: { id: key('id'), other: id({ path: name, doc: 'Other.' }) },
  });
const turns = (paths: string[]): Table =>
  defineTable({
    ...{ name: 'turns', source: 'nova', doc: 'Turns.', key: ['call_id', 'n'], removal: 'with-parent' },
    explode: (record) => record['turns'] as unknown[] | undefined,
    columns: { call_id: key('^id'), n: bigint({ path: paths, nullable: false, doc: 'Number.' }) },
  });

describe('a path leads into a list', () => {
  test.each([
    {
      says: 'of a record',
      main: 'people.name',
      found: [{ column: 'other', path: 'people.name', at: 'people', kind: 'a list' }],
    },
    { says: 'but not of a name alone', main: 'people', found: [] },
    { says: 'but not of an object', main: 'agent.name', found: [] },
  ])('$says', ({ main, found }) => {
    const record = { id: 'a', people: [{ name: 'n' }], agent: { name: 'n' } };
    expect([...columnsIntoOthers([calls(main)], [record])]).toEqual(found);
  });

  test.each([
    {
      says: 'of a child element',
      path: 'words.n',
      found: [{ column: 'turns.n', path: 'words.n', at: 'words', kind: 'a list' }],
    },
    {
      says: 'of its record',
      path: '^people.n',
      found: [{ column: 'turns.n', path: '^people.n', at: '^people', kind: 'a list' }],
    },
    { says: 'but not where the element says it', path: 'n', found: [] },
    { says: 'but not of the element itself', path: '.', found: [] },
    { says: 'but not of a fact of the request', path: '$words.n', found: [] },
  ])('$says', ({ path, found }) => {
    const record = { id: 'a', people: [{ n: 1 }], turns: [{ n: 1, words: [{ n: 1 }] }] };
    expect([...columnsIntoOthers([calls('id'), turns([path])], [record])]).toEqual(found);
  });
});

test.each([
  ['text', 'text'],
  [5, 'a number'],
  [0.25, 'a number'],
  [new RawNumber('0.12345678901234567890'), 'a number'],
  [true, 'true'],
  ['', undefined],
  [' ', undefined],
  [0, undefined],
  [false, undefined],
  [null, undefined],
  [[], undefined],
  [{}, undefined],
  ['{"name":"n"}', undefined],
] as const)('a path leads into %j, which is %s', (given, kind) => {
  const records = [
    { id: 'a', agent: null },
    { id: 'b', agent: given },
  ];
  const found = kind ? [{ column: 'other', path: 'agent.name', at: 'agent', kind }] : [];
  expect([...columnsIntoOthers([calls('agent.name')], records)]).toEqual(found);
  expect([...columnsIntoOthers([calls('agent.name')], [...records, { id: 'c', agent: { name: 'n' } }])]).toEqual([]);
});

describe('the key column of a child table that no element shows', () => {
  const unseen = (paths: string[], elements: readonly unknown[], least = 1) =>
    unseenChildKey(turns(paths), [{ id: 'a', turns: elements }, { id: 'b' }], least);

  test.each([
    { says: 'is the one whose field is missing', paths: ['m'], elements: [{ n: 1 }], found: 'n' },
    { says: 'is none where one element has it', paths: ['m'], elements: [{ n: 1 }, { m: 1 }], found: undefined },
    { says: 'is none where another path has it', paths: ['m', 'n'], elements: [{ n: 1 }], found: undefined },
    { says: 'is none where the element is the value', paths: ['.'], elements: ['x'], found: undefined },
    { says: 'is none where its record has it', paths: ['^id'], elements: [{}], found: undefined },
    { says: 'is the one that its record lacks', paths: ['^uuid'], elements: [{}], found: 'n' },
    { says: 'is none where the request says it', paths: ['$n'], elements: [{}], found: undefined },
  ])('$says', ({ paths, elements, found }) => {
    expect(unseen(paths, elements)).toBe(found);
  });

  test('is not told by too few elements', () => {
    expect(unseen(['m'], [{ n: 1 }, { n: 2 }], 3)).toBeUndefined();
    expect(unseen(['m'], [{ n: 1 }, { n: 2 }], 2)).toBe('n');
  });

  test('is none of a record that is no object, or a table that has no elements', () => {
    const { explode: _none, ...table } = turns(['m']);
    expect(unseenChildKey(table as Table, [{ id: 'a' }], 1)).toBeUndefined();
    expect(unseenChildKey(turns(['m']), ['text' as never, null as never], 1)).toBeUndefined();
  });
});
