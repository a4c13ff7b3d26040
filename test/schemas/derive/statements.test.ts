import { describe, expect, test } from 'vitest';
import { loads, rejects } from '../../../schemas/bookkeeping.ts';
import { databasesOf } from '../../../schemas/derive/databases.ts';
import { duckdbTable, icebergAddColumns, icebergTable, stagingColumns } from '../../../schemas/derive/ddl.ts';
import { insertText } from '../../../schemas/derive/insert.ts';
import { type MergeScope, mergeText } from '../../../schemas/derive/merge.ts';
import { shapeIn, shapesOf } from '../../../schemas/derive/shape.ts';
import { createView } from '../../../schemas/derive/view-sql.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { allTables } from '../../../scripts/all-tables.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';

const tables = await allTables();
const SCOPE: MergeScope = {
  account: 'default',
  loadIds: ['l1', "l'2"],
  days: ['2026-03-01'],
  partFrom: '2026-01-01',
  partTo: '2026-03-01',
};
const views = viewsFor(tables, { timeZone: 'America/New_York', ownUserIds: ['7'] });
const statements = [
  ...tables.flatMap((table) =>
    (['phi', 'safe'] as const).map((home) => ({
      name: `MERGE into ${home} ${table.name}`,
      sql: mergeText(table, home, SCOPE),
    })),
  ),
  ...views.map((view) => ({ name: `view ${view.name}`, sql: createView(view) })),
  ...[loads, rejects].map((table) => ({ name: `rows of ${table.name}`, sql: insertText(table, [{ load_id: 'x' }]) })),
];
/** What DuckDB would take and Athena would not, and what both take and read differently. */
const FOREIGN =
  /::|->>?|\bQUALIFY\b|\bEXCLUDE\b|\bREPLACE \(|count_if|\[\]|json_extract_string|date_diff\('(?!millisecond)|\/ \d+\.\d|\bILIKE\b|\bstrftime\b/i;

describe('a statement for both engines', () => {
  test.each(statements)('keeps to what both read alike: $name', ({ sql }) => {
    expect(sql).not.toMatch(FOREIGN);
    expect(sql.length).toBeLessThan(100_000);
  });

  test.each(statements.filter(({ name }) => name.startsWith('view')))('selects no star: $name', ({ sql }) => {
    expect(sql).not.toMatch(/SELECT\s+\*|\.\*/);
  });

  test('casts every column of a view to the type it declares', () => {
    const [view] = viewsFor([sampleCalls], { timeZone: 'UTC' });
    expect(createView(view ?? fail())).toContain('SELECT\n  CAST(q."source" AS varchar) AS "source",');
  });
});

describe('mergeText', () => {
  test('touches a key, the filing day and the first sight of a row only when it inserts', () => {
    const updates =
      mergeText(sampleCalls, 'safe', SCOPE).split('WHEN NOT MATCHED')[0]?.split('WHEN MATCHED').slice(1).join() ?? '';
    expect(updates).toContain('"status" = s."status"');
    expect(updates).not.toMatch(/"(account|id|order|_part_on|_first_seen_at)" = /);
  });

  test('empties sensitive columns in the PHI twin alone', () => {
    expect(mergeText(sampleCalls, 'phi', SCOPE)).toContain('"number" = NULL, "notes" = NULL, "_extra" = NULL');
    expect(mergeText(sampleCalls, 'safe', SCOPE)).not.toContain('= NULL');
  });

  test('names account, months and folders as literals, so that both engines prune', () => {
    const sql = mergeText(sampleCalls, 'safe', SCOPE);
    expect(sql).toContain(
      `ON t."account" = 'default' AND t."_part_on" BETWEEN DATE '2026-01-01' AND DATE '2026-03-01'`,
    );
    expect(sql).toContain(`s."acct" = 'default' AND s."day" IN ('2026-03-01')`);
    expect(sql).toContain(`s."_load_id" IN ('l1', 'l''2')`);
  });

  test('stands in the databases of the prefix', () => {
    const sql = mergeText(sampleCalls, 'phi', SCOPE, databasesOf('clinic'));
    expect(sql).toContain('MERGE INTO "clinic_phi"."sample_calls"');
    expect(sql).toContain('FROM "clinic_staging"."sample_calls"');
  });
});

describe('data definition', () => {
  test('puts no sensitive column into callhouse', () => {
    for (const table of tables) {
      const sensitive = Object.entries(table.columns).filter(
        ([name, { sensitive }]) => sensitive !== false && !table.key.includes(name),
      );
      const safe = shapeIn(table, 'safe').columns.map(({ name }) => name);
      expect(safe.filter((name) => name === '_extra' || sensitive.some(([column]) => column === name))).toEqual([]);
    }
  });

  test('requires what is never null, and lets a later column be null', () => {
    const [create, ...added] = duckdbTable(shapeIn(sampleCalls, 'safe'));
    expect(create).toContain('"order" BIGINT NOT NULL');
    expect(create).toContain('"cost" DECIMAL(18,6),');
    expect(added.join()).not.toContain('NOT NULL');
  });

  test('writes Iceberg tables partitioned by account and month', () => {
    const sql = icebergTable(shapeIn(sampleCalls, 'safe'), 's3://bucket/safe/sample_calls/');
    expect(sql).toMatch(/^CREATE TABLE IF NOT EXISTS `callhouse`\.`sample_calls` \(/);
    expect(sql).toContain('`values` array<double>');
    expect(sql).toContain('PARTITIONED BY (`account`, month(`_part_on`))');
    expect(sql).toContain("'table_type' = 'ICEBERG'");
    const books = shapesOf([]).map((shape) => icebergTable(shape, 's3://bucket/x/'));
    expect(books).toHaveLength(2);
    expect(books.join()).not.toContain('PARTITIONED');
  });

  test('adds columns to Iceberg tables by name', () => {
    const sql = icebergAddColumns(shapeIn(sampleCalls, 'safe'), ['cost', 'flag']);
    expect(sql).toBe('ALTER TABLE `callhouse`.`sample_calls` ADD COLUMNS (`flag` boolean, `cost` decimal(18,6))');
  });

  test('reads staged money as text', () => {
    const types = Object.fromEntries(stagingColumns(sampleCalls).map(({ name, type }) => [name, type]));
    expect(types).toMatchObject({
      cost: 'string',
      values: 'array<double>',
      _op: 'string',
      _part_on: 'date',
      number_hash: 'string',
    });
  });
});

function fail(): never {
  throw new Error('there is no view');
}
