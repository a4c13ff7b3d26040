import { describe, expect, test } from 'vitest';
import {
  kismetCallAuditChanges,
  kismetCallAuditLogs,
  kismetCallParticipants,
  kismetCalls,
} from '../../../../schemas/tables/kismet.ts';
import { flattenText, named } from '../../../helpers/flatten-text.ts';

/** A key that is named by its hash. */
const HELD = /^~[0-9a-f]{32}$/;

describe('children', () => {
  const participants = (list: string) => {
    const { flat, rejects } = flattenText(
      [kismetCalls, kismetCallParticipants],
      `{"id":9007199254740993,"participants":${list}}`,
    );
    return { rows: flat?.children.get(kismetCallParticipants)?.map(named), rejects, row: flat ? named(flat.row) : {} };
  };

  test('are keyed by call, type and id, and counted', () => {
    const { rows, row } = participants(
      '[{"id":1,"participant_type":"User"},{"id":1,"participant_type":"Recipient","name":"Dave"}]',
    );
    expect(rows).toEqual([
      { call_id: 9007199254740993n, id: 1n, participant_type: 'User' },
      { call_id: 9007199254740993n, id: 1n, participant_type: 'Recipient', name: 'Dave' },
    ]);
    expect(row['participant_count']).toBe(2n);
  });

  test('that are listed twice give one row and are counted, and those without a key none', () => {
    const { rows, rejects } = participants(
      '[{"id":1,"participant_type":"User"},{"id":1,"participant_type":"User"},{"id":2},7]',
    );
    expect(rows).toHaveLength(1);
    expect(rejects.map(({ column, reason }) => [column, reason])).toEqual([
      ['', 'listed twice in its record, the first one counts'],
      ['participant_type', 'key missing, row refused'],
      ['', 'a record that is not an object'],
    ]);
  });

  test('that are listed twice with other values count as the first one, and their record as changed', () => {
    const list = (...names: string[]) =>
      flattenText(
        [kismetCalls, kismetCallParticipants],
        `{"id":4,"participants":[${names.map((name) => `{"id":1,"participant_type":"User","name":"${name}"}`)}]}`,
      );
    const { flat, rejects, refused } = list('Ann', 'Bob', 'Cid');
    expect(flat?.children.get(kismetCallParticipants)?.map(named)).toMatchObject([{ name: 'Ann' }]);
    expect(rejects).toEqual([
      {
        table: 'kismet_call_participants',
        column: '',
        reason: 'listed twice in its record, the first one counts',
        count: 2,
      },
    ]);
    expect(refused).toBe(2);
    // What no row holds is on the raw page alone, which is kept where the record's hash is another one.
    expect(flat?.row.contentHash).not.toBe(list('Ann', 'Bob', 'Dan').flat?.row.contentHash);
    expect(list('Ann', 'Ann').flat?.row.contentHash).toBe(list('Ann', 'Ann').flat?.row.contentHash);
  });

  test.each(['', ' ', '\\t\\n', '\u00a0'])(
    'with %j in a key give no row, are counted, and change their record',
    (empty) => {
      const { rows, rejects } = participants(
        `[{"id":1,"participant_type":"${empty}"},{"id":"${empty}","participant_type":"User"}]`,
      );
      expect(rows).toEqual([]);
      expect(rejects.map(({ column, reason }) => [column, reason])).toEqual([
        ['participant_type', 'key missing, row refused'],
        ['id', 'key missing, row refused'],
      ]);
      const hash = (name: string) =>
        flattenText([kismetCalls, kismetCallParticipants], `{"id":1,"participants":[{"id":"","name":"${name}"}]}`).flat
          ?.row.contentHash;
      expect(hash('Ann')).not.toBe(hash('Bob'));
    },
  );

  test.each([
    ['JSON text', '"[{\\"id\\":1,\\"participant_type\\":\\"User\\"}]"'],
    ['an object of numbered members', '{"0":{"id":1,"participant_type":"User"}}'],
  ])('that come as %s are read', (_what, list) => {
    const { rows, rejects, row } = participants(list);
    expect(rows).toEqual([{ call_id: 9007199254740993n, id: 1n, participant_type: 'User' }]);
    expect(row).toMatchObject({ participant_count: 1n });
    expect(rejects).toEqual([]);
  });

  test.each([
    ['"none"', 'other text'],
    ['{"a":{"id":1}}', 'an object'],
    ['5', 'another number'],
  ])('that are no list but %s are counted', (list, kind) => {
    const { rows, rejects } = participants(list);
    expect(rows).toBeUndefined();
    expect(rejects).toEqual([
      { table: 'kismet_calls', column: 'participant_count', reason: `${kind} where a list is expected`, count: 1 },
    ]);
  });

  test('of an audit entry whose changes come as JSON text are read; what is no change is counted', () => {
    const entry = (changes: string) => {
      const { flat, row, rejects } = flattenText(
        [kismetCallAuditLogs, kismetCallAuditChanges],
        `{"id":1,"object_changes":${changes}}`,
      );
      const counted = rejects.map(({ table, column, reason, count }) => [table.slice(12), column, reason, count]);
      return { fields: flat?.children.get(kismetCallAuditChanges)?.map(named), row, counted };
    };
    expect(entry('"{\\"state\\":[\\"a\\",12345678901234567890]}"')).toMatchObject({
      fields: [{ field: 'state', old_value: 'a', new_value: '12345678901234567890' }],
      row: { changed_fields: '["state"]', object_changes: '{"state":["a",12345678901234567890]}' },
      counted: [],
    });
    expect(entry('"---\\nstate:\\n- a\\n"')).toMatchObject({
      fields: [],
      row: { object_changes: '"---\\nstate:\\n- a\\n"' },
      counted: [['audit_logs', 'changed_fields', 'other text where an object is expected', 1]],
    });
    expect(entry('[["state",["a","b"]]]').counted).toEqual([
      ['audit_logs', 'changed_fields', 'a list where an object is expected', 1],
    ]);
    expect(entry('{"state":"ended","n":[1],"":[1,2]}')).toMatchObject({
      fields: [],
      counted: [
        ['audit_logs', 'changed_fields', 'hidden in callhouse: no word of the list', 1],
        ['audit_changes', '', 'a change that is no pair of old and new', 2],
        ['audit_changes', 'field', 'key missing, row refused', 1],
      ],
    });
    expect(entry('null').counted).toEqual([]);
    expect(entry('[]')).toMatchObject({ row: { changed_fields: '[]' }, counted: [] });
  });

  test('of which the record says nothing are none, which is not the same as an empty list', () => {
    expect(participants('null').rows).toBeUndefined();
    expect(participants('{}').rows).toBeUndefined();
    expect(participants('null').rejects).toEqual([]);
    expect(participants('[]').rows).toEqual([]);
  });

  test('of an audit entry are its changes: strings verbatim, other values as JSON, null as null, and no row for a value that is not a pair', () => {
    const changes =
      '{"state":["active","ended"],"n":[null,9007199254740993],"o":[{"a":[1,null]},true],"version":3,"three":[1,2,3],"__proto__":["a","b"]}';
    const { flat, row } = flattenText(
      [kismetCallAuditLogs, kismetCallAuditChanges],
      `{"id":42,"event":"update","user_id":1,"object_changes":${changes},"created_at":"2025-07-16T14:30:00Z"}`,
      { call_id: '7', organization_user_id: '101' },
    );
    expect(row).toMatchObject({
      call_id: 7n,
      user_id: '1',
      changed_fields: '["state","n","o","version","three","__proto__"]',
      object_changes: changes,
    });
    const rows = flat?.children.get(kismetCallAuditChanges)?.map(named) ?? [];
    expect(rows.map(({ field, old_value, new_value }) => [field, old_value, new_value])).toEqual([
      ['state', 'active', 'ended'],
      [expect.stringMatching(HELD), undefined, '9007199254740993'],
      [expect.stringMatching(HELD), '{"a":[1,null]}', 'true'],
      [expect.stringMatching(HELD), 'a', 'b'],
    ]);
    expect(rows.map(({ _extra }) => _extra)).toEqual(
      [undefined, 'n', 'o', '__proto__'].map((field) => field && JSON.stringify({ $key: { field } })),
    );
  });

  test('lose only the value that is nested too deeply', () => {
    const deep = `${'['.repeat(90_000)}${']'.repeat(90_000)}`;
    const { flat, rejects } = flattenText(
      [kismetCallAuditLogs, kismetCallAuditChanges],
      `{"id":1,"object_changes":{"state":[${deep},"new"]}}`,
    );
    const rows = flat?.children.get(kismetCallAuditChanges)?.map(named) ?? [];
    expect(rows).toEqual([{ audit_log_id: 1n, field: 'state', new_value: 'new' }]);
    expect(rejects.filter(({ reason }) => reason === 'JSON nested too deep')).toHaveLength(2);
  });
});
