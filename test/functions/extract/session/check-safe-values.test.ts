import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../../functions/errors.ts';
import { checkSafeValues, replacedColumns } from '../../../../functions/extract/session/check-safe-values.ts';
import { findSource } from '../../../../functions/source/registry.ts';
import { id } from '../../../../schemas/column.ts';
import { defineTable } from '../../../../schemas/table.ts';

const solum = await findSource('solum');
const check = (column: string) => () => checkSafeValues(solum, { [column]: ['word'] });

describe('the setting safeValues', () => {
  test.each(['solum_calls.language', 'solum_calls.status'])('may name a column that hides texts: %s', (column) => {
    expect(check(column)).not.toThrow();
  });

  test.each([
    ['solum_calls.id', 'a part of a key'],
    ['solum_calls.summary', 'sensitive text'],
    ['solum_calls.duration_min', 'a number'],
    ['language', 'a column without its table'],
    ['zudu_calls.call_status', 'a column of another source'],
  ])('cannot name %s, %s', (column) => {
    expect(check(column)).toThrow(ConfigError);
    expect(check(column)).toThrow(`sources.solum.safeValues: ${column} is not a column that hides texts`);
  });

  test('names the column that may be meant, and those that there are', () => {
    expect(check('solum_calls.langage')).toThrow(
      /did you mean solum_calls\.language.*expected one of .*solum_calls\.status/,
    );
  });
});

test('a hash replaces what does not fit in keys, and in what refers to the key of a record', () => {
  const key = (path: string) => id({ path, nullable: false, doc: 'K.' });
  const calls = defineTable({
    ...{ name: 'calls', source: 'solum', doc: 'Calls.', key: ['id'] },
    columns: { id: key('id'), agent: id({ path: 'agent', doc: 'A.' }) },
  });
  const turns = defineTable({
    ...{ name: 'turns', source: 'solum', doc: 'Turns.', key: ['id'] },
    columns: { id: key('id'), call_id: key('^id'), voice: id({ path: 'voice', doc: 'V.' }) },
  });
  const source = {
    ...solum,
    streams: { calls: { ...solum.streams['calls'], tables: [calls, turns] } },
  } as typeof solum;
  expect(replacedColumns(source)).toEqual(['calls.id', 'turns.id', 'turns.call_id']);
  expect(() => checkSafeValues(source, { 'turns.call_id': ['a b'] })).toThrow(
    'expected one of calls.agent, turns.voice',
  );
});
