import { describe, expect, test } from 'vitest';
import { id, json, label, text } from '../../../schemas/column.ts';
import { defineTable, type TableOptions } from '../../../schemas/table.ts';
import { CALLS, check, OPTIONS, says } from '../../helpers/check-source.ts';

const COLUMNS = OPTIONS.columns;
const USERS = defineTable({
  ...{ name: 'nova_users', source: 'nova', doc: 'Users.', key: ['id'] },
  columns: { id: id({ path: 'id', nullable: false, doc: 'Id.' }), name: label({ path: 'name', doc: 'Name.' }) },
});
const withColumn = (name: string) => ({ columns: { ...COLUMNS, [name]: id({ path: 'x', doc: 'X.' }) } });

describe('a wrong declaration of a table', () => {
  const nameSays = 'a lower-case letter, then letters, digits and _';
  const safe = 'id, started_at, seconds, phone_hash';
  const cases: readonly [string, Partial<TableOptions>, string, string, RegExp | string][] = [
    [
      'of another source',
      { name: 'kalem_calls' },
      'calls.tables.kalem_calls',
      'it is not named after its source',
      `nova_ and a name of ${nameSays}`,
    ],
    [
      'with a hyphen',
      { name: 'nova_call-list' },
      'calls.tables.nova_call-list',
      'it is not named after its source',
      `nova_ and a name of ${nameSays}`,
    ],
    ['that says another source', { source: 'kalem' }, 'calls.tables.nova_calls.source', 'it is "kalem"', '"nova"'],
    ['without a key', { key: [] }, 'calls.tables.nova_calls.key', 'it is empty', 'the columns that identify a row'],
    [
      'with a key that may be null',
      { key: ['called'], columns: { ...COLUMNS, called: id({ path: 'to', doc: 'To.' }) } },
      'calls.tables.nova_calls.columns.called',
      'a key may be null',
      'nullable: false',
    ],
    ...(
      [
        [
          'people[0].name',
          'leads into a list: read the list as json, or its elements in a table of their own (explode)',
        ],
        [
          'people[].name',
          'leads into a list: read the list as json, or its elements in a table of their own (explode)',
        ],
        ['$.people.name', 'begins as in JSONPath'],
        ['people..name', 'has an empty name'],
        ['', 'has an empty name'],
      ] as const
    ).map(([path, seen]): [string, Partial<TableOptions>, string, string, string] => [
      `with the path ${JSON.stringify(path)}`,
      { columns: { ...COLUMNS, agent: text({ path, doc: 'Agent.' }) } },
      'calls.tables.nova_calls.columns.agent',
      `path ${JSON.stringify(path)} ${seen}`,
      'names joined by dots, such as a.b, after ^ of the record and $ of a fact of the request',
    ]),
    [
      'that hands its key on',
      { handsOn: ['id'] },
      'calls.tables.nova_calls.handsOn',
      'id is a key column',
      'other columns: those of the key are known anyway',
    ],
    [
      'that hands an instant on',
      { handsOn: ['started_at'] },
      'calls.tables.nova_calls.handsOn',
      'column started_at has type timestamp',
      'columns of type text, json, bigint, boolean',
    ],
    [
      'with words of a direction that no column has',
      { callerNumber: { inbound: 'phone', outbound: 'phone', words: { inbound: ['in'] } } },
      'calls.tables.nova_calls.callerNumber.words',
      'callerNumber has no direction',
      'direction, the column that has these words',
    ],
    [
      'with a word for both directions',
      {
        callerNumber: {
          inbound: 'phone',
          outbound: 'phone',
          direction: 'id',
          words: { inbound: ['Out-Bound', 'x'], outbound: ['out bound'] },
        },
      },
      'calls.tables.nova_calls.callerNumber.words',
      'Out-Bound says both ways',
      'each word in one of the two',
    ],
    [
      'filed by a text',
      { partOn: 'phone' },
      'calls.tables.nova_calls.partOn',
      'column phone has type text',
      'a column of type timestamp or date',
    ],
    [
      'with a column of ours',
      withColumn('_seq'),
      'calls.tables.nova_calls.columns._seq',
      'it is not a name of a column',
      `${nameSays}, and not account or acct or day or filename`,
    ],
    [
      'with a column of ours',
      withColumn('account'),
      'calls.tables.nova_calls.columns.account',
      'it is not a name of a column',
      `${nameSays}, and not account or acct or day or filename`,
    ],
    ...['acct', 'day', 'filename'].map((name): [string, object, string, string, string] => [
      'with a column that the engines add to staged rows',
      withColumn(name),
      `calls.tables.nova_calls.columns.${name}`,
      'it is not a name of a column',
      `${nameSays}, and not account or acct or day or filename`,
    ]),
    [
      'with a column called like the hash of another',
      withColumn('phone_hash'),
      'calls.tables.nova_calls.columns',
      'two are called phone_hash',
      'no column called like the hash of another',
    ],
    [
      'with a history of calls that are not found by their key',
      { history: ['status'], calls: { call_id: "id || '-'", started_at: 'started_at', status: 'id' } },
      'calls.tables.nova_calls.history',
      'call_id in calls is not the key of the table',
      'one key column, and call_id that is this column, or CAST(… AS varchar) of it',
    ],
    [
      'with a history of what calls does not have',
      { history: ['status'], calls: { call_id: 'CAST(id AS varchar)', started_at: 'started_at' } },
      'calls.tables.nova_calls.history',
      'calls does not map status',
      'columns that calls maps',
    ],
    [
      'with a history of what another table says',
      {
        history: ['category'],
        calls: { call_id: 'id', started_at: 'started_at', category: "CASE WHEN user_name = 'x' THEN id END" },
        callsJoins: { user: { table: USERS, key: { id: 'id' }, columns: ['name'] } },
      },
      'calls.tables.nova_calls.history',
      'category is made from user_name',
      'columns of the table itself',
    ],
  ];
  test.each(cases)('is named: %s', (_what, table, at, seen, expected) => {
    expect(check({}, {}, table)).toThrow(says(at, seen, String(expected)));
  });

  test.each([
    ['a column that is missing', 'duration_seconds', 'secs / 60', 'secs', ''],
    ['a column that is missing, in capital letters', 'duration_seconds', 'SECS / 60', 'SECS', ''],
    ['a text without quotes', 'cost_currency', 'USD', 'USD', `"'USD'" for a text, or `],
    ['a word without quotes', 'answered_basis', 'stated', 'stated', `"'stated'" for a text, or `],
  ])('is named: calls reads %s', (_what, name, expression, word, text) => {
    const calls = { call_id: 'id', started_at: 'started_at', [name]: expression };
    expect(check({}, {}, { calls })).toThrow(
      `calls.tables.nova_calls.calls.${name}: there is no column ${word}; expected ${text}one of account, ${safe}`,
    );
  });

  test('is named: calls says which calls were answered, and not who says so', () => {
    const calls = { call_id: 'id', started_at: 'started_at', answered: 'seconds > 0' };
    expect(check({}, {}, { calls })).toThrow(
      says(
        'calls.tables.nova_calls.calls.answered_basis',
        'it is missing, and calls has answered',
        `"'stated'" if the vendor says it, "'inferred'" otherwise`,
      ),
    );
    expect(check({}, {}, { calls: { ...calls, answered_basis: "'stated'" } })().name).toBe('nova');
  });

  test('is named: calls of a table that belongs to another stream', () => {
    const calls = { call_id: 'id', started_at: 'started_at' };
    const tables = [defineTable({ ...OPTIONS, name: 'nova_lines', calls })];
    const lines = { ...CALLS, tables } as never;
    expect(check({}, { streams: { lines } })).toThrow(
      says(
        'lines.tables.nova_lines.calls',
        'the table belongs to the stream lines',
        'the stream calls: views tell by its runs which days were read to their end',
      ),
    );
  });

  test('is named: calls reads a sensitive column, or divides by a whole number', () => {
    const calls = { call_id: 'id', started_at: 'started_at', agent: 'lower(phone)', duration_seconds: 'seconds / 60' };
    const named = check({}, {}, { calls });
    expect(named).toThrow('calls.agent: column phone is sensitive; expected columns that are not');
    expect(named).toThrow(
      /calls\.duration_seconds: it divides by a whole number, which Athena rounds down .*such as \/ 1e3/,
    );
    expect(check({}, {}, { calls: { ...calls, agent: "'x'", duration_seconds: 'seconds / 6e1' } })().name).toBe('nova');
  });

  test.each([
    ['a text', text({ path: 'x', doc: 'X.' }), 'text', /^id\(…\), code\(…\) for a word of a list, label/],
    ['JSON', json({ path: 'x', doc: 'X.' }), 'JSON', /^codes\(…\) for a list of words/],
  ] as const)('is named: %s of callhouse that may hold anything', (_what, column, what, expected) => {
    const wrong = check({}, {}, { columns: { ...COLUMNS, x: { ...column, sensitive: false } } });
    const at = 'calls.tables.nova_calls.columns.x';
    expect(wrong).toThrow(`${at}: it is in callhouse, and may hold any ${what}; expected `);
    expect(() => wrong()).toThrow(new RegExp(`expected ${expected.source.slice(1)}`));
  });

  test('is named: a key that may hold any text', () => {
    const key = text({ path: 'id', nullable: false, doc: 'Id.' });
    expect(check({}, {}, { columns: { ...COLUMNS, id: key } })).toThrow(
      says('calls.tables.nova_calls.columns.id', 'a key may hold any text', 'id(…), or code(…) for a word of a list'),
    );
  });

  test('is not one whose calls has words of SQL', () => {
    const calls = {
      call_id: 'CAST(id AS varchar)',
      started_at: "case when seconds is not null then date_diff('millisecond', started_at, started_at) end",
      ended_at: "STARTED_AT + INTERVAL '1' HOUR",
      agent: "'Jane Doe'",
    };
    expect(check({}, {}, { calls })().name).toBe('nova');
  });
});
