import { describe, expect, test } from 'vitest';
import { type DatabaseTable, databaseTablesOf } from '../../../schemas/derive/database-tables.ts';
import {
  describeColumn,
  duckdbComments,
  duckdbKeyedTable,
  duckdbTable,
  STAGING_PARTITIONS,
  stagingColumns,
} from '../../../schemas/derive/ddl.ts';
import { databaseViewOf } from '../../../schemas/derive/view-sql.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { allTables } from '../../../scripts/all-tables.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';

const table: DatabaseTable = {
  database: 'callhouse',
  name: 'calls',
  doc: "The vendor's calls.",
  monthOf: '_part_on',
  columns: [
    { name: 'order', type: 'bigint', required: true, doc: 'Id.' },
    { name: 'cost', type: 'decimal', required: false, doc: "Call's cost.", unit: 'USD' },
  ],
};

describe('duckdbTable', () => {
  test('creates the table, then adds each column that an older table lacks, without NOT NULL', () => {
    expect(duckdbTable(table)).toEqual([
      'CREATE TABLE IF NOT EXISTS "callhouse"."calls" (\n  "order" BIGINT NOT NULL,\n  "cost" DECIMAL(18,6)\n)',
      'ALTER TABLE "callhouse"."calls" ADD COLUMN IF NOT EXISTS "order" BIGINT',
      'ALTER TABLE "callhouse"."calls" ADD COLUMN IF NOT EXISTS "cost" DECIMAL(18,6)',
    ]);
  });
});

describe('duckdbKeyedTable', () => {
  test('creates a table with a key', () => {
    expect(duckdbKeyedTable({ ...table, key: ['order', 'cost'] })).toBe(
      'CREATE TABLE "callhouse"."calls" (\n  "order" BIGINT NOT NULL,\n  "cost" DECIMAL(18,6),\n  PRIMARY KEY ("order", "cost")\n)',
    );
  });
});

describe('duckdbComments', () => {
  test.each(['TABLE', 'VIEW'] as const)(
    'comments a %s and its columns, with quotes doubled and the unit added',
    (kind) => {
      expect(duckdbComments(kind, table)).toEqual([
        `COMMENT ON ${kind} "callhouse"."calls" IS 'The vendor''s calls.'`,
        `COMMENT ON COLUMN "callhouse"."calls"."order" IS 'Id.'`,
        `COMMENT ON COLUMN "callhouse"."calls"."cost" IS 'Call''s cost. Unit: USD.'`,
      ]);
    },
  );
});

test('describeColumn adds the unit of a column that has one', () => {
  expect(describeColumn({ doc: 'Length.', unit: 's' })).toBe('Length. Unit: s.');
  expect(describeColumn({ doc: 'Name.' })).toBe('Name.');
});

test('every column doc, with its unit, fits the 255 characters of a Glue comment', async () => {
  const tables = await allTables();
  const documented = [
    ...databaseTablesOf(tables),
    ...viewsFor(tables, { timeZone: 'America/Argentina/ComodRivadavia' }).map((view) => databaseViewOf(view)),
  ];
  const long = documented.flatMap(({ name, columns }) =>
    columns.flatMap((column) => (describeColumn(column).length > 255 ? [`${name}.${column.name}`] : [])),
  );
  expect(documented.length).toBeGreaterThan(20);
  expect(long).toEqual([]);
});

describe('stagingColumns', () => {
  test('gives every column of a staged file in its order, with Glue types and decimals as text', () => {
    expect(stagingColumns(sampleCalls).map(({ name, type }) => `${name} ${type}`)).toEqual([
      'account string',
      'id string',
      'order bigint',
      'number string',
      'number_hash string',
      'notes string',
      'status string',
      'score double',
      'flag boolean',
      'started_at timestamp',
      'date date',
      'cost string',
      'values array<double>',
      'details string',
      '_extra string',
      '_part_on date',
      '_first_seen_at timestamp',
      '_changed_at timestamp',
      '_deleted_at timestamp',
      '_seq bigint',
      '_load_id string',
      '_op string',
      '_row bigint',
      '_hidden string',
    ]);
    expect(stagingColumns(sampleCalls)[1]).toEqual({ name: 'id', type: 'string', doc: 'Id.' });
  });
});

test('the external table is partitioned by the two folders of a staged file', () => {
  expect(STAGING_PARTITIONS.map(({ name, type }) => [name, type])).toEqual([
    ['acct', 'string'],
    ['day', 'string'],
  ]);
});
