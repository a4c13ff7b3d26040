import { describe, expect, test } from 'vitest';
import { type DatabaseTable, databaseTablesOf } from '../../../schemas/derive/database-tables.ts';
import { databasesOf } from '../../../schemas/derive/databases.ts';
import { allTables } from '../../../scripts/all-tables.ts';
import { TINY } from '../../helpers/tiny-table.ts';

const describeColumns = ({ columns }: DatabaseTable) =>
  columns.map(({ name, type, required }) => `${name} ${type}${required ? ' required' : ''}`);
const BOOKKEEPING = [
  '_part_on date required',
  '_first_seen_at timestamp required',
  '_changed_at timestamp required',
  '_deleted_at timestamp',
  '_seq bigint required',
  '_load_id text required',
];

describe('databaseTablesOf', () => {
  const [phi, safe, versions, loads, rejects, ...rest] = databaseTablesOf([TINY]) as [
    ...[DatabaseTable, DatabaseTable, DatabaseTable, DatabaseTable],
    ...DatabaseTable[],
  ];

  test('gives the PHI twin first; it holds the sensitive columns and requires only keys and pipeline columns', () => {
    expect(phi).toMatchObject({ database: 'callhouse_phi', name: 'tiny', monthOf: '_part_on' });
    expect(phi.doc).toBe(
      "The vendor's calls. Sensitive columns, and texts as the vendor sent them; keys as in callhouse.",
    );
    expect(describeColumns(phi)).toEqual([
      ...['account text required', 'id text required', 'notes text', '_extra json'],
      ...BOOKKEEPING,
    ]);
  });

  test('gives the safe twin next; it holds all other columns, and a null from the vendor is accepted in each', () => {
    const doc = "The vendor's calls. Key: account, id.";
    expect(safe).toMatchObject({ database: 'callhouse', name: 'tiny', doc, monthOf: '_part_on' });
    expect(describeColumns(safe)).toEqual([
      ...['account text required', 'id text required', 'cost decimal', 'at timestamp'],
      ...BOOKKEEPING,
    ]);
    expect(safe.columns[2]).toEqual({ name: 'cost', type: 'decimal', required: false, doc: 'Cost.', unit: 'USD' });
  });

  test("ends with the loader's own tables, which are only in the safe database; versions alone are partitioned", () => {
    expect(versions).toMatchObject({ database: 'callhouse', name: 'call_versions', monthOf: 'seen_at' });
    expect(loads).toMatchObject({ database: 'callhouse', name: 'loads', monthOf: undefined });
    expect(rejects).toMatchObject({ database: 'callhouse', name: 'rejects', monthOf: undefined });
    expect(rest.map(({ name }) => name)).toEqual(['checks']);
    expect(describeColumns(loads).filter((column) => !column.endsWith('required'))).toEqual([
      ...[
        'window_from timestamp',
        'window_to timestamp',
        'vendor_total bigint',
        'scanned_bytes bigint',
        'is_backfill boolean',
      ],
    ]);
  });

  test('uses the databases of the configured prefix, also in docs', () => {
    const tables = databaseTablesOf([TINY], databasesOf('clinic'));
    expect(tables.map(({ database }) => database)).toEqual(['clinic_phi', ...Array(5).fill('clinic')]);
    expect(tables[0]?.doc).toMatch(/keys as in clinic\.$/);
  });

  test('puts no sensitive column of any table into callhouse', async () => {
    const tables = await allTables();
    expect(tables.length).toBeGreaterThan(5);
    for (const table of tables) {
      const sensitive = Object.entries(table.columns).flatMap(([name, column]) =>
        column.sensitive === false || column.safe || table.key.includes(name) ? [] : [name],
      );
      const inSafe = databaseTablesOf([table])[1]?.columns.map(({ name }) => name) ?? [];
      expect(inSafe.filter((name) => name === '_extra' || sensitive.includes(name))).toEqual([]);
    }
  });
});

test('databasesOf names the three databases after the prefix', () => {
  expect(databasesOf()).toEqual({ safe: 'callhouse', phi: 'callhouse_phi', staging: 'callhouse_staging' });
  expect(databasesOf('clinic')).toEqual({ safe: 'clinic', phi: 'clinic_phi', staging: 'clinic_staging' });
});
