import { describe, expect, test } from 'vitest';
import type { Details } from '../../../functions/source/source.ts';
import { bigint, boolean, id, text } from '../../../schemas/column.ts';
import { defineTable, type TableOptions } from '../../../schemas/table.ts';
import { check, says } from '../../helpers/check-source.ts';

const callId = id({ path: '$id', nullable: false, doc: 'Id of the call.' });
const words = text({ path: 'words', sensitive: true, doc: 'What was said.' });
const OPTIONS: TableOptions = {
  name: 'nova_details',
  source: 'nova',
  doc: 'One row per call.',
  key: ['call_id'],
  columns: { call_id: callId, words },
};
const table = (change: Partial<TableOptions> = {}) => defineTable({ ...OPTIONS, ...change });
const child = (change: Partial<TableOptions> = {}) =>
  table({
    name: 'nova_turns',
    key: ['call_id', 'n'],
    removal: 'with-parent',
    explode: () => [],
    columns: { call_id: callId, n: bigint({ path: 'n', nullable: false, doc: 'Number.' }), words },
    ...change,
  });
const list = () => {
  const { explode: _explode, removal: _removal, ...rest } = child();
  return defineTable(rest);
};
const DETAILS: Details = { tables: [table()], path: '/calls/{id}' };

/** Checks a source whose calls have these details. */
const checkDetails = (details: object, calls: Partial<TableOptions> = {}) =>
  check({ details: { call_details: { ...DETAILS, ...details } } }, {}, calls);
const IN = 'calls.details.call_details';

describe('details of records', () => {
  test.each<[string, object]>([
    ['with the key in the path', {}],
    ['with the key in a body', { path: '/call', ask: ({ id }: { id: string }) => ({ body: { id } }) }],
    [
      'with the key in a query, and a credential',
      { path: '/{NOVA_ACCOUNT}/call', ask: ({ id }: { id: string }) => ({ query: { id } }) },
    ],
    ['with child tables', { tables: [table(), child()] }],
    ['that are a list', { tables: [list()], answer: { records: 'turns' } }],
    ['that are read again', { again: [{ every: '6h', back: '3d' }] }],
  ])('may be declared %s', (_how, details) => {
    const source = checkDetails(details)();
    expect(Object.keys(source.streams)).toEqual(['calls', 'call_details']);
    expect(source.credentials).toEqual(
      'path' in details && String(details.path).includes('{N') ? ['NOVA_TOKEN', 'NOVA_ACCOUNT'] : ['NOVA_TOKEN'],
    );
  });

  const noKey = 'no key column reads $id, which identifies a record of nova_calls';
  const example = "a key column such as id({ path: '$id', nullable: false, … })";
  const cases: readonly [string, object, string, string, string][] = [
    ['have no table', { tables: [] }, `${IN}.tables`, 'there is none', 'the table of the details'],
    [
      'do not say which record they belong to',
      { tables: [table({ key: ['words'], columns: { words: id({ path: 'words', nullable: false, doc: 'W.' }) } })] },
      `${IN}.tables.nova_details.key`,
      noKey,
      `${example} | ${IN}.tables.nova_details.key: it is words; expected the key of nova_calls alone, in its order; or answer.records, if an answer is a list`,
    ],
    [
      'have a child table that does not say it',
      { tables: [table(), child({ key: ['n'] })] },
      `${IN}.tables.nova_turns.key`,
      noKey,
      example,
    ],
    [
      'have a key of another type',
      { tables: [table({ columns: { call_id: bigint({ path: '$id', nullable: false, doc: 'Id.' }), words } })] },
      `${IN}.tables.nova_details.columns.call_id`,
      'it has type bigint',
      'text, as id of nova_calls',
    ],
    [
      'have a further key column, but are one object',
      { tables: [list()] },
      `${IN}.tables.nova_turns.key`,
      'it is call_id, n',
      'the key of nova_calls alone, in its order; or answer.records, if an answer is a list',
    ],
    [
      'are a list, but have the key of the record',
      { answer: { records: 'turns' } },
      `${IN}.tables.nova_details.key`,
      'it is that of the record',
      'a key column more, as records has many rows',
    ],
    [
      'are one object, and have a list',
      { tables: [table({ explode: () => [] })] },
      `${IN}.tables.nova_details.explode`,
      'the first table has it',
      'answer.records, the list of its rows',
    ],
    [
      'are a list, and one object',
      { tables: [list()], answer: { records: 'turns', record: 'call' } },
      `${IN}.answer.record`,
      'there is also records',
      'one of the two',
    ],
    [
      'have a path with a name that is no credential',
      { path: '/calls/{id}/{NOVAx}' },
      `${IN}.path`,
      'nothing fills {NOVAx}',
      'one of {id}, or a credential such as {NAME}',
    ],
    [
      'are a list, and have child tables',
      { tables: [list(), child({ name: 'nova_others' })], answer: { records: 'turns' } },
      `${IN}.tables`,
      'answer.records has child tables, explode or optOut',
      'one table, whose rows are the elements of the list',
    ],
    [
      'have child rows that would stay',
      { tables: [table(), child({ removal: 'by-absence' })] },
      `${IN}.tables.nova_turns.removal`,
      "it is 'by-absence'",
      "'with-parent'",
    ],
    [
      'have child rows that an opt-out of their own would not redact',
      {
        tables: [
          table({
            optOut: { flagColumn: 'out' },
            columns: { ...OPTIONS.columns, out: boolean({ path: 'out', doc: 'Opted out.' }) },
          }),
          child(),
        ],
      },
      `${IN}.tables.nova_turns.columns.words`,
      'it is sensitive, and optOut of nova_details redacts columns of that table only',
      'child tables without sensitive columns where the first table has optOut',
    ],
    [
      'would stay',
      { tables: [table({ removal: 'never' })] },
      `${IN}.tables.nova_details.removal`,
      "it is 'never'",
      'rows that are removed with their record',
    ],
    [
      'read what is no key of the record',
      { tables: [table({ columns: { ...OPTIONS.columns, phone: id({ path: '$phone', doc: 'Number.' }) } })] },
      `${IN}.tables.nova_details.columns.phone`,
      'nothing fills $phone',
      'one of $id, the key of nova_calls',
    ],
    [
      'are all requested in the same way',
      { path: '/calls' },
      `${IN}.path`,
      'it requests the details of each id in the same way',
      '{id} in the path, or id in what ask returns',
    ],
    [
      'have a path that nothing fills',
      { path: '/calls/{id}/{call}' },
      `${IN}.path`,
      'nothing fills {call}',
      'one of {id}, or a credential such as {NAME}',
    ],
    [
      'have a query in their path',
      { path: '/calls?id={id}' },
      `${IN}.path`,
      'it is not a path',
      'a text such as /v1/calls/{id}, without a query',
    ],
    [
      'have an unknown part',
      { answer: { list: 'x' } },
      `${IN}.answer.list`,
      'it is unknown',
      'record, records or failed',
    ],
    [
      'are read again at no time',
      { again: [{ every: '6 h', back: '3d' }] },
      `${IN}.again.0.every`,
      '"6 h" is not a duration',
      'such as 15m, 6h or 3d',
    ],
  ];
  test.each(cases)('are named if they %s', (_what, details, at, seen, expected) => {
    expect(checkDetails(details)).toThrow(says(at, seen, expected));
  });

  test('are named if another stream has their name, or their parent is no collection', () => {
    expect(check({ details: { calls: DETAILS } })).toThrow(
      /another stream is called calls; expected a name of its own/,
    );
    expect(check({ kind: 'daily', historyFrom: [], details: { d: DETAILS } })).toThrow(
      /calls\.details: the stream is daily; expected a collection/,
    );
  });

  const mapping = (cost: string) => ({ calls: { call_id: 'id', started_at: 'started_at', cost } });
  const AT = 'calls.tables.nova_calls.calls.cost';
  test.each([
    [
      'an unknown table',
      {},
      'nova_other.n',
      'nova_other is not a table with the details of a record',
      'one of nova_details',
    ],
    [
      'an unknown column',
      {},
      'nova_details.n',
      'there is no column nova_details.n',
      /one of account, call_id, _part_on/,
    ],
    ['a sensitive column', {}, 'nova_details.words', 'there is no column nova_details.words', /one of account/],
    [
      'a list',
      { tables: [list()], answer: { records: 'turns' } },
      'nova_turns.n',
      'nova_turns is not a table with the details of a record',
      'columns of the table',
    ],
  ])('are named if calls uses %s of them', (_what, details, cost, seen, expected) => {
    expect(checkDetails(details, mapping(cost))).toThrow(
      expect.objectContaining({ message: expect.stringContaining(`${AT}: ${seen}; expected`) }),
    );
    expect(checkDetails(details, mapping(cost))).toThrow(expected);
  });

  test('may be used by calls, beside a column of the same name and a text that looks like one', () => {
    const calls = mapping("CASE WHEN nova_details.call_id = id THEN 'nova_other.n' END");
    expect(checkDetails({}, calls)().name).toBe('nova');
  });
});
