import { describe, expect, test } from 'vitest';
import { newRejects } from '../../../../functions/extract/rows/coerce.ts';
import { compileFlatten } from '../../../../functions/extract/rows/flatten.ts';
import { parseJson } from '../../../../functions/http/lossless-json.ts';
import { RECORD_OPTED_OUT } from '../../../../functions/source/details.ts';
import { isJsonObject } from '../../../../schemas/json-text.ts';
import { kalemCalls } from '../../../../schemas/tables/kalem.ts';
import { kismetCallParticipants, kismetCalls } from '../../../../schemas/tables/kismet.ts';
import { solumCalls } from '../../../../schemas/tables/solum.ts';
import { zuduCalls } from '../../../../schemas/tables/zudu.ts';
import { flattenText, KEPT } from '../../../helpers/flatten-text.ts';
import { testTexts } from '../../../helpers/texts.ts';

describe('_extra', () => {
  test('holds the fields that no column reads, nested as the vendor sent them, with every digit', () => {
    const { row } = flattenText(
      [zuduCalls],
      `{"call_id":"a",${KEPT},"updated_at":12345678901234567890,"latency":{"e2e":{"p50":1,"p75":2.50},"llm":{"p50":3}},"call_cost":{"currency":"EUR"},"metadata":{"any":1}}`,
    );
    expect(row['_extra']).toBe(
      '{"updated_at":12345678901234567890,"latency":{"e2e":{"p75":2.5},"llm":{"p50":3}},"call_cost":{"currency":"EUR"}}',
    );
    expect(row['latency_e2e_p50']).toBe(1);
    expect(row['metadata']).toBe('{"any":1}');
  });

  test.each([
    ['nothing is unknown', `{"call_id":"a",${KEPT},"call_analysis":{"call_summary":"s"}}`],
    ['a branch is null or empty', `{"call_id":"a",${KEPT},"call_analysis":null,"latency":{},"call_cost":{}}`],
  ])('is null if %s', (_says, record) => {
    expect(flattenText([zuduCalls], record).row['_extra']).toBeUndefined();
  });

  test('keeps a complete value that is not an object', () => {
    expect(flattenText([zuduCalls], `{"call_id":"a",${KEPT},"latency":[1,2],"call_cost":"free"}`).row['_extra']).toBe(
      '{"latency":[1,2],"call_cost":"free"}',
    );
  });

  test('keeps members called __proto__, constructor and the like', () => {
    const record = `{"call_id":"a",${KEPT},"__proto__":{"polluted":true},"constructor":{"prototype":1},"latency":{"__proto__":{"x":1}}}`;
    const { row } = flattenText([zuduCalls], record);
    expect(row['_extra']).toBe(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":1},"latency":{"__proto__":{"x":1}}}',
    );
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(flattenText([zuduCalls], `{"__proto__":{"call_id":"a"},${KEPT}}`).flat).toBeUndefined();
  });

  test('that is nested too deeply is refused, and the row is kept', () => {
    const deep = `${'{"a":'.repeat(90_000)}1${'}'.repeat(90_000)}`;
    const { row, rejects } = flattenText([zuduCalls], `{"call_id":"a",${KEPT},"new":${deep}}`);
    expect(row['call_id']).toBe('a');
    expect(rejects).toEqual([{ table: 'zudu_calls', column: '_extra', reason: 'JSON nested too deep', count: 1 }]);
  });

  test('leaves out fields that another table of the stream reads', () => {
    const { row } = flattenText([kismetCalls, kismetCallParticipants], '{"id":1,"participants":[{"id":1}],"x":2}');
    expect(row['_extra']).toBe('{"x":2}');
  });
});

describe('JSON columns', () => {
  test.each(['12345678901234567890', '1e400', '123456789012345678.25', '0.12345678901234567890123'])(
    'keep the digits of %s',
    (digits) => {
      const { row } = flattenText([zuduCalls], `{"call_id":"a",${KEPT},"metadata":{"n":${digits}},"new":[${digits}]}`);
      expect(row['metadata']).toBe(`{"n":${digits}}`);
      expect(row['_extra']).toBe(`{"new":[${digits}]}`);
    },
  );

  test('and objects that come as JSON text are read; what is none stays as it came', () => {
    const { row, rejects } = flattenText(
      [zuduCalls],
      `{"call_id":"a",${KEPT},"metadata":"{\\"customer_id\\":7}","latency":"{\\"e2e\\":{\\"p50\\":1,\\"values\\":\\"[1,2]\\"},\\"llm\\":3}","events":" [1]","call_cost":"{broken","call_analysis":"[]"}`,
    );
    expect(row).toMatchObject({ metadata: '{"customer_id":7}', metadata_customer_id: '7', events: '[1]' });
    expect(row).toMatchObject({ latency_e2e_p50: 1, latency_e2e_values: [1, 2] });
    expect(row['_extra']).toBe('{"latency":{"llm":3},"call_cost":"{broken","call_analysis":[]}');
    expect(rejects).toEqual([]);
  });

  test('tell no text from a number', () => {
    const { row } = flattenText([zuduCalls], `{"call_id":"a",${KEPT},"events":"none","metadata":7}`);
    expect(row).toMatchObject({ events: '"none"', metadata: '7' });
  });
});

describe('a row', () => {
  test.each([
    ['an empty text', '""', 1],
    ['blanks', '" \\u200b"', 1],
    ['a placeholder, which may be an id', '"0"', 0],
    ['null', 'null', 0],
  ])('that has %s as the id of a person is kept as it is, and counted if that names nobody', (_what, id, count) => {
    const reason = 'an empty text, whose hash names no person';
    const counted = (table: string, column: string) => (count ? [{ table, column, reason, count }] : []);
    const solum = flattenText([solumCalls], `{"id":"a","patient_id":${id}}`);
    const zudu = flattenText([zuduCalls], `{"call_id":"a",${KEPT},"metadata":{"customer_id":${id}},"from_number":""}`);
    expect(solum.rejects).toEqual(counted('solum_calls', 'patient_id'));
    expect(zudu.rejects).toEqual(counted('zudu_calls', 'metadata_customer_id'));
    expect([solum.row['patient_id'] ?? null, solum.refused, zudu.refused]).toEqual([JSON.parse(id), 0, 0]);
  });

  test('is refused and counted only if its key is missing', () => {
    expect(flattenText([kalemCalls], '{"call_id":null,"status":"completed"}')).toMatchObject({
      flat: undefined,
      rejects: [{ table: 'kalem_calls', column: 'call_id', reason: 'key missing, row refused', count: 1 }],
    });
    expect(flattenText([kalemCalls], '{"call_id":"a","cost":"much","duration_seconds":1.5}')).toMatchObject({
      row: { call_id: 'a' },
      rejects: [
        { column: 'duration_seconds', reason: 'another number where an integer is expected', count: 1 },
        { column: 'cost', reason: 'other text where an amount below 10^12 is expected', count: 1 },
      ],
    });
  });

  test.each(['"text"', '12', '[]', 'null'])('is not made from %s', (record) => {
    expect(flattenText([kalemCalls], record)).toMatchObject({
      flat: undefined,
      rejects: [{ column: '', reason: 'a record that is not an object', count: 1 }],
    });
  });

  test('spells Kalem’s status with underscores, and takes its direction from the list', () => {
    expect(
      flattenText([kalemCalls], '{"call_id":"a","status":"in-progress"}', { direction: 'inbound' }).row,
    ).toMatchObject({
      status: 'in_progress',
      direction: 'inbound',
    });
  });

  test('of Zudu has call_id as its key, or id if there is no call_id, and keeps that key', () => {
    expect(flattenText([zuduCalls], `{"id":"i","call_id":"c",${KEPT}}`).flat?.row.key).toBe('c');
    expect(flattenText([zuduCalls], `{"id":"i","call_id":null,${KEPT}}`).flat?.row.key).toBe('i');
    const { flat, row } = flattenText([zuduCalls], `{"id":"i","call_id":"c",${KEPT}}`, {}, new Map([['i', 'i']]));
    expect(flat?.row.key).toBe('i');
    expect(row).toMatchObject({ call_id: 'i', id: 'i' });
  });

  test('is not filed under an empty text, under which all such records would be one', () => {
    const stableKeys = new Map([
      ['', 'stranger'],
      ['known', ''],
    ]);
    const keyOf = (record: string) => flattenText([zuduCalls], `{${record},${KEPT}}`, {}, stableKeys).flat?.row.key;
    expect(keyOf('"call_id":"","id":"i"')).toBe('i');
    expect(keyOf('"call_id":" ","id":"j"')).toBe('j');
    expect(keyOf('"call_id":"c","id":"known"')).toBe('c');
    expect(keyOf('"call_id":"d","id":""')).toBe('d');
    expect(keyOf('"call_id":"e","id":""')).toBe('e');
    expect(stableKeys.get('')).toBe('stranger');
    const { flat, rejects, refused } = flattenText([zuduCalls], `{"call_id":"","id":" ",${KEPT}}`);
    expect(flat).toBeUndefined();
    expect(rejects).toEqual([{ table: 'zudu_calls', column: 'call_id', reason: 'key missing, row refused', count: 1 }]);
    expect(refused).toBe(1);
  });

  test('whose key has another type counts it, and has the next path’s', () => {
    const { flat, rejects } = flattenText([zuduCalls], `{"call_id":{},"id":"i",${KEPT}}`);
    expect(flat?.row.key).toBe('i');
    expect(rejects.map(({ column, reason }) => [column, reason])).toEqual([
      ['call_id', 'an object where text is expected'],
    ]);
  });

  test('of half a surrogate pair has the key, values and hash of what is stored, and is counted', () => {
    const broken = flattenText([zuduCalls], `{"call_id":"a\\ud800","transcript":"\\udc00","new":"\\ud800",${KEPT}}`);
    const stored = flattenText([zuduCalls], `{"call_id":"a\ufffd","transcript":"\ufffd","new":"\ufffd",${KEPT}}`);
    expect(broken.flat).toEqual(stored.flat);
    expect(broken.rejects.map(({ column, reason }) => [column, reason])).toEqual([
      ...['call_id', 'transcript'].map((column) => [column, 'half a surrogate pair, replaced']),
      ['call_id', expect.stringMatching(/^hidden in callhouse: .*replaced by its hash$/)],
      ['_extra', 'half a surrogate pair, replaced'],
    ]);
    expect(broken.refused).toBe(0);
  });

  test.each([
    ['is absent', '', 'flag missing, counted as opted out', 0],
    ['is null', '"opt_out_sensitive_data_storage":null,', 'flag missing, counted as opted out', 0],
    ['is unclear', '"opt_out_sensitive_data_storage":"no",', 'other text where true or false is expected', 1],
  ])('whose opt-out %s counts as opted out, and is counted', (_says, flag, reason, count) => {
    const { flat, row, rejects, refused } = flattenText([zuduCalls], `{${flag}"call_id":"a","transcript":"said"}`);
    expect(flat?.row.optedOut).toBe(true);
    expect(row['transcript']).toBeUndefined();
    expect(rejects).toEqual([{ table: 'zudu_calls', column: 'opt_out_sensitive_data_storage', reason, count: 1 }]);
    expect(refused).toBe(count);
  });

  test.each([
    { context: {}, said: 'said' },
    { context: { [RECORD_OPTED_OUT]: false }, said: 'said' },
    { context: { [RECORD_OPTED_OUT]: true }, said: undefined },
  ])('of a list of a record that opted out has, with $context, the transcript $said', ({ context, said }) => {
    const { flat, row } = flattenText([zuduCalls], `{"call_id":"a","transcript":"said","new":"said",${KEPT}}`, context);
    expect(flat?.row.optedOut).toBe(said === undefined);
    expect(row['transcript']).toBe(said);
    expect(row['_extra'] === undefined).toBe(said === undefined);
  });

  test('keeps its first key when the record shows another one later on the same page', () => {
    const stableKeys = new Map<string, string>();
    const keyOf = (record: string) => flattenText([zuduCalls], record, {}, stableKeys).flat?.row.key;
    expect(keyOf(`{"id":"i",${KEPT}}`)).toBe('i');
    expect(keyOf(`{"id":"i","call_id":"c",${KEPT}}`)).toBe('i');
    expect(keyOf(`{"id":"other","call_id":"d",${KEPT}}`)).toBe('d');
  });
});

test('reading a record does not change it', () => {
  const record = parseJson(`{"call_id":"a",${KEPT},"latency":{"e2e":{"values":[1]}},"x":{"y":1}}`);
  const before = structuredClone(record);
  compileFlatten([zuduCalls], { rejects: newRejects(), stableKeys: new Map(), texts: testTexts() })(record, {});
  expect(isJsonObject(record)).toBe(true);
  expect(record).toEqual(before);
});

test('a direction that is neither inbound nor outbound is counted, because nobody knows the caller then', () => {
  const rejectsOf = (direction: string) =>
    flattenText([zuduCalls], `{"call_id":"a",${KEPT},"direction":${direction}}`).rejects.filter(({ reason }) =>
      reason.includes('caller'),
    );
  expect(rejectsOf('"INTERNAL"')).toEqual([
    {
      table: 'zudu_calls',
      column: 'direction',
      reason: 'neither inbound nor outbound, so the caller is not known',
      count: 1,
    },
  ]);
  expect(['"INBOUND"', '"Outbound"', 'null', '""'].flatMap(rejectsOf)).toEqual([]);
});
