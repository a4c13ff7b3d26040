import { describe, expect, test } from 'vitest';
import { compileErasedKey, compileNames } from '../../../../functions/extract/rows/erased.ts';
import type { ErasedName } from '../../../../functions/lake/erasure-ledger.ts';
import type { Source } from '../../../../functions/source/source.ts';
import { bigint, id, text } from '../../../../schemas/column.ts';
import { defineTable } from '../../../../schemas/table.ts';

const column = (path: string) => id({ path, nullable: false, doc: 'Id.' });
const users = defineTable({
  ...{ name: 'unit_users', source: 'unit', doc: 'One row per user.', key: ['id'], columns: { id: column('id') } },
});
const calls = defineTable({
  ...{ name: 'unit_calls', source: 'unit', doc: 'One row per call.', key: ['call_id'] },
  references: { user_id: 'unit_users', before: 'unit_calls', agent: 'unit_agents' },
  stableKey: { by: 'id', column: 'call_id' },
  columns: {
    call_id: column('call_id'),
    id: text({ path: 'id', sensitive: true, doc: 'Id.' }),
    user_id: text({ path: 'user.id', sensitive: true, doc: 'User.' }),
    before: text({ path: 'before', sensitive: true, doc: 'Call before.' }),
    agent: text({ path: 'agent', sensitive: true, doc: 'Agent.' }),
  },
});
const source = { streams: { users: { tables: [users] }, calls: { tables: [calls] } } } as unknown as Pick<
  Source,
  'streams'
>;
const texts = { keyPart: () => (value: string) => (/^\w+$/.test(value) ? value : '~held') };

describe('the names of a record', () => {
  const namesOf = compileNames(source, 'calls', texts);
  test.each<{ record: unknown; names: ErasedName[] }>([
    {
      record: { call_id: 'c', id: 'i', user: { id: 'u' }, before: 'b', agent: 'a' },
      names: [
        { stream: 'calls', by: 'key', text: 'c' },
        { stream: 'users', by: 'key', text: 'u' },
        { stream: 'calls', by: 'alias', text: 'i' },
      ],
    },
    {
      record: { call_id: 'c c', id: 'i i' },
      names: [
        { stream: 'calls', by: 'key', text: '~held' },
        { stream: 'calls', by: 'key', text: 'c c' },
        { stream: 'calls', by: 'alias', text: 'i i' },
        { stream: 'calls', by: 'alias', text: '~held' },
      ],
    },
    { record: { call_id: 'c', id: '', user: { id: null } }, names: [{ stream: 'calls', by: 'key', text: 'c' }] },
    { record: { id: 'i' }, names: [{ stream: 'calls', by: 'alias', text: 'i' }] },
    { record: 'text', names: [] },
  ])('$record are its key, as held and as served, its alias, and the keys of other streams', ({ record, names }) => {
    const found = namesOf(record, {});
    const unique = found.filter(
      (one, n) => found.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) === n,
    );
    expect(unique).toEqual(names);
  });

  test('are a number as text where a column holds one', () => {
    const lines = defineTable({
      ...{ name: 'unit_lines', source: 'unit', doc: 'Lines.', key: ['id'], references: { user: 'unit_users' } },
      columns: { id: column('id'), user: bigint({ path: 'user', doc: 'User.' }) },
    });
    const own = { streams: { users: { tables: [users] }, lines: { tables: [lines] } } } as unknown as typeof source;
    expect(compileNames(own, 'lines', texts)({ id: 'l', user: 12 }, {})).toContainEqual({
      ...{ stream: 'users', by: 'key', text: '12' },
    });
  });

  test('are none of a stream that there is not', () => {
    expect(() => compileNames(source, 'agents', texts)).toThrow('there is no stream agents');
  });
});

describe('an erased record', () => {
  const record = { call_id: 'c', id: 'i', user: { id: 'u' } };
  const keyOf = (erased: ErasedName | undefined, key: string | undefined, given: object = record) => {
    const has = (name: ErasedName) => JSON.stringify(name) === JSON.stringify(erased);
    return compileErasedKey(source, 'calls', { erased: { has } as never, texts })(given, key, {});
  };
  test.each<{ says: string; erased: ErasedName | undefined; key: string | undefined; found: string | undefined }>([
    { says: 'none', erased: undefined, key: 'c', found: undefined },
    { says: 'its key', erased: { stream: 'calls', by: 'key', text: 'c' }, key: 'c', found: 'i' },
    { says: 'the key that it had first', erased: { stream: 'calls', by: 'key', text: 'f' }, key: 'f', found: 'i' },
    { says: 'its alias', erased: { stream: 'calls', by: 'alias', text: 'i' }, key: undefined, found: 'i' },
    { says: 'its user', erased: { stream: 'users', by: 'key', text: 'u' }, key: 'c', found: 'i' },
    { says: 'another user', erased: { stream: 'users', by: 'key', text: 'c' }, key: 'c', found: undefined },
  ])('is told by $says, and from others by its alias', ({ erased, key, found }) => {
    expect(keyOf(erased, key)).toBe(found);
  });

  test('without an alias is recognized by its key', () => {
    const erased: ErasedName = { stream: 'calls', by: 'key', text: 'c' };
    expect(keyOf(erased, 'c', { call_id: 'c' })).toBe('c');
  });
});
