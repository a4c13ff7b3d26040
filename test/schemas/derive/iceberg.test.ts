import { describe, expect, test } from 'vitest';
import { boolean, codes, date, decimal, double, doubles, id } from '../../../schemas/column.ts';
import { type DatabaseTable, databaseTablesOf } from '../../../schemas/derive/database-tables.ts';
import { addFieldIds, fieldIdsOf } from '../../../schemas/derive/field-ids.ts';
import { icebergFields, icebergPartition } from '../../../schemas/derive/iceberg.ts';
import { defineTable } from '../../../schemas/table.ts';

const columns = {
  id: id({ path: 'id', nullable: false, doc: 'Id.' }),
  cost: decimal({ path: 'cost', unit: 'USD', doc: 'Cost.' }),
  waits: doubles({ path: 'waits', doc: 'Waits.' }),
  flag: boolean({ path: 'flag', doc: 'Flag.' }),
  day: date({ path: 'day', doc: 'Day.' }),
  rate: double({ path: 'rate', doc: 'x'.repeat(300) }),
  raw: codes()({ path: 'raw', doc: 'x'.repeat(243), unit: 'abc' }),
};
const declared = defineTable({ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'], columns });
const [, table] = databaseTablesOf([declared]) as [DatabaseTable, DatabaseTable];
const ids = fieldIdsOf(addFieldIds({}, [table]), table);

describe('icebergFields', () => {
  const field = (name: string) => icebergFields(table, ids).find((one) => one.name === name);

  test('gives each column its id, type, necessity and doc with unit', () => {
    expect(field('id')).toEqual({ id: 2, name: 'id', type: 'string', required: true, doc: 'Id.' });
    expect(field('cost')).toEqual({
      id: 3,
      name: 'cost',
      type: 'decimal(18, 6)',
      required: false,
      doc: 'Cost. Unit: USD.',
    });
  });

  test('gives every column the type that Iceberg calls it by', () => {
    expect(
      icebergFields(table, ids).flatMap(({ name, type }) => (name === 'waits' ? [] : [`${name} ${type}`])),
    ).toEqual([
      ...[
        'account string',
        'id string',
        'cost decimal(18, 6)',
        'flag boolean',
        'day date',
        'rate double',
        'raw string',
      ],
      ...['_part_on date', '_first_seen_at timestamp', '_changed_at timestamp', '_deleted_at timestamp'],
      ...['_seq long', '_load_id string'],
    ]);
  });

  test('gives the elements of a list an id and lets them be null', () => {
    expect(JSON.parse(field('waits')?.type ?? '')).toEqual({
      type: 'list',
      'element-id': ids['waits.element'],
      element: 'double',
      'element-required': false,
    });
  });

  test('cuts a doc, with its unit, at the 255 characters that CloudFormation accepts', () => {
    expect(field('rate')?.doc).toBe('x'.repeat(255));
    expect(field('raw')?.doc).toBe(`${'x'.repeat(243)} Unit: abc.`);
    expect(field('raw')?.doc).toHaveLength(254);
  });

  test('refuses a column without an id and says how to give it one', () => {
    const message = (field: string) =>
      new Error(`schemas/field-ids.json has no id for ${field} of callhouse.calls; run npm run pin`);
    expect(() => icebergFields(table, {})).toThrow(message('account'));
    const { 'waits.element': _, ...others } = ids;
    expect(() => icebergFields(table, others)).toThrow(message('waits.element'));
  });
});

describe('icebergPartition', () => {
  test('partitions by account and month', () => {
    expect(icebergPartition(table, ids)).toEqual([
      { name: 'account', sourceId: ids['account'], transform: 'identity', fieldId: 1000 },
      { name: '_part_on_month', sourceId: ids['_part_on'], transform: 'month', fieldId: 1001 },
    ]);
  });

  test("gives the loader's own tables no partitions", () => {
    expect(icebergPartition({ ...table, monthOf: undefined }, {})).toEqual([]);
  });
});
