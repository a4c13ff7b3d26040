import { describe, expect, test } from 'vitest';
import { compileDropSensitive } from '../../../../functions/extract/redact/drop-sensitive.ts';
import { bigint, boolean, code, doubles, id, json, text, timestamp } from '../../../../schemas/column.ts';
import { defineTable } from '../../../../schemas/table.ts';
import { testTexts } from '../../../helpers/texts.ts';

const calls = defineTable({
  ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'] },
  ignorePaths: ['turns'],
  columns: {
    id: id({ path: ['id', 'uuid'], nullable: false, doc: 'Id.' }),
    user: id({ path: '$user', doc: 'User.' }),
    status: code('done', 'busy')({ path: 'status', doc: 'Status.' }),
    at: timestamp({ path: 'at', doc: 'Start.' }),
    seconds: bigint({ path: 'seconds', doc: 'Duration.' }),
    quiet: boolean({ path: 'quiet', doc: 'Opt-out.' }),
    words: text({ path: 'words', sensitive: true, doc: 'Words.' }),
    meta: json({ path: 'meta', sensitive: true, doc: 'Anything.' }),
    level: code('high', 'low')({ path: 'meta.level', doc: 'Level.' }),
    other: code('high', 'low')({ path: 'metalevel', doc: 'Other.' }),
  },
});
const turns = defineTable({
  ...{ name: 'turns', source: 'nova', doc: 'Turns.', key: ['call_id', 'n'], removal: 'with-parent' },
  explode: (record) => record['turns'] as unknown[] | undefined,
  columns: {
    call_id: id({ path: '^id', nullable: false, doc: 'Call.' }),
    n: bigint({ path: 'n', nullable: false, doc: 'Number.' }),
    said: text({ path: 'said', sensitive: true, doc: 'Words.' }),
  },
});

const AT = '2026-11-01T09:00:00Z';
const lists = defineTable({
  ...{ name: 'lists', source: 'nova', doc: 'Lists.', key: ['id'] },
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    made: timestamp({
      path: 'made',
      doc: 'Made.',
      transform: (given) => (given as { start?: unknown }).start ?? given,
    }),
    pauses: doubles({ path: 'pauses', doc: 'Pauses.' }),
  },
});
const nested = defineTable({
  ...{ name: 'nested', source: 'nova', doc: 'Nested.', key: ['id'] },
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    meta: json({ path: 'meta', sensitive: true, doc: 'Anything.' }),
    level: code('high', 'low')({ path: 'meta.level', doc: 'Level.' }),
    word: code('done', 'busy')({ path: 'meta.deep.word', doc: 'Word.' }),
  },
});

/** What is left of a record that opts out. */
function left(record: unknown, tables: Parameters<typeof compileDropSensitive>[0] = [calls]): unknown {
  compileDropSensitive(tables, testTexts())(record);
  return record;
}

describe('of a record that opts out', () => {
  test.each<{ says: string; record: object; kept: object }>([
    { says: 'its key is kept', record: { id: 'a', uuid: 'b' }, kept: { id: 'a', uuid: 'b' } },
    { says: 'sensitive text is emptied', record: { words: 'w' }, kept: { words: null } },
    { says: 'a field that is missing is not added', record: {}, kept: {} },
    {
      says: 'a field that is null stays so',
      record: { words: null, meta: null, at: null },
      kept: { words: null, meta: null, at: null },
    },
    { says: 'what no column reads is dropped', record: { id: 'a', name: 'Jane', n: 1 }, kept: { id: 'a' } },
    { says: 'a parameter of its list is no field of it', record: { $user: 'Jane', user: 'Jane' }, kept: {} },
    { says: 'a word of the document is kept', record: { status: 'done' }, kept: { status: 'done' } },
    { says: 'another word is emptied', record: { status: 'asthma' }, kept: { status: null } },
    {
      says: 'numbers, instants and flags are kept',
      record: { seconds: 7, at: '2026-11-01T09:00:00Z', quiet: true },
      kept: { seconds: 7, at: '2026-11-01T09:00:00Z', quiet: true },
    },
    {
      says: 'text in their place is emptied',
      record: { seconds: 'Jane', at: 'Jane', quiet: 'Jane' },
      kept: { seconds: null, at: null, quiet: null },
    },
    {
      says: 'objects and lists in their place are emptied',
      record: { seconds: { name: 'Jane' }, at: ['Jane'], quiet: {} },
      kept: { seconds: null, at: null, quiet: null },
    },
    {
      says: 'an object or a list in place of a text is emptied',
      record: { words: { name: 'Jane' }, status: ['Jane'] },
      kept: { words: null, status: null },
    },
    {
      says: 'a list of numbers in their place is emptied too',
      record: { seconds: [7, 8], quiet: [1] },
      kept: { seconds: null, quiet: null },
    },
    { says: 'an object that may hold anything is emptied', record: { meta: { name: 'Jane' } }, kept: { meta: null } },
    {
      says: 'a listed word in it is kept',
      record: { meta: { level: 'high', name: 'Jane' } },
      kept: { meta: { level: 'high' } },
    },
    {
      says: 'a listed word in it is kept where it is no object',
      record: { meta: ['Jane'], status: 'done' },
      kept: { meta: null, status: 'done' },
    },
    { says: 'another word in it is not', record: { meta: { level: 'Jane' } }, kept: { meta: { level: null } } },
    {
      says: 'a word beside it is judged alone',
      record: { meta: { a: 1 }, metalevel: 'high' },
      kept: { meta: null, metalevel: 'high' },
    },
  ])('$says', ({ record, kept }) => {
    expect(left(record)).toEqual(kept);
  });

  test.each<{ says: string; record: object; kept: object }>([
    {
      says: 'an object that its column takes the instant out of',
      record: { made: { start: AT, by: 'Jane' } },
      kept: { made: null },
    },
    { says: 'a list of numbers with a text among them', record: { pauses: [1, 'Jane'] }, kept: { pauses: null } },
    { says: 'an object where numbers are expected', record: { pauses: { name: 'Jane' } }, kept: { pauses: null } },
  ])('$says is emptied', ({ record, kept }) => {
    expect(left(record, [lists])).toEqual(kept);
  });

  test('a list of numbers, with gaps, is kept, and so is an instant', () => {
    const record = { pauses: [1, null, 2.5], made: AT };
    expect(left({ ...record }, [lists])).toEqual(record);
  });

  test('a sensitive text below another one goes with it, unless it is a listed word of a column', () => {
    const record = { meta: { level: 'high', deep: { word: 'done', name: 'Jane' } } };
    expect(left(record, [nested])).toEqual({ meta: { level: 'high', deep: { word: 'done' } } });
    expect(left({ meta: { deep: 'Jane' } }, [nested])).toEqual({ meta: null });
  });

  test('a listed word is kept below any of the fields that an object is read from', () => {
    const either = defineTable({
      ...{ name: 'either', source: 'nova', doc: 'Either.', key: ['id'] },
      columns: {
        id: id({ path: 'id', nullable: false, doc: 'Id.' }),
        meta: json({ path: ['meta', 'data'], sensitive: true, doc: 'Anything.' }),
        level: code('high', 'low')({ path: ['meta.level', 'data.level'], doc: 'Level.' }),
      },
    });
    const given = { meta: { level: 'high', name: 'Jane' }, data: { level: 'low', name: 'Jane' } };
    expect(left(given, [either])).toEqual({ meta: { level: 'high' }, data: { level: 'low' } });
  });

  test('of an object, neither another sensitive text nor what is no listed word is kept, in whichever order', () => {
    const below = {
      said: text({ path: 'meta.said', sensitive: true, doc: 'Words.' }),
      at: timestamp({ path: 'meta.at', doc: 'Start.' }),
      level: code('high', 'low')({ path: 'meta.level', doc: 'Level.' }),
    };
    const meta = json({ path: 'meta', sensitive: true, doc: 'Anything.' });
    for (const columns of [
      { ...below, meta },
      { meta, ...below },
    ]) {
      const key = id({ path: 'id', nullable: false, doc: 'Id.' });
      const table = defineTable({
        ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'], columns: { id: key, ...columns } },
      });
      const record = { meta: { said: 'w', at: AT, level: 'high' } };
      expect(left(record, [table])).toEqual({ meta: { level: 'high' } });
    }
  });

  test('a word is judged as its column reads it, and stays as the vendor wrote it', () => {
    const state = code(
      'done',
      'busy',
    )({
      ...{ path: 'state', doc: 'State.' },
      transform: (given) => String(given).toLowerCase(),
    });
    const key = id({ path: 'id', nullable: false, doc: 'Id.' });
    const table = defineTable({
      ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'], columns: { id: key, state } },
    });
    expect(left({ state: 'DONE' }, [table])).toEqual({ state: 'DONE' });
    expect(left({ state: 'JANE' }, [table])).toEqual({ state: null });
  });

  test('a word is kept that a setting lists for its column, and only there', () => {
    const texts = testTexts({ safeValues: { 'calls.status': ['asthma'] } });
    const record = { status: 'asthma', metalevel: 'asthma' };
    compileDropSensitive([calls], texts)(record);
    expect(record).toEqual({ status: 'asthma', metalevel: null });
  });

  test('a key that does not fit is replaced by its hash', () => {
    expect(left({ id: 'Jane Doe' })).toEqual({ id: expect.stringMatching(/^~[0-9a-f]{32}$/) });
  });

  test('child rows lose what is sensitive; where nothing else reads their list, it goes with the rest', () => {
    const record = () => ({ id: 'a', turns: [{ n: 1, said: 'w', by: 'Jane' }, 'Jane'] });
    expect(left(record(), [calls, turns])).toEqual({ id: 'a' });
    const listed = defineTable({
      ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'] },
      columns: {
        id: id({ path: 'id', nullable: false, doc: 'Id.' }),
        turns: json({ path: 'turns', doc: 'Turns.' }),
      },
    });
    const elements = record().turns as { said?: unknown }[];
    expect(left({ id: 'a', turns: elements }, [listed, turns])).not.toHaveProperty('turns.0.by');
    expect(elements[0]).toEqual({ n: 1, said: null });
  });

  test.each(['text', 7, null, ['Jane']])('that is no object, nothing changes: %j', (record) => {
    expect(left(record)).toEqual(record);
  });
});
