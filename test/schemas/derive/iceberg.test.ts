import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { listSources } from '../../../functions/source/registry.ts';
import { tablesOf } from '../../../infra/tables.ts';
import { decimal, doubles, text } from '../../../schemas/column.ts';
import { addFieldIds, type FieldIds, fieldIdsOf } from '../../../schemas/derive/field-ids.ts';
import { icebergFields, icebergPartition } from '../../../schemas/derive/iceberg.ts';
import { shapeIn, shapesOf } from '../../../schemas/derive/shape.ts';
import { defineTable } from '../../../schemas/table.ts';

const columns = {
  id: text({ path: 'id', nullable: false, doc: 'Id.' }),
  cost: decimal({ path: 'cost', unit: 'USD', doc: 'Cost.' }),
  waits: doubles({ path: 'waits', doc: 'Waits.' }),
};
const table = defineTable({ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'], columns });
const shape = shapeIn(table, 'safe');
const ids = fieldIdsOf(addFieldIds({}, [shape]), shape);

describe('icebergFields', () => {
  const fields = icebergFields(shape, ids);
  const field = (name: string) => fields.find((one) => one.name === name);

  test('name each column with its id, type, need and sentence', () => {
    expect(field('id')).toEqual({ id: 2, name: 'id', type: 'string', required: true, doc: 'Id.' });
    expect(field('cost')).toEqual({
      id: 3,
      name: 'cost',
      type: 'decimal(18, 6)',
      required: false,
      doc: 'Cost. Unit: USD.',
    });
    expect(field('_part_on')).toMatchObject({ type: 'date', required: true });
    expect(field('_seq')).toMatchObject({ type: 'long', required: true });
  });

  test('give a list an id for its elements, which may be null', () => {
    const id = ids['waits.element'];
    expect(JSON.parse(field('waits')?.type ?? '')).toEqual({
      type: 'list',
      'element-id': id,
      element: 'double',
      'element-required': false,
    });
  });

  test('refuse a column without an id, and say how to give it one', () => {
    expect(() => icebergFields(shape, {})).toThrow('no id for account of callhouse.calls; run npm run pin-field-ids');
  });
});

test('icebergPartition splits by account and month', () => {
  expect(icebergPartition(shape, ids)).toEqual([
    { name: 'account', sourceId: ids['account'], transform: 'identity', fieldId: 1000 },
    { name: '_part_on_month', sourceId: ids['_part_on'], transform: 'month', fieldId: 1001 },
  ]);
});

describe('addFieldIds', () => {
  test('never gives an id again, not even that of a dropped column', () => {
    const known = { 'callhouse.calls': { account: 1, dropped: 99 } };
    const added = addFieldIds(known, [shape])['callhouse.calls'] ?? {};
    expect(added).toMatchObject({ account: 1, dropped: 99, id: 100 });
    expect(new Set(Object.values(added)).size).toBe(Object.keys(added).length);
  });

  test('changes nothing the second time', () => {
    const once = addFieldIds({}, [shape]);
    expect(addFieldIds(once, [shape])).toEqual(once);
  });
});

describe('schemas/field-ids.json', () => {
  const pinned = JSON.parse(
    readFileSync(new URL('../../../schemas/field-ids.json', import.meta.url), 'utf8'),
  ) as FieldIds;

  test('has an id for every field of every table; npm run pin-field-ids adds what is missing', async () => {
    expect(addFieldIds(pinned, shapesOf(tablesOf(await listSources())))).toEqual(pinned);
  });

  test('gives no id twice within a table', () => {
    for (const [name, fields] of Object.entries(pinned))
      expect(new Set(Object.values(fields)).size, name).toBe(Object.keys(fields).length);
  });

  test('is what it was: an id once deployed is the name of a column in every data file', async () => {
    const lines = Object.entries(pinned).flatMap(([name, fields]) =>
      Object.entries(fields).map(([field, id]) => `${name} ${id} ${field}`),
    );
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('./field-ids.txt');
  });
});
