import { describe, expect, test } from 'vitest';
import { bigint, id as declareId, label, text, timestamp } from '../../schemas/column.ts';
import { columnIndex, columnsIn, layoutOf } from '../../schemas/layout.ts';
import { defineTable } from '../../schemas/table.ts';
import { type ColumnShape, TABLE_SHAPES } from '../helpers/oracle/table-shapes.ts';
import { vendorSources } from '../helpers/vendors.ts';

const id = declareId({ path: 'id', nullable: false, doc: 'Id.' });
const base = { name: 't', source: 's', doc: '.', key: ['id'], columns: { id } };

describe('the declaration of a column or table', () => {
  test('is completed with defaults', () => {
    expect(text({ path: 'a', doc: '.' })).toEqual({
      type: 'text',
      paths: ['a'],
      doc: '.',
      nullable: true,
      sensitive: true,
      url: false,
    });
    expect(bigint({ path: ['a', 'b'], doc: '.' }).paths).toEqual(['a', 'b']);
    expect(defineTable(base)).toMatchObject({ removal: 'by-absence', ignorePaths: [] });
  });

  test.each([
    [{ key: ['id', 'other'] }],
    [{ partOn: 'other' }],
    [{ stableKey: { column: 'other', by: 'id' } }],
    [{ stableKey: { column: 'id', by: 'other' } }],
    [{ optOut: { flagColumn: 'other' } }],
    [{ callerNumber: { inbound: 'other', outbound: 'id' } }],
    [{ callerNumber: { inbound: 'id', outbound: 'other' } }],
    [{ callerNumber: { inbound: 'id', outbound: 'id', direction: 'other' } }],
  ])('is refused if it names a column that it does not declare: %j', (more) => {
    expect(() => defineTable({ ...base, ...more })).toThrow('table t names column other, which it does not declare');
  });
});

describe('the layout of a table', () => {
  const table = defineTable({
    ...base,
    callerNumber: { inbound: 'number', outbound: 'number' },
    columns: {
      id,
      at: timestamp({ path: 'at', doc: '.' }),
      number: text({ path: 'number', hash: 'phone', doc: '.' }),
      notes: text({ path: 'notes', doc: '.' }),
      name: label({ path: 'name', doc: '.' }),
      batch: text({ path: 'batch', hash: 'batch', showsNamed: true, doc: '.' }),
    },
  });

  test('starts with the account, has each hash after its column, and ends with the pipeline’s own columns', () => {
    expect(layoutOf(table).map(({ name }) => name)).toEqual([
      'account',
      'id',
      'at',
      'number',
      'number_hash',
      'notes',
      'name',
      'batch',
      'batch_hash',
      '_caller_hash',
      '_extra',
      '_part_on',
      '_first_seen_at',
      '_changed_at',
      '_deleted_at',
      '_seq',
      '_load_id',
      '_op',
      '_row',
      '_hidden',
    ]);
    expect(layoutOf(table)).toBe(layoutOf(table));
  });

  test('puts sensitive columns into the PHI twin, all others into the safe twin, and keys and texts that may be hidden into both', () => {
    const names = (twin: 'phi' | 'safe') =>
      columnsIn(table, twin)
        .map(({ name }) => name)
        .filter((name) => !name.startsWith('_'));
    expect(names('safe')).toEqual(['account', 'id', 'at', 'number_hash', 'name', 'batch', 'batch_hash']);
    expect(names('phi')).toEqual(['account', 'id', 'number', 'notes', 'name', 'batch']);
    expect(columnsIn(table, 'safe').map(({ name }) => name)).not.toContain('_extra');
    expect(columnsIn(table, 'phi').map(({ name }) => name)).toContain('_extra');
  });
});

describe('columnIndex', () => {
  const table = defineTable(base);

  test('finds the position of each column in the layout', () => {
    const at = columnIndex(table);
    expect(layoutOf(table).map(({ name }) => at(name))).toEqual([...layoutOf(table).keys()]);
    expect(columnIndex(table)('id')).toBe(1);
  });

  test('throws if the table has no such column', () => {
    expect(() => columnIndex(table)('typo')).toThrow(new Error('table t has no column typo'));
  });
});

test('every table of the four vendors has exactly the columns that the oracle expects, with the same ones sensitive', async () => {
  const tables = (await vendorSources()).flatMap(({ streams }) =>
    Object.values(streams).flatMap(({ tables }) => tables),
  );
  expect(tables.map(({ name }) => name).sort()).toEqual(Object.keys(TABLE_SHAPES).sort());
  for (const table of tables) {
    const shape = Object.entries(TABLE_SHAPES).find(([name]) => name === table.name)?.[1];
    expect(table.key.toSorted()).toEqual([...(shape?.key ?? [])].sort());
    const declared = Object.fromEntries(
      Object.entries(table.columns).map(([name, { sensitive, hash, safe }]) => [
        name,
        { sensitive, hash: hash ?? null, shown: safe?.kind ?? null },
      ]),
    );
    const expected = Object.fromEntries(
      Object.entries(shape?.columns ?? {}).map(([name, column]) => {
        const { phi = false, hash = null, shown = null } = column as ColumnShape;
        return [name, { sensitive: phi, hash, shown }];
      }),
    );
    expect({ table: table.name, columns: declared }).toEqual({ table: table.name, columns: expected });
    expect(table.key.every((name) => layoutOf(table).find((column) => column.name === name)?.nullable === false)).toBe(
      true,
    );
  }
});
