import { describe, expect, test } from 'vitest';
import { optOutOf } from '../../../../functions/extract/redact/redact-page.ts';
import { isOptedOutRow } from '../../../../functions/replay/staged-rows.ts';
import { boolean, code, id, text } from '../../../../schemas/column.ts';
import { columnIndex, layoutOf } from '../../../../schemas/layout.ts';
import { defineTable, type TableOptions } from '../../../../schemas/table.ts';
import type { Value } from '../../../../schemas/value.ts';
import { check, OPTIONS, says } from '../../../helpers/check-source.ts';
import { flattenText } from '../../../helpers/flatten-text.ts';

const flagged = (keepIf: boolean | string) =>
  defineTable({
    name: 'nova_calls',
    source: 'nova',
    doc: 'Calls.',
    key: ['id'],
    optOut: { flagColumn: 'flag', keepIf },
    columns: {
      id: id({ path: 'id', nullable: false, doc: 'Id.' }),
      flag:
        typeof keepIf === 'string'
          ? code('everything', 'nothing')({ path: 'flag', doc: 'What may be stored.' })
          : boolean({ path: 'flag', doc: 'Consent.' }),
      said: text({ path: 'said', doc: 'What was said.' }),
    },
  });

describe('a flag by which all may be stored', () => {
  test.each<[boolean | string, unknown, boolean | undefined]>([
    [true, true, false],
    [true, 'true', false],
    [true, 1, false],
    [true, false, true],
    [true, 'no', undefined],
    [true, null, undefined],
    [false, false, false],
    [false, true, true],
    ['everything', 'everything', false],
    ['everything', 'Everything', false],
    ['everything', 'nothing', true],
    ['everything', 'a new word', true],
    ['everything', '', undefined],
    ['everything', null, undefined],
  ])('that is %j: of %j, opted out is %j', (keepIf, flag, optsOut) => {
    const table = flagged(keepIf);
    const record = { id: 'a', flag, said: 'Jane' };
    expect(optOutOf(record, table)).toBe(optsOut);
    const { flat, row } = flattenText([table], JSON.stringify(record));
    expect(flat?.row.optedOut).toBe(optsOut ?? true);
    expect(row['said']).toBe((optsOut ?? true) ? undefined : 'Jane');
  });

  test.each<[boolean | string, Value, boolean]>([
    [true, true, false],
    [true, false, true],
    [true, null, false],
    ['everything', 'everything', false],
    ['everything', 'nothing', true],
    ['everything', null, true],
  ])('that is %j: a staged row with %j is opted out: %j', (keepIf, flag, optedOut) => {
    const table = flagged(keepIf);
    const row = new Array<Value>(layoutOf(table).length).fill(null);
    row[columnIndex(table)('flag')] = flag;
    expect(isOptedOutRow(table, row, { optOutWhenAbsent: false })).toBe(optedOut);
  });

  test('and that its column cannot say is named when the source is loaded', () => {
    const wrong = (columns: TableOptions['columns']) =>
      check({}, {}, { columns, optOut: { flagColumn: 'flag', keepIf: 'everything' } });
    const place = 'calls.tables.nova_calls.optOut.keepIf';
    const message = says(place, '"everything" is not a word of column flag', 'a flag of type code(…) that lists it');
    const flagOf = (flag: (typeof OPTIONS)['columns'][string]) => ({ ...OPTIONS.columns, flag });
    expect(wrong(flagOf(boolean({ path: 'flag', doc: 'Flag.' })))).toThrow(message);
    expect(wrong(flagOf(code('all', 'nothing')({ path: 'flag', doc: 'Flag.' })))).toThrow(message);
    expect(wrong(flagOf(code('Everything')({ path: 'flag', doc: 'Flag.' })))).not.toThrow();
  });
});

test.each([
  { record: { meta: { quiet: true } }, optsOut: true },
  { record: { meta: '{"quiet":true}' }, optsOut: true },
  { record: { meta: '{"quiet":false}' }, optsOut: false },
  { record: { meta: 'quiet' }, optsOut: undefined },
])('a flag within an object, or its JSON text, is read: $record', ({ record, optsOut }) => {
  const table = defineTable({
    ...{ name: 'nova_calls', source: 'nova', doc: 'Calls.', key: ['id'], optOut: { flagColumn: 'quiet' } },
    columns: {
      id: id({ path: 'id', nullable: false, doc: 'Id.' }),
      quiet: boolean({ path: 'meta.quiet', doc: 'Opt-out.' }),
    },
  });
  expect(optOutOf(record, table)).toBe(optsOut);
});
