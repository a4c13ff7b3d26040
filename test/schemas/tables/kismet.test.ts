import { describe, expect, test } from 'vitest';
import { RawNumber } from '../../../schemas/json-text.ts';
import type { Table } from '../../../schemas/table.ts';
import {
  kismetCallAuditChanges,
  kismetCallAuditLogs,
  kismetCallParticipants,
  kismetCalls,
} from '../../../schemas/tables/kismet.ts';

const transform = ({ columns }: Table, name: string, value: unknown) => columns[name]?.transform?.(value);

describe('kismet_calls.participant_count', () => {
  test.each([
    [[], 0],
    [[{}, {}], 2],
    ['two', null],
    [{ length: 2 }, null],
  ])('of %j is %j', (participants, count) => {
    expect(transform(kismetCalls, 'participant_count', participants)).toBe(count);
  });
});

describe('kismet_call_participants', () => {
  test('has one row per element of participants', () => {
    expect(kismetCallParticipants.explode?.({ participants: [{ id: 1 }, { id: 2 }] })).toEqual([{ id: 1 }, { id: 2 }]);
    expect(kismetCallParticipants.explode?.({ participants: [] })).toEqual([]);
  });

  test.each([[{}], [{ participants: null }], [{ participants: 'none' }]])(
    'is left as it is if the record says nothing about participants: %j',
    (record) => {
      expect(kismetCallParticipants.explode?.(record)).toBeUndefined();
    },
  );
});

describe('kismet_call_audit_logs.changed_fields', () => {
  test.each([
    [{ name: ['a', 'b'], state: 1 }, ['name', 'state']],
    [{}, []],
    [['name'], null],
    ['name', null],
  ])('of %j is %j', (changes, names) => {
    expect(transform(kismetCallAuditLogs, 'changed_fields', changes)).toEqual(names);
  });
});

describe('kismet_call_audit_changes', () => {
  test.each([
    [
      { object_changes: { name: ['a', 'b'], state: [null, 1] } },
      [
        { field: 'name', old: 'a', new: 'b' },
        { field: 'state', old: null, new: 1 },
      ],
    ],
    [
      { object_changes: { one: [1], three: [1, 2, 3], text: 'ab', none: null, pair: [1, 2] } },
      [{ field: 'pair', old: 1, new: 2 }],
    ],
    [{ object_changes: null }, []],
    [{ object_changes: ['a', 'b'] }, []],
    [{}, []],
  ])('has one row per [old, new] pair of %j', (record, rows) => {
    expect(kismetCallAuditChanges.explode?.(record)).toEqual(rows);
  });

  test.each([
    ['Dr. A', 'Dr. A'],
    [1.5, '1.5'],
    [new RawNumber('12345678901234567890'), '12345678901234567890'],
    [false, 'false'],
    [{ a: [1] }, '{"a":[1]}'],
    [null, null],
    [undefined, undefined],
  ])('keeps a string as it is and writes any other value as JSON text: %j', (value, text) => {
    expect(transform(kismetCallAuditChanges, 'old_value', value)).toBe(text);
    expect(transform(kismetCallAuditChanges, 'new_value', value)).toBe(text);
  });
});
