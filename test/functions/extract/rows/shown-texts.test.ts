import { describe, expect, test } from 'vitest';
import { referencesTo } from '../../../../functions/extract/rows/shown-texts.ts';
import type { StreamState } from '../../../../functions/lake/stream-state.ts';
import { code, codes, id, label, text } from '../../../../schemas/column.ts';
import { defineTable } from '../../../../schemas/table.ts';
import { testTexts } from '../../../helpers/texts.ts';

const NAME = 'solum_calls.language';
const words = code('english', 'no answer')({ path: 'w', doc: 'W.' });
const stateOf = (more: Partial<StreamState>): StreamState => ({ tiers: {}, redact: [], ...more });

describe('a word', () => {
  test.each(['english', 'ENGLISH', 'no answer', 'No-Answer', 'no_answer'])(
    'that the document gives is shown at once: %s',
    (word) => {
      expect(testTexts().rule(NAME, words)(word, 'a')).toBe(true);
    },
  );

  test('that it does not give is shown once five records have it, however often each is read', () => {
    const rule = testTexts().rule(NAME, words);
    for (const key of ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd']) expect(rule('spanish', key)).toBe(false);
    expect(rule('spanish', 'e')).toBe(true);
    expect(rule('spanish', 'a')).toBe(true);
    expect(rule('french', 'e')).toBe(false);
  });

  test.each(['Jane Doe', '+12025550100', '2025550100', 'x'.repeat(65), 'español', ''])('is never %j', (given) => {
    const rule = testTexts().rule(NAME, words);
    for (let n = 0; n < 10; n += 1) expect(rule(given, String(n))).toBe(false);
  });

  test('is counted over runs, and the state holds neither it nor a key before it is earned', () => {
    const first = testTexts();
    for (const key of ['key-a', 'key-b', 'key-c', 'key-d']) first.rule(NAME, words)('Diabetes', key);
    const kept = first.state();
    expect(JSON.stringify(kept)).not.toMatch(/Diabetes|key-/);
    const second = testTexts({ at: 7, before: stateOf(kept) });
    expect(second.rule(NAME, words)('Diabetes', 'key-a')).toBe(false);
    expect(second.state().rereadAt).toBeUndefined();
    expect(second.rule(NAME, words)('Diabetes', 'key-e')).toBe(true);
    expect(second.state()).toMatchObject({ words: { [NAME]: { earned: ['Diabetes'], pending: {} } }, rereadAt: 7 });
    expect(testTexts({ before: stateOf(second.state()) }).rule(NAME, words)('Diabetes', 'f')).toBe(true);
  });

  test('counts for its column alone, of which 200 are known', () => {
    const texts = testTexts();
    const rule = texts.rule(NAME, words);
    for (let n = 0; n < 250; n += 1) rule(`word-${n}`, 'a');
    expect(Object.keys(texts.state().words?.[NAME]?.pending ?? {})).toHaveLength(200);
    for (const key of ['b', 'c', 'd', 'e', 'f', 'g']) {
      expect(rule('word-240', key)).toBe(false);
      expect(texts.rule('solum_calls.type', words)('word-1', key)).toBe(key > 'e');
    }
  });

  test('of a record that opted out is shown only if it is documented or named', () => {
    const texts = testTexts({ safeValues: { [NAME]: ['swiss german'] } });
    for (const key of ['a', 'b', 'c', 'd', 'e']) texts.rule(NAME, words)('spanish', key);
    const rule = texts.ruleOfOptedOut(NAME, words);
    expect(['english', 'swiss german', 'spanish'].map(rule)).toEqual([true, true, false]);
  });
});

describe('records that showed a word before it was earned', () => {
  const seen = (record: string) => ({ record, context: {}, group: undefined });

  test('are handed out once, to be flattened again', () => {
    const texts = testTexts();
    const rule = texts.rule(NAME, words);
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      rule('spanish', key);
      texts.noteHidden(NAME);
      texts.remember(key, seen(key));
    }
    expect(texts.takeEarned().map(({ record }) => record)).toEqual(['a', 'b', 'c', 'd']);
    expect(texts.takeEarned()).toEqual([]);
    // Of five texts that were hidden, four are shown when they are read again.
    expect(texts.state().hidden).toEqual({ [NAME]: 1 });
    expect(texts.state().rereadAt).toBeUndefined();
  });

  test('are counted as hidden no more once all of them are shown', () => {
    const texts = testTexts();
    const rule = texts.rule(NAME, words);
    for (const key of ['a', 'b', 'c', 'd', 'e']) {
      if (!rule('spanish', key)) texts.noteHidden(NAME);
      texts.remember(key, seen(key));
    }
    expect(texts.state().hidden).toBeUndefined();
  });

  test('are those as they were read last', () => {
    const texts = testTexts();
    const rule = texts.rule(NAME, words);
    for (const [key, record] of [
      ['a', 'first'],
      ['b', 'b'],
      ['c', 'c'],
      ['d', 'd'],
      ['a', 'second'],
      ['e', 'e'],
    ] as const) {
      rule('spanish', key);
      texts.remember(key, seen(record));
    }
    expect(texts.takeEarned().map(({ record }) => record)).toEqual(['second', 'b', 'c', 'd']);
  });
});

test('records that were not remembered are read again by the next run', () => {
  const texts = testTexts({ at: 9 });
  const rule = texts.rule(NAME, words);
  for (const key of ['a', 'b', 'c', 'd', 'e']) {
    rule('spanish', key);
    if (key !== 'b') texts.remember(key, { record: key, context: {}, group: undefined });
  }
  expect(texts.takeEarned().map(({ record }) => record)).toEqual(['a', 'c', 'd']);
  expect(texts.state().rereadAt).toBe(9);
});

test('a column of which no word is known or counted has no part in the state', () => {
  const texts = testTexts();
  texts.rule(NAME, words)('Jane Doe', 'a');
  expect(texts.state().words).toBeUndefined();
  texts.rule(NAME, words)('spanish', 'a');
  expect(Object.keys(texts.state().words ?? {})).toEqual([NAME]);
});

test('columns of a child that refer to its record are those that read its key', () => {
  const key = (path: string) => id({ path, nullable: false, doc: 'K.' });
  const main = defineTable({
    ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'] },
    columns: { id: key('call.id'), user: key('user') },
  });
  const child = defineTable({
    ...{ name: 'turns', source: 'nova', doc: 'Turns.', key: ['call_id', 'id'] },
    columns: { call_id: key('^call.id'), id: key('call.id'), user: key('^user') },
  });
  expect([...referencesTo(main, child)]).toEqual(['call_id']);
  expect([...referencesTo(main, main)]).toEqual([]);
});

test('a list is shown if all of its words are, and each of them counts', () => {
  const rule = testTexts().rule('t.c', codes('provider')({ path: 'c', doc: 'C.' }));
  expect(rule('["provider"]', 'a')).toBe(true);
  expect(rule('[]', 'a')).toBe(true);
  for (const key of ['a', 'b', 'c', 'd']) expect(rule('["x","provider","y"]', key)).toBe(false);
  expect(rule('["x","y"]', 'e')).toBe(true);
  expect(['{"x":1}', '"provider"', '[1]', '[["provider"]]', '["Jane Doe"]'].map((list) => rule(list, 'a'))).toEqual(
    Array(5).fill(false),
  );
});

test('the setting safeValues shows a text of any column, and of a column without a rule no other', () => {
  const texts = testTexts({ safeValues: { 't.c': ['flu shots'] } });
  for (const column of [words, id({ path: 'c', doc: 'C.' }), label({ path: 'c', doc: 'C.' })])
    expect(texts.rule('t.c', column)('flu shots', 'a')).toBe(true);
  const named = texts.rule('t.c', text({ path: 'c', hash: 'campaign', showsNamed: true, doc: 'C.' }));
  expect(['flu shots', 'recall', 'a'].map((one) => named(one, 'a'))).toEqual([true, false, false]);
});

test('another setting safeValues has everything read again, and so has a lake of an earlier version', () => {
  const kept = stateOf(testTexts().state());
  expect(testTexts({ at: 9, before: kept }).state().rereadAt).toBeUndefined();
  expect(testTexts({ at: 9, before: kept, safeValues: { 't.c': ['x'] } }).state().rereadAt).toBe(8);
  expect(testTexts({ at: 9, before: stateOf({}) }).state().rereadAt).toBe(8);
});

test('hidden texts are counted: the most that a run saw, and after a full scan those of that run', () => {
  const first = testTexts();
  for (const name of ['t.a', 't.a', 't.b']) first.noteHidden(name);
  const kept = stateOf(first.state());
  expect(kept.hidden).toEqual({ 't.a': 2, 't.b': 1 });
  const second = testTexts({ before: kept });
  second.noteHidden('t.a');
  expect(second.state().hidden).toEqual({ 't.a': 2, 't.b': 1 });
  second.forgetEarlier();
  expect(second.state().hidden).toEqual({ 't.a': 1 });
});

test('hidden texts are counted anew once the setting safeValues is another one', () => {
  const first = testTexts();
  for (const name of ['t.a', 't.a', 't.b']) first.noteHidden(name);
  const second = testTexts({ before: stateOf(first.state()), safeValues: { 't.a': ['x'] } });
  second.noteHidden('t.b');
  expect(second.state().hidden).toEqual({ 't.b': 1 });
  const third = testTexts({ before: stateOf(second.state()), safeValues: { 't.a': ['x'] } });
  expect(third.state().hidden).toEqual({ 't.b': 1 });
});

test('hidden texts of a column are counted anew once a word is earned that earlier runs saw in it', () => {
  const first = testTexts();
  for (const key of ['a', 'b', 'c']) if (!first.rule(NAME, words)('spanish', key)) first.noteHidden(NAME);
  first.noteHidden('t.b');
  const kept = stateOf(first.state());
  expect(kept.hidden).toEqual({ [NAME]: 3, 't.b': 1 });
  const second = testTexts({ before: kept });
  for (const key of ['d', 'e', 'f']) if (!second.rule(NAME, words)('spanish', key)) second.noteHidden(NAME);
  second.noteHidden(NAME);
  expect(second.state()).toMatchObject({ hidden: { [NAME]: 1, 't.b': 1 } });
});
