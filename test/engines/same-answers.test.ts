import { beforeAll, describe, expect, test } from 'vitest';
import type { QueryResult } from '../../functions/ports.ts';
import { readQuestions } from '../../functions/questions.ts';
import { databaseTablesOf } from '../../schemas/derive/database-tables.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { createView, databaseViewOf } from '../../schemas/derive/view-sql.ts';
import type { ViewSettings } from '../../schemas/views/view-settings.ts';
import { viewsFor } from '../../schemas/views/views.ts';
import { differencesOf, linesOf } from '../deploy/rows.ts';
import { reportStatements } from '../helpers/all-statements.ts';
import { type ExtremeTable, extremeTables, SHARED } from '../helpers/extreme-rows.ts';
import { sharedWarehouse } from '../helpers/shared-warehouse.ts';
import { askTrino } from '../helpers/trino.ts';
import { TABLES } from '../helpers/view-warehouse.ts';

const SETTINGS: ViewSettings = {
  timeZone: 'America/New_York',
  openingHours: { mon: ['08:00-12:00', '13:00-18:00'], sun: ['08:00-24:00'] },
  closedDays: ['2026-03-01'],
  costCurrencies: { zudu: 'USD' },
};
const TRINO_TYPES = {
  ...{ text: 'varchar', json: 'varchar', bigint: 'bigint', double: 'double', boolean: 'boolean', date: 'date' },
  ...{ timestamp: 'timestamp(6)', decimal: 'decimal(18,6)', doubles: 'array(double)' },
} as const;

const views = viewsFor(TABLES, SETTINGS);

/** The same rows on DuckDB and on a Trino, whose address is in `CALLHOUSE_TRINO`; see test/engines/README.md. */
describe.runIf(process.env['CALLHOUSE_TRINO'])('a view over extreme rows', { timeout: 300_000 }, () => {
  const url = process.env['CALLHOUSE_TRINO'] ?? '';
  const ask = (sql: string) => askTrino(url, sql.replaceAll('"callhouse".', 'memory.callhouse.'));
  let query: (sql: string) => Promise<QueryResult>;

  beforeAll(async () => {
    const tables = extremeTables(TABLES, SHARED);
    const { engine, close } = await sharedWarehouse(SETTINGS);
    query = (sql) => engine.query(sql);
    await fill(
      tables,
      async (sql) => void (await engine.execute(sql.replaceAll('ARRAY[', '[').replaceAll('array(double)', 'double[]'))),
      'callhouse',
    );
    for (const view of [...views].reverse()) await ask(`DROP VIEW IF EXISTS "callhouse".${view.name}`);
    await ask('CREATE SCHEMA IF NOT EXISTS memory.callhouse');
    for (const { name, columns } of databaseTablesOf(TABLES).filter(({ database }) => database === DATABASES.safe)) {
      const types = columns.map((column) => `"${column.name}" ${TRINO_TYPES[column.type]}`);
      await ask(`DROP TABLE IF EXISTS memory.callhouse.${name}`);
      await ask(`CREATE TABLE memory.callhouse.${name} (${types.join(', ')})`);
    }
    await fill(tables, async (sql) => void (await ask(sql)), 'memory.callhouse');
    for (const view of views) await ask(createView(view));
    return close;
  }, 300_000);

  test.each(views.map(({ name }) => name))('%s has the same rows on both engines', async (name) => {
    const view = views.find((one) => one.name === name);
    if (!view) throw new Error('no such view');
    // What tells the time it is asked differs.
    const columns = databaseViewOf(view).columns.filter((column) => column.name !== 'lag_minutes');
    const sql = `SELECT ${columns.map(shown).join(', ')} FROM "callhouse".${name}`;
    const [here, there] = [await query(sql), await ask(sql)];
    expect(here.rows.length).toBeGreaterThan(3);
    const instants = there.rows.map((row) => row.map((value, n) => instantOf(columns[n]?.type, value)));
    expect(differencesOf(name, columns, [linesOf(columns, instants), linesOf(columns, here.rows)])).toEqual([]);
  });

  const questions = readQuestions().map(({ name, sql }) => ({ name: `question ${name}`, sql }));
  test.each([...questions, ...reportStatements('callhouse')])('$name has the same answer', async ({ sql }) => {
    const [here, there] = [await query(sql), await ask(sql)];
    expect(there.columns).toEqual(here.columns);
    expect(there.rows.map(answerOf).sort()).toEqual(here.rows.map(answerOf).sort());
  });
});

/** Nine digits of each number: sums of doubles depend on their order. */
function answerOf(row: readonly unknown[]): string {
  const cells = row.map((value) => {
    if (value === null || value === undefined) return 'null';
    if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '');
    const number = typeof value === 'string' && !/^-?\d+(\.\d+)?$/.test(value) ? Number.NaN : Number(value);
    return Number.isNaN(number) ? String(value) : number.toPrecision(9);
  });
  return cells.join(' | ');
}

/** JSON keeps no integer beyond 2^53. */
function shown({ name, type }: { readonly name: string; readonly type: string }): string {
  return type === 'bigint' ? `CAST("${name}" AS varchar) AS "${name}"` : `"${name}"`;
}

function instantOf(type: string | undefined, value: unknown): unknown {
  return type === 'timestamp' && typeof value === 'string' ? `${value.replace(' ', 'T')}Z` : value;
}

async function fill(tables: readonly ExtremeTable[], run: (sql: string) => Promise<void>, into: string): Promise<void> {
  for (const { name, columns, rows } of tables) {
    const names = columns.map((column) => `"${column.name}"`).join(', ');
    const values = rows.map((row) => `(${row.map((value, n) => typed(value, columns[n]?.type)).join(', ')})`);
    for (let at = 0; at < values.length; at += 50)
      await run(`INSERT INTO ${into}.${name} (${names}) VALUES ${values.slice(at, at + 50).join(', ')}`);
  }
}

/** Trino gives the rows of VALUES one type. */
function typed(value: string, type: keyof typeof TRINO_TYPES = 'text'): string {
  return value === 'NULL' ? `CAST(NULL AS ${TRINO_TYPES[type]})` : value;
}
