import { describe, expect, test } from 'vitest';
import {
  kismetCallAuditChanges,
  kismetCallAuditLogs,
  kismetCallParticipants,
  kismetCalls,
} from '../../../../schemas/tables/kismet.ts';
import { flattenText, named } from '../../../helpers/flatten-text.ts';

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

  test('that occur twice give one row, and those without a key give none', () => {
    const { rows, rejects } = participants(
      '[{"id":1,"participant_type":"User"},{"id":1,"participant_type":"User"},{"id":2},7]',
    );
    expect(rows).toHaveLength(1);
    expect(rejects.map(({ column, reason }) => [column, reason])).toEqual([
      ['participant_type', 'key missing, row refused'],
      ['', 'a record that is not an object'],
    ]);
  });

  test('are undefined, not an empty list, if the record has no such field', () => {
    expect(participants('null').rows).toBeUndefined();
    expect(participants('{}').rows).toBeUndefined();
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
      ['n', undefined, '9007199254740993'],
      ['o', '{"a":[1,null]}', 'true'],
      ['__proto__', 'a', 'b'],
    ]);
  });

  test('lose only the value that is nested too deeply', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const { flat, rejects } = flattenText(
      [kismetCallAuditLogs, kismetCallAuditChanges],
      `{"id":1,"object_changes":{"a":[${deep},"new"]}}`,
    );
    const rows = flat?.children.get(kismetCallAuditChanges)?.map(named) ?? [];
    expect(rows).toEqual([{ audit_log_id: 1n, field: 'a', new_value: 'new' }]);
    expect(rejects.filter(({ reason }) => reason === 'JSON nested too deep')).toHaveLength(2);
  });
});
