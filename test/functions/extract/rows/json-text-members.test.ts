import { describe, expect, test } from 'vitest';
import { compileUnpack, compileUnpackFor } from '../../../../functions/extract/rows/column-reader.ts';
import { id, json, text } from '../../../../schemas/column.ts';
import { defineTable } from '../../../../schemas/table.ts';

const key = (path: string) => id({ path, nullable: false, doc: 'Id.' });
const calls = defineTable({
  ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'], ignorePaths: ['turns'] },
  columns: {
    id: key('id'),
    city: text({ path: 'user.place.city', doc: 'City.' }),
    user: key('$user'),
    meta: json({ path: 'meta', sensitive: true, doc: 'Anything.' }),
    note: text({ path: 'note', doc: 'Note.' }),
  },
});
const turns = defineTable({
  ...{ name: 'turns', source: 'nova', doc: 'Turns.', key: ['call_id', 'id'], removal: 'with-parent' },
  explode: (record) => record['turns'] as unknown[] | undefined,
  columns: {
    call_id: key('^id'),
    agent: text({ path: '^agent.name', doc: 'Agent.' }),
    id: key('own.id'),
    said: text({ path: 'said.words', doc: 'Words.' }),
  },
});

describe('a member that came as JSON text is what the text says', () => {
  const ofCall = compileUnpack([calls, turns], calls);
  const ofTurn = compileUnpack([calls, turns], turns);
  test.each<{ says: string; record: object; read: object }>([
    {
      says: 'an object on the way to a column',
      record: { user: '{"place":{"city":"X"}}' },
      read: { user: { place: { city: 'X' } } },
    },
    {
      says: 'an object within one',
      record: { user: { place: '{"city":"X"}' } },
      read: { user: { place: { city: 'X' } } },
    },
    {
      says: 'one within a text',
      record: { user: '{"place":"{\\"city\\":\\"X\\"}"}' },
      read: { user: { place: { city: 'X' } } },
    },
    { says: 'what a column holds as JSON', record: { meta: '{"a":1}' }, read: { meta: { a: 1 } } },
    { says: 'a list of children', record: { turns: '[{"a":1}]' }, read: { turns: [{ a: 1 }] } },
    { says: 'what children read of the record', record: { agent: '{"name":"N"}' }, read: { agent: { name: 'N' } } },
  ])('in a record: $says', ({ record, read }) => {
    const before = structuredClone(record);
    expect(ofCall(record as never)).toEqual(read);
    expect(record).toEqual(before);
  });

  test.each([
    { says: 'a text of a column', record: { note: '{"a":1}' } },
    { says: 'a member that no column reads', record: { other: '{"a":1}', said: '{"words":"w"}' } },
    { says: 'a text that is no JSON', record: { user: 'Jane', meta: 'none' } },
    { says: 'an object', record: { user: { place: { city: 'X' } }, meta: { a: 1 } } },
    { says: 'a list where an object is expected', record: { user: [1] } },
  ])('and nothing else: $says', ({ record }) => {
    expect(ofCall(record as never)).toBe(record);
  });

  test('in a child: only what it reads of itself', () => {
    expect(ofTurn({ said: '{"words":"w"}', own: '{"id":"1"}' })).toEqual({ said: { words: 'w' }, own: { id: '1' } });
    const other = { agent: '{"name":"N"}' };
    expect(ofTurn(other)).toBe(other);
  });

  test('for one column alone', () => {
    const unpack = compileUnpackFor(calls.columns['city'] ? [calls.columns['city']] : []);
    expect(unpack({ user: '{"place":{}}', meta: '{"a":1}' })).toEqual({ user: { place: {} }, meta: '{"a":1}' });
    const param = { user: '{"a":1}' };
    expect(compileUnpackFor(calls.columns['user'] ? [calls.columns['user']] : [])(param)).toBe(param);
  });
});
