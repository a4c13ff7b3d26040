import { describe, expect, test } from 'vitest';
import { bigint, id, text } from '../../../schemas/column.ts';
import { relationsOf } from '../../../schemas/derive/relations.ts';
import { defineTable } from '../../../schemas/table.ts';
import { viewsFor } from '../../../schemas/views/views.ts';

const calls = defineTable({
  ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'] },
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    seconds: bigint({ path: 'seconds', unit: 's', doc: 'Duration.' }),
    words: text({ path: 'words', nullable: false, sensitive: true, doc: 'What was said.' }),
    phone: text({ path: 'phone', nullable: false, sensitive: true, hash: 'phone', doc: 'Number.' }),
  },
});
const turns = defineTable({
  ...{ name: 'turns', source: 'nova', doc: 'Turns.', key: ['call_id', 'n'] },
  references: { call_id: 'calls', user_id: 'users', before: 'turns' },
  columns: {
    call_id: id({ path: 'call', nullable: false, doc: 'Call.' }),
    n: bigint({ path: 'n', nullable: false, doc: 'Number.' }),
    user_id: id({ path: 'user', doc: 'User.' }),
    before: id({ path: 'before', doc: 'Turn before.' }),
  },
});
const views = viewsFor([], { timeZone: 'UTC', ownUserIds: [] });
const relations = relationsOf([calls, turns], views);
const relation = (name: string) => relations.find((one) => one.name === name);

describe('what BI tools see', () => {
  test('is each view, then each table, then those of Callhouse', () => {
    const kinds = relations.map(({ kind }) => kind);
    expect(kinds.slice(0, views.length)).toEqual(views.map(() => 'view'));
    expect(relations.slice(views.length, views.length + 2).map(({ name }) => name)).toEqual(['calls', 'turns']);
    expect(relations.slice(views.length + 2).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['loads', 'rejects']),
    );
    expect(new Set(kinds.slice(views.length))).toEqual(new Set(['table']));
  });

  test('of a table are the columns of its safe half; what no row lacks is required', () => {
    const columns = relation('calls')?.columns ?? [];
    const isRequired = Object.fromEntries(columns.map((column) => [column.name, column.isRequired]));
    expect(isRequired).toMatchObject({ account: true, id: true, seconds: false, _seq: true, _deleted_at: false });
    expect(isRequired['phone_hash']).toBe(false);
    expect(Object.keys(isRequired)).not.toContain('words');
    expect(columns.find(({ name }) => name === 'seconds')).toMatchObject({
      type: 'bigint',
      unit: 's',
      doc: 'Duration.',
    });
  });

  test('of a table is its key with the account, and the table that a row belongs to by one column', () => {
    expect(relation('calls')).toMatchObject({ kind: 'table', doc: 'Calls.', key: ['account', 'id'], parents: [] });
    expect(relation('turns')).toMatchObject({
      key: ['account', 'call_id', 'n'],
      parents: [
        {
          name: 'calls',
          on: [
            ['account', 'account'],
            ['call_id', 'id'],
          ],
        },
      ],
    });
  });

  test('of a view has no parents, and requires nothing', () => {
    expect(views.map(({ name }) => relation(name)?.parents)).toEqual(views.map(() => []));
    expect(
      relations
        .filter(({ kind }) => kind === 'view')
        .flatMap(({ columns }) => columns.filter(({ isRequired }) => isRequired)),
    ).toEqual([]);
  });

  test('of what Callhouse notes belongs to the load that noted it', () => {
    expect(relation('rejects')?.parents).toEqual([{ name: 'loads', on: [['load_id', 'load_id']] }]);
    expect(relation('loads')?.parents).toEqual([]);
    const required = relation('loads')
      ?.columns.filter(({ isRequired }) => isRequired)
      .map(({ name }) => name);
    expect(required).toContain('load_id');
    expect(required).not.toContain('vendor_total');
  });
});
