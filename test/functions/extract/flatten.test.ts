import { describe, expect, test } from 'vitest';
import { compileFlatten, type FlatRow } from '../../../functions/extract/flatten.ts';
import { newRejects } from '../../../functions/extract/rejects.ts';
import { mayHoldLongNumber, parseJson } from '../../../functions/http/lossless-json.ts';
import { bigint, json, text } from '../../../schemas/column.ts';
import { isJsonObject } from '../../../schemas/json-text.ts';
import { layoutOf } from '../../../schemas/layout.ts';
import { defineTable, type Table } from '../../../schemas/table.ts';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';
import {
  kismetCallAuditChanges,
  kismetCallAuditLogs,
  kismetCallParticipants,
  kismetCalls,
} from '../../../schemas/tables/kismet.ts';
import { zuduCalls } from '../../../schemas/tables/zudu.ts';

/** A record of JSON text as its table has it, read as a page is read. */
function flatten(
  tables: readonly [Table, ...Table[]],
  record: string,
  context: Readonly<Record<string, unknown>> = {},
  stickyKey?: (by: string) => string | undefined,
) {
  const rejects = newRejects();
  const exact = mayHoldLongNumber(record);
  const flat = compileFlatten(tables)(parseJson(record), { context, exact, rejects, stickyKey });
  return { flat, rejects: rejects.drain(), row: flat ? named(flat.row) : {}, refused: rejects.refused() };
}

function named({ table, values }: FlatRow): Record<string, unknown> {
  const entries = layoutOf(table).map(({ name }, n): [string, unknown] => [name, values[n]]);
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

const flag = '"opt_out_sensitive_data_storage":false';

describe('_extra', () => {
  test('holds what no column reads, nested as it came, with every digit', () => {
    const { row } = flatten(
      [zuduCalls],
      `{"call_id":"a",${flag},"updated_at":12345678901234567890,"latency":{"e2e":{"p50":1,"p75":2.50},"llm":{"p50":3}},"call_cost":{"currency":"EUR"},"metadata":{"any":1}}`,
    );
    expect(row['_extra']).toBe(
      '{"updated_at":12345678901234567890,"latency":{"e2e":{"p75":2.5},"llm":{"p50":3}},"call_cost":{"currency":"EUR"}}',
    );
    expect(row['latency_e2e_p50']).toBe(1);
    expect(row['metadata']).toBe('{"any":1}');
  });

  test.each([
    ['nothing is unknown', `{"call_id":"a",${flag},"call_analysis":{"call_summary":"s"}}`],
    ['a branch is null or empty', `{"call_id":"a",${flag},"call_analysis":null,"latency":{},"call_cost":{}}`],
  ])('is null where %s', (_says, record) => {
    expect(flatten([zuduCalls], record).row['_extra']).toBeUndefined();
  });

  test('keeps a branch that is no object whole', () => {
    expect(flatten([zuduCalls], `{"call_id":"a",${flag},"latency":[1,2],"call_cost":"free"}`).row['_extra']).toBe(
      '{"latency":[1,2],"call_cost":"free"}',
    );
  });

  test('takes members called __proto__, constructor and the like as they are', () => {
    const record = `{"call_id":"a",${flag},"__proto__":{"polluted":true},"constructor":{"prototype":1},"latency":{"__proto__":{"x":1}}}`;
    const { row } = flatten([zuduCalls], record);
    expect(row['_extra']).toBe(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":1},"latency":{"__proto__":{"x":1}}}',
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(flatten([zuduCalls], `{"__proto__":{"call_id":"a"},${flag}}`).flat).toBeUndefined();
  });

  test('nested deeper than the stack holds is refused, and the row stands', () => {
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    const { row, rejects } = flatten([zuduCalls], `{"call_id":"a",${flag},"new":${deep}}`);
    expect(row['call_id']).toBe('a');
    expect(rejects).toEqual([{ table: 'zudu_calls', column: '_extra', reason: 'JSON nested too deep', count: 1 }]);
  });

  test('leaves out what another table of the stream reads', () => {
    const { row } = flatten([kismetCalls, kismetCallParticipants], '{"id":1,"participants":[{"id":1}],"x":2}');
    expect(row['_extra']).toBe('{"x":2}');
  });
});

describe('JSON columns', () => {
  test.each(['12345678901234567890', '1e400', '123456789012345678.25', '0.12345678901234567890123'])(
    'keep the digits of %s',
    (digits) => {
      const { row } = flatten([zuduCalls], `{"call_id":"a",${flag},"metadata":{"n":${digits}},"new":[${digits}]}`);
      expect(row['metadata']).toBe(`{"n":${digits}}`);
      expect(row['_extra']).toBe(`{"new":[${digits}]}`);
    },
  );

  test('tell no text from a number', () => {
    const { row } = flatten([zuduCalls], `{"call_id":"a",${flag},"events":"none","metadata":7}`);
    expect(row).toMatchObject({ events: '"none"', metadata: '7' });
  });
});

describe('a row', () => {
  test('is refused only if its key is missing, and counted', () => {
    expect(flatten([kalemCalls], '{"call_id":null,"status":"completed"}')).toMatchObject({
      flat: undefined,
      rejects: [{ table: 'kalem_calls', column: 'call_id', reason: 'key missing, row refused', count: 1 }],
    });
    expect(flatten([kalemCalls], '{"call_id":"a","cost":"much","duration_seconds":1.5}')).toMatchObject({
      row: { call_id: 'a' },
      rejects: [
        { column: 'duration_seconds', reason: 'another number where an integer is expected', count: 1 },
        { column: 'cost', reason: 'other text where an amount below 10^12 is expected', count: 1 },
      ],
    });
  });

  test.each(['"text"', '12', '[]', 'null'])('is not made of %s', (record) => {
    expect(flatten([kalemCalls], record)).toMatchObject({
      flat: undefined,
      rejects: [{ column: '', reason: 'a record that is no object', count: 1 }],
    });
  });

  test('spells Kalem’s status with underscores, and takes its direction from the list', () => {
    expect(flatten([kalemCalls], '{"call_id":"a","status":"in-progress"}', { direction: 'inbound' }).row).toMatchObject(
      {
        status: 'in_progress',
        direction: 'inbound',
      },
    );
  });

  test('of Zudu is filed under call_id, else under id, and stays there', () => {
    expect(flatten([zuduCalls], `{"id":"i","call_id":"c",${flag}}`).flat?.row.key).toBe('c');
    expect(flatten([zuduCalls], `{"id":"i","call_id":null,${flag}}`).flat?.row.key).toBe('i');
    const sticky = (by: string) => (by === 'i' ? 'i' : undefined);
    const { flat, row } = flatten([zuduCalls], `{"id":"i","call_id":"c",${flag}}`, {}, sticky);
    expect(flat?.row.key).toBe('i');
    expect(row).toMatchObject({ call_id: 'i', id: 'i' });
  });
});

describe('children', () => {
  const participants = (list: string) => {
    const { flat, rejects } = flatten(
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

  test('that stand twice give one row, and those without a key none', () => {
    const { rows, rejects } = participants(
      '[{"id":1,"participant_type":"User"},{"id":1,"participant_type":"User"},{"id":2},7]',
    );
    expect(rows).toHaveLength(1);
    expect(rejects.map(({ column, reason }) => [column, reason])).toEqual([
      ['participant_type', 'key missing, row refused'],
      ['', 'a record that is no object'],
    ]);
  });

  test('of which the record says nothing are none, which is not the same as an empty list', () => {
    expect(participants('null').rows).toBeUndefined();
    expect(participants('{}').rows).toBeUndefined();
    expect(participants('[]').rows).toEqual([]);
  });

  test('of an audit entry are its changes: strings verbatim, other values as JSON, null as null, no pair no row', () => {
    const changes =
      '{"state":["active","ended"],"n":[null,9007199254740993],"o":[{"a":[1,null]},true],"version":3,"three":[1,2,3],"__proto__":["a","b"]}';
    const { flat, row } = flatten(
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

  test('with a value nested deeper than the stack holds lose that value alone', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const { flat, rejects } = flatten(
      [kismetCallAuditLogs, kismetCallAuditChanges],
      `{"id":1,"object_changes":{"a":[${deep},"new"]}}`,
    );
    const rows = flat?.children.get(kismetCallAuditChanges)?.map(named) ?? [];
    expect(rows).toEqual([{ audit_log_id: 1n, field: 'a', new_value: 'new' }]);
    expect(rejects.filter(({ reason }) => reason === 'JSON nested too deep')).toHaveLength(2);
  });
});

describe('the content hash of a row', () => {
  const hash = (record: string, tables: readonly [Table, ...Table[]] = [zuduCalls]) =>
    flatten(tables, record).flat?.row.hash;
  const call = (more: string) => hash(`{"call_id":"a",${flag},${more}}`);

  test('is the same whatever signature an address carries, and another with another address', () => {
    const signed = (path: string, sig: string) => call(`"recording_url":"https://x/${path}?sig=${sig}"`);
    expect(signed('a.mp4', '1')).toBe(signed('a.mp4', '2'));
    expect(signed('a.mp4', '1')).not.toBe(signed('b.mp4', '1'));
    expect(call('"recording_url":null')).not.toBe(call('"recording_url":""'));
  });

  test.each([
    ['a value', '"transcript":"a"', '"transcript":"b"'],
    ['a value and its neighbour', '"transcript":"a"', '"transcript_object":"a"'],
    ['an unknown field', '"new":1', '"new":2'],
    ['a value that is refused', '"call_duration":null', '"call_duration":"long"'],
  ])('tells a change of %s', (_what, before, after) => {
    expect(call(before)).not.toBe(call(after));
  });

  test('does not tell the order of fields, nor a null from a field that is gone', () => {
    expect(hash(`{"call_id":"a",${flag},"transcript":null}`)).toBe(hash(`{${flag},"call_id":"a"}`));
  });

  test('is another once the declaration is another, so that every row is staged anew', () => {
    const table = (columns: Table['columns']) =>
      defineTable({
        name: 't',
        source: 's',
        doc: '.',
        key: ['id'],
        columns: { id: text({ from: 'id', doc: '.' }), ...columns },
      });
    const hashes = [
      table({}),
      table({ a: text({ from: 'a', doc: '.' }) }),
      table({ a: json({ from: 'a', doc: '.' }) }),
      table({ a: bigint({ from: 'a', doc: '.' }) }),
      table({ a: text({ from: 'b', doc: '.' }) }),
      table({ a: text({ from: 'a', doc: '.', sensitive: true }) }),
      table({ a: text({ from: 'a', doc: '.', sensitive: 'hashed' }) }),
    ].map((one) => hash('{"id":"1"}', [one]));
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

test('a record keeps what it was given: nothing of it is changed by reading it', () => {
  const record = parseJson(`{"call_id":"a",${flag},"latency":{"e2e":{"values":[1]}},"x":{"y":1}}`);
  const before = structuredClone(record);
  compileFlatten([zuduCalls])(record, { context: {}, exact: false, rejects: newRejects() });
  expect(isJsonObject(record)).toBe(true);
  expect(record).toEqual(before);
});
