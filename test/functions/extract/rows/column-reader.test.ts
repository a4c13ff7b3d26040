import { describe, expect, test } from 'vitest';
import { columnReader, extraOf, knownPaths } from '../../../../functions/extract/rows/column-reader.ts';
import { bigint, boolean, type Column, id, text } from '../../../../schemas/column.ts';
import { defineTable } from '../../../../schemas/table.ts';

const column = (from: string | readonly [string, ...string[]], more: Partial<Column> = {}): Column => ({
  ...text({ path: from as string, doc: 'A column.' }),
  ...more,
});

function read(given: Column, element: object, { parent = {}, context = {} } = {}) {
  const doubts: string[] = [];
  const reader = columnReader('c', given, 3);
  const value = reader.read(element as Record<string, unknown>, parent, context, (reason) => void doubts.push(reason));
  return { value, doubts };
}

describe('a column’s path', () => {
  test.each([
    { from: 'a', element: { a: 'x' }, value: 'x' },
    { from: 'a', element: { b: 'x' }, value: null },
    { from: 'a', element: { a: null }, value: null },
    { from: 'a.b', element: { a: { b: 'x' } }, value: 'x' },
    { from: 'a.b.c', element: { a: { b: { c: 'x' } } }, value: 'x' },
    { from: 'a.b', element: { 'a.b': 'x' }, value: null },
    { from: 'a.b', element: { a: 'x' }, value: null },
    { from: 'a.b', element: { a: null }, value: null },
    { from: 'a.b', element: { a: [{ b: 'x' }] }, value: null },
    // What every object inherits is no field of the record.
    { from: 'toString', element: {}, value: null },
    { from: 'constructor.name', element: {}, value: null },
    { from: 'a.constructor', element: { a: {} }, value: null },
    { from: '__proto__', element: JSON.parse('{"__proto__":"x"}'), value: 'x' },
  ])('$from in $element is $value', ({ from, element, value }) => {
    expect(read(column(from), element)).toEqual({ value, doubts: [] });
  });

  test('with alternatives takes the first value that is not null', () => {
    const from = ['a', 'b.c', 'd'] as const;
    const given = [{ a: '1', d: '3' }, { a: null, b: { c: '2' }, d: '3' }, { d: '3' }, {}];
    expect(given.map((element) => read(column(from), element).value)).toEqual(['1', '2', '3', null]);
    expect(read(column(from), { a: '', d: '3' }).value).toBe('');
  });

  test('with ^ reads the parent record, with $ the context', () => {
    const places = { parent: { id: 'p', a: { b: 'pb' } }, context: { id: 'c' } };
    const values = ['id', '^id', '^a.b', '^none', '$id', '$none'].map((from) =>
      read(column(from), { id: 'e' }, places),
    );
    expect(values.map(({ value }) => value)).toEqual(['e', 'p', 'pb', null, 'c', null]);
  });
});

describe('a column’s value', () => {
  test('is coerced to its type, or refused with a reason', () => {
    const whole = bigint({ path: 'n', doc: 'A number.' });
    expect(read(whole, { n: '12' })).toEqual({ value: 12n, doubts: [] });
    expect(read(whole, { n: 'x' })).toEqual({ value: null, doubts: ['other text where an integer is expected'] });
  });

  test.each([
    { transform: () => 'other', value: 'other', doubts: [] },
    { transform: () => null, value: null, doubts: [] },
    { transform: () => undefined, value: null, doubts: [] },
    { transform: (given: unknown) => `${String(given)}!`, value: 'x!', doubts: [] },
    {
      transform: () => {
        throw new RangeError('stack');
      },
      value: null,
      doubts: ['JSON nested too deep'],
    },
  ])('is transformed first if the declaration says so: $value', ({ transform, ...expected }) => {
    expect(read(column('a', { transform }), { a: 'x' })).toEqual(expected);
  });

  test('that is missing is not transformed', () => {
    const transform = () => {
      throw new Error('called');
    };
    expect(read(column('a', { transform }), {})).toEqual({ value: null, doubts: [] });
  });
});

test.each([
  { type: 'text', given: false, value: 'next' },
  { type: 'text', given: true, value: 'next' },
  { type: 'text', given: '', value: 'next' },
  { type: 'boolean', given: false, value: false },
  { type: 'boolean', given: true, value: true },
] as const)('a part of a key, of type $type, that is given as $given is $value', ({ type, given, value }) => {
  const from = { path: ['a', 'b'] as const, doc: 'A part.' };
  const reader = columnReader('c', type === 'text' ? text(from) : boolean(from), 0, true);
  expect(reader.read({ a: given, b: type === 'text' ? 'next' : null }, {}, {}, () => {})).toBe(value);
});

test('a reader has its column and returns the vendor’s own value', () => {
  const reader = columnReader('url', column('a', { url: true }), 7);
  expect(reader).toMatchObject({ name: 'url', index: 7, url: true });
  expect(reader.raw({ a: false }, {}, {})).toBe(false);
  expect(reader.raw({ a: null }, {}, {})).toBeUndefined();
});

describe('what no column reads', () => {
  const own = defineTable({
    ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'], ignorePaths: ['left.out'] },
    columns: {
      id: id({ path: 'id', nullable: false, doc: 'Id.' }),
      list: id({ path: '$list', doc: 'List.' }),
      city: text({ path: ['city', 'place.city'], doc: 'Place.' }),
    },
  });
  const child = defineTable({
    ...{ name: 'turns', source: 'nova', doc: 'Turns.', key: ['call_id', 'n'], removal: 'with-parent' },
    explode: () => [],
    columns: {
      call_id: id({ path: '^uuid', nullable: false, doc: 'Call.' }),
      n: bigint({ path: 'n', nullable: false, doc: 'Number.' }),
      room: text({ path: '^place.room', doc: 'Room.' }),
      list: id({ path: '$queue', doc: 'Queue.' }),
    },
  });

  test.each([
    { of: own, record: { id: 'a', city: 'b', uuid: 'c' }, extra: undefined },
    { of: own, record: { place: { city: 'b', room: 'c', floor: 1 } }, extra: { place: { floor: 1 } } },
    { of: own, record: { left: { out: 1, over: 2 } }, extra: { left: { over: 2 } } },
    { of: own, record: { place: null, left: 'over' }, extra: { left: 'over' } },
    {
      of: own,
      record: { n: 1, list: 'x', queue: 'y', $list: 'z' },
      extra: { n: 1, list: 'x', queue: 'y', $list: 'z' },
    },
    { of: own, record: { '^uuid': 'c', '^place': { room: 'c' } }, extra: { '^uuid': 'c', '^place': { room: 'c' } } },
    { of: child, record: { n: 1, id: 'a', uuid: 'c' }, extra: { id: 'a', uuid: 'c' } },
    { of: child, record: { uui: 1, '^uuid': 'c' }, extra: { uui: 1, '^uuid': 'c' } },
  ])('of $of.name in $record is $extra', ({ of, record, extra }) => {
    const known = knownPaths(of === own ? [own, child] : [child], of);
    const found = extraOf(record, known);
    expect(found && { ...found }).toEqual(extra);
  });
});
