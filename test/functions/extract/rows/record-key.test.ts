import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newRejects } from '../../../../functions/extract/rows/coerce.ts';
import { compileKey, type StableKeys } from '../../../../functions/extract/rows/column-reader.ts';
import { compileFlatten } from '../../../../functions/extract/rows/flatten.ts';
import { keyedHash } from '../../../../functions/extract/rows/hashes.ts';
import { listSources } from '../../../../functions/source/registry.ts';
import { id } from '../../../../schemas/column.ts';
import { RawNumber } from '../../../../schemas/json-text.ts';
import { defineTable } from '../../../../schemas/table.ts';
import { kismetDailyCallMetrics } from '../../../../schemas/tables/kismet.ts';
import { solumCalls } from '../../../../schemas/tables/solum.ts';
import { zuduCalls } from '../../../../schemas/tables/zudu.ts';
import { holds } from '../../../helpers/holds.ts';
import { testTexts } from '../../../helpers/texts.ts';

const held = (text: string) => `~${keyedHash('key', text, 'test-hash-key').slice(0, 32)}`;
const texts = testTexts();
const none: StableKeys = new Map();
const stable: StableKeys = new Map([
  ['known', 'first'],
  [held('known\ufffd'), 'first'],
  // As an earlier version kept them.
  ['', 'empty'],
  ['before', ''],
]);

describe('a record’s key', () => {
  test.each([
    [solumCalls, { id: 'a' }, 'a'],
    [solumCalls, { id: 12 }, '12'],
    [solumCalls, { id: new RawNumber('12345678901234567890') }, '12345678901234567890'],
    [solumCalls, { id: '' }, undefined],
    [solumCalls, { id: ' ' }, undefined],
    [solumCalls, { id: '\u00a0\n' }, undefined],
    [solumCalls, { id: '\u200b' }, undefined],
    [solumCalls, { id: '\u0000' }, undefined],
    [solumCalls, { id: ' \ufeff\u2060\u001f\u007f' }, undefined],
    [solumCalls, { id: '\u200ba' }, held('\u200ba')],
    [solumCalls, { id: ' a' }, held(' a')],
    [solumCalls, { id: 'a\ud800' }, held('a\ufffd')],
    [solumCalls, { id: 'Jane Doe' }, held('Jane Doe')],
    [solumCalls, { id: '+12025550100' }, held('+12025550100')],
    [solumCalls, { id: held('Jane Doe') }, held('Jane Doe')],
    [solumCalls, { id: null }, undefined],
    [solumCalls, {}, undefined],
    [solumCalls, { id: {} }, undefined],
    [solumCalls, null, undefined],
    [solumCalls, ['a'], undefined],
    [solumCalls, 'a', undefined],
    [zuduCalls, { call_id: 'c', id: 'u' }, 'c'],
    [zuduCalls, { call_id: null, id: 'u' }, 'u'],
    [zuduCalls, { call_id: '', id: 'u' }, 'u'],
    [zuduCalls, { call_id: ' ', id: 'u' }, 'u'],
    [zuduCalls, { call_id: {}, id: 'u' }, 'u'],
    [zuduCalls, { call_id: '\u200b', id: 'u' }, 'u'],
    [zuduCalls, { call_id: '', id: '' }, undefined],
    [zuduCalls, { call_id: 'c', id: '' }, 'c'],
    [zuduCalls, { call_id: 'c', id: 'before' }, 'c'],
    [zuduCalls, { call_id: 'c', id: 'known\ud800' }, 'first'],
    [zuduCalls, { call_id: 'c', id: 'known' }, 'first'],
    [zuduCalls, { call_id: null, id: 'known' }, 'first'],
    [zuduCalls, { call_id: 'c' }, 'c'],
  ])('for table %o and record %o is %s', (table, record, key) => {
    expect(compileKey(table, stable, texts)(record, {})).toBe(key);
  });

  test('joins several columns, and spells days as days since the epoch', () => {
    const context = { scope: 'user', scope_id: '101' };
    expect(compileKey(kismetDailyCallMetrics, none, texts)({ date: '1970-01-03' }, context)).toBe(
      'user\u001f101\u001f2',
    );
    expect(compileKey(kismetDailyCallMetrics, none, texts)({ date: '1970-01-03' }, { scope: 'user' })).toBeUndefined();
    expect(compileKey(kismetDailyCallMetrics, none, texts)({ date: 'soon' }, context)).toBeUndefined();
  });

  test('cannot be read if a declaration names a column that does not exist', () => {
    const columns = { id: id({ path: 'id', nullable: false, doc: 'Id.' }) };
    const table = {
      ...defineTable({ name: 'unit_x', source: 'unit', doc: 'X.', key: ['id'], columns }),
      key: ['other'],
    };
    expect(() => compileKey(table, none, texts)).toThrow('table unit_x has no column other');
  });
});

test('the key is the one that flatten gives, for any record of any stream', async () => {
  const streams = (await listSources()).flatMap(({ streams: declared }) => Object.values(declared));
  const value = fc.oneof(
    fc.constantFrom(
      null,
      undefined,
      '',
      ' ',
      '\ud800',
      'known\udc00',
      'before',
      '{"a":1}',
      'a',
      'known',
      '2026-11-01',
      '12',
      'x\u001fy',
      true,
      0,
      -1,
      1.5,
      2 ** 53,
    ),
    fc.string(),
    fc.integer(),
    fc.constant(new RawNumber('98765432109876543210')),
    fc.constant({ nested: 1 }),
    fc.constant([1]),
  );
  const record = fc.oneof(
    { weight: 9, arbitrary: fc.record({ id: value, call_id: value, date: value }, { requiredKeys: [] }) },
    { weight: 1, arbitrary: value },
  );
  const context = fc.record({ scope: value, scope_id: value }, { requiredKeys: [] });
  const property = fc.property(fc.constantFrom(...streams), record, context, ({ tables }, input, surroundings) => {
    const flatten = compileFlatten(tables, { rejects: newRejects(), stableKeys: stable, texts });
    expect(compileKey(tables[0], stable, texts)(input, surroundings)).toBe(flatten(input, surroundings)?.row.key);
  });
  holds(property, { numRuns: 1500 });
});
