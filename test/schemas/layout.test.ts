import { expect, test } from 'vitest';
import { parquetColumnsOf } from '../../schemas/layout.ts';
import { sampleCalls } from '../helpers/sample-table.ts';

test('parquetColumnsOf gives each column its physical and logical type, and statistics to numbers, times and keys only', () => {
  const lines = parquetColumnsOf(sampleCalls).map(
    ({ name, type, physical, logical = '-', list, nullable, indexed }) =>
      `${name} ${type} ${physical} ${logical}${list ? ' list' : ''}${nullable ? '' : ' required'}${indexed ? ' indexed' : ''}`,
  );
  expect(lines).toEqual([
    'account text BYTE_ARRAY STRING required indexed',
    'id text BYTE_ARRAY STRING required indexed',
    'order bigint INT64 - required indexed',
    'number text BYTE_ARRAY STRING',
    'number_hash text BYTE_ARRAY STRING',
    'notes json BYTE_ARRAY STRING',
    'status text BYTE_ARRAY STRING',
    'score double DOUBLE -',
    'flag boolean BOOLEAN -',
    'started_at timestamp INT64 TIMESTAMP indexed',
    'date date INT32 DATE indexed',
    'cost decimal BYTE_ARRAY STRING',
    'values doubles DOUBLE - list',
    'details json BYTE_ARRAY STRING',
    '_extra json BYTE_ARRAY STRING',
    '_part_on date INT32 DATE required indexed',
    '_first_seen_at timestamp INT64 TIMESTAMP required indexed',
    '_changed_at timestamp INT64 TIMESTAMP required indexed',
    '_deleted_at timestamp INT64 TIMESTAMP indexed',
    '_seq bigint INT64 - required indexed',
    '_load_id text BYTE_ARRAY STRING required indexed',
    '_op text BYTE_ARRAY STRING required indexed',
    '_row bigint INT64 - required indexed',
    '_hidden text BYTE_ARRAY STRING',
  ]);
});
