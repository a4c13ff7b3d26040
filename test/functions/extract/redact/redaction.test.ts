import { describe, expect, test } from 'vitest';
import { ContractError } from '../../../../functions/errors.ts';
import { type EmptiedRecords, redactionOf } from '../../../../functions/extract/redact/redaction.ts';
import { compileKey } from '../../../../functions/extract/rows/column-reader.ts';
import { childId } from '../../../../functions/lake/child-rows.ts';
import { joinKey } from '../../../../functions/lake/digest.ts';
import type { Page } from '../../../../functions/source/page.ts';
import type { Stream } from '../../../../functions/source/source.ts';
import { code, id, text } from '../../../../schemas/column.ts';
import { columnIndex, layoutOf } from '../../../../schemas/layout.ts';
import { defineTable } from '../../../../schemas/table.ts';
import type { Value } from '../../../../schemas/value.ts';
import { unitSession } from '../../../helpers/session.ts';

const calls = defineTable({
  ...{ name: 'unit_calls', source: 'unit', doc: 'Calls.', key: ['id'] },
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    agent: id({ path: 'agent', doc: 'Agent.' }),
    words: text({ path: 'words', doc: 'Words.' }),
  },
});
const numbered = defineTable({
  ...{ name: 'unit_calls', source: 'unit', doc: 'Calls.', key: ['id'] },
  columns: { ...calls.columns, number: text({ path: 'number', sensitive: true, hash: 'phone', doc: 'Number.' }) },
});
const turns = defineTable({
  ...{ name: 'unit_turns', source: 'unit', doc: 'Turns.', key: ['call_id', 'n'], removal: 'with-parent' },
  explode: (record) => record['turns'] as unknown[] | undefined,
  columns: {
    call_id: id({ path: '^id', nullable: false, doc: 'Call.' }),
    n: id({ path: 'n', nullable: false, doc: 'Number.' }),
    said: text({ path: 'said', doc: 'Words.' }),
  },
});

function read(body: unknown): Page {
  if (!Array.isArray(body)) throw new ContractError('no list');
  return { records: body };
}

/** The redaction of records. @param stream what the stream declares otherwise */
async function redaction(emptied: Partial<EmptiedRecords> & { readonly keys?: readonly string[] }, stream = {}) {
  const { keys = [], ...more } = emptied;
  const { session } = await unitSession({
    stream: { tables: [calls], read, ...stream } as Partial<Stream>,
  });
  return redactionOf(session, {
    aliases: new Map(keys.map((key) => [key, undefined])),
    left: new Map(),
    blanked: new Set(),
    keyOf: compileKey(calls, new Map(), session.texts),
    ...more,
  });
}

const pageOf = (records: unknown, partition = '') => ({
  context: { partition, page: 1, at: '2026-11-01T09:00:00Z' },
  body: Buffer.from(JSON.stringify(records)),
});

describe('a page', () => {
  test('loses the sensitive values of the records, and of no others', async () => {
    const { page } = await redaction({ keys: ['a'] });
    const given = pageOf([
      { id: 'a', agent: 'x', words: 'w' },
      { id: 'b', agent: 'x', words: 'w' },
    ]);
    expect(JSON.parse(String(page(given)))).toEqual([
      { id: 'a', agent: 'x', words: null },
      { id: 'b', agent: 'x', words: 'w' },
    ]);
  });

  test.each([
    { says: 'names none of them', records: [{ id: 'b', words: 'w' }] },
    { says: 'names one in a text alone', records: [{ id: 'b', words: 'a' }] },
    { says: 'has nothing of one to take out', records: [{ id: 'a', agent: 'x', words: null }] },
    { says: 'has records without a key', records: [{ words: 'a' }, 'a'] },
    { says: 'cannot be read', records: { a: 1 } },
  ])('that $says stays as it is, to the byte', async ({ records }) => {
    const { page } = await redaction({ keys: ['a'] });
    const given = pageOf(records);
    expect(page(given)).toBe(given.body);
  });

  test('is looked into where a record has two, of which one has nothing to take out', async () => {
    const { page } = await redaction({ keys: ['a', 'b'] });
    const given = pageOf([{ id: 'a' }, { id: 'b', words: 'w' }]);
    expect(JSON.parse(String(page(given)))).toEqual([{ id: 'a' }, { id: 'b', words: null }]);
  });

  test.each([
    ['[{"words":"w","words":null,"id":"a"}]', [{ id: 'a', words: null }]],
    ['[{"id":"a","id":"b","words":"w","words":null}]', [{ id: 'b', words: null }]],
  ])('that has a name twice keeps what is read of it alone: %s', async (body, kept) => {
    const { page } = await redaction({ keys: ['a'] });
    const after = String(page({ ...pageOf([]), body: Buffer.from(body) }));
    expect(JSON.parse(after)).toEqual(kept);
    expect(after).not.toContain('"w"');
  });

  test('is looked into where JSON may spell an id in another way', async () => {
    const { session } = await unitSession({ stream: { tables: [calls] } });
    const key = session.texts.keyPart(calls.columns['id'])('ä b');
    const { page } = await redaction({ keys: [key] });
    const given = { ...pageOf([]), body: Buffer.from('[{"id":"\\u00e4 b","words":"w"}]') };
    expect(JSON.parse(String(page(given)))).toEqual([{ id: key, words: null }]);
  });

  test('of details is not kept if it is that of such a record, and stays otherwise', async () => {
    const { page } = await redaction({ keys: ['a'] }, { kind: 'details', parentTable: calls });
    const other = pageOf([{ id: 'a', words: 'w' }], 'b');
    expect(page(pageOf([], 'a'))).toBeUndefined();
    expect(page(other)).toBe(other.body);
  });
});

describe('a staged file', () => {
  const index = columnIndex(calls);
  /** Columns of rows with these ids; the rest of a row is null. */
  const columnsOf = (rows: readonly Readonly<Record<string, Value>>[]) =>
    layoutOf(calls).map(({ name }) => rows.map((row) => row[name] ?? null));
  const all = [
    { id: 'a', agent: 'x', words: 'w', _hidden: '' },
    { id: 'b', agent: 'y', words: 'v', _hidden: '' },
  ];

  test('loses the sensitive values of the rows that were found', async () => {
    const { rows } = await redaction({ keys: ['a'] });
    const columns = rows(calls, columnsOf(all), new Set([0]));
    expect(columns?.[index('words')]).toEqual([null, 'v']);
    expect(columns?.[index('agent')]).toEqual(['x', 'y']);
    expect(columns?.[index('id')]).toEqual(['a', 'b']);
  });

  test('is not written again where they have none', async () => {
    const { rows } = await redaction({ keys: ['a'] });
    expect(rows(calls, columnsOf([{ id: 'a', agent: 'x', _hidden: '' }]), new Set([0]))).toBeUndefined();
    expect(rows(calls, columnsOf(all), new Set())).toBeUndefined();
  });

  test.each([
    { says: 'opted out', more: {}, hash: 'hash-1' },
    { says: 'is blanked', more: { blanked: new Set(['a']) }, hash: null },
    {
      says: 'left its record',
      more: { left: new Map([['a', { alias: undefined, ids: new Set<string>() }]]) },
      hash: null,
    },
  ])('has, of a record that $says, the hash of its number as $hash', async ({ more, hash }) => {
    const { rows } = await redaction({ keys: ['a'], ...more }, { tables: [numbered] });
    const row = { id: 'a', words: 'w', number_hash: 'hash-1', _hidden: '' };
    const given = layoutOf(numbered).map(({ name }) => [(row as Readonly<Record<string, Value>>)[name] ?? null]);
    const columns = rows(numbered, given, new Set([0])) ?? [];
    expect(['words', 'number_hash'].map((name) => columns[columnIndex(numbered)(name)]?.[0])).toEqual([null, hash]);
  });

  test.each([
    { says: 'does not show, as its row says', hidden: ',agent,', agent: null },
    { says: 'shows, as another is hidden', hidden: ',words,', agent: 'x' },
    { says: 'may not show, as a row of an earlier version does not say', hidden: null, agent: null },
  ])('loses a text that `callhouse` $says', async ({ hidden, agent }) => {
    const { rows } = await redaction({ keys: ['a'] });
    const columns = rows(calls, columnsOf([{ id: 'a', agent: 'x', words: 'w', _hidden: hidden }]), new Set([0]));
    expect(columns?.[index('agent')]).toEqual([agent]);
    expect(columns?.[index('id')]).toEqual(['a']);
  });
});

test('a staged file loses a word that other records have earned, and keeps one that the declaration lists', async () => {
  const worded = defineTable({
    ...{ name: 'unit_calls', source: 'unit', doc: 'Calls.', key: ['id'] },
    columns: {
      ...calls.columns,
      state: code('done')({ path: 'state', doc: 'State.' }),
      reason: code('done')({ path: 'reason', doc: 'Reason.' }),
    },
  });
  const { rows } = await redaction({ keys: ['a'] }, { tables: [worded] });
  const row = { id: 'a', agent: 'x', state: 'DONE', reason: 'Wilhelmina', _hidden: '' };
  const given = layoutOf(worded).map(({ name }) => [(row as Readonly<Record<string, Value>>)[name] ?? null]);
  const columns = rows(worded, given, new Set([0])) ?? [];
  const left = ['agent', 'state', 'reason'].map((name) => columns[columnIndex(worded)(name)]?.[0]);
  expect(left).toEqual(['x', 'DONE', null]);
});

describe('rows are found', () => {
  test('by the key of their record, in its table and in those of its children', async () => {
    const { matches } = await redaction({ keys: ['a', 'b'] }, { tables: [calls, turns] });
    const values = new Set(['a', 'b']);
    expect(matches).toEqual([
      { table: calls, columns: ['id'], values },
      { table: turns, columns: ['call_id'], values },
    ]);
  });

  test('not in a table of children that holds only a part of the key', async () => {
    const days = defineTable({
      ...{ name: 'unit_days', source: 'unit', doc: 'Days.', key: ['id', 'day'] },
      columns: { ...calls.columns, day: id({ path: 'day', nullable: false, doc: 'Day.' }) },
    });
    const { matches } = await redaction({ keys: ['a'] }, { tables: [days, turns] });
    expect(matches.map(({ table }) => table.name)).toEqual(['unit_days']);
  });

  test('by their own keys where children left a record that stays', async () => {
    const key = joinKey(['a', '1']);
    const left = new Map([['a', { alias: undefined, ids: new Set([childId(turns, key)]) }]]);
    const { matches } = await redaction({ left }, { tables: [calls, turns] });
    expect(matches.filter(({ values }) => values.size > 0)).toEqual([
      { table: turns, columns: turns.key, values: new Set([key]) },
    ]);
  });
});
