import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkText } from '../../functions/check/check-tables.ts';
import { totalsText } from '../../functions/check/check-totals.ts';
import { type LoadPlan, streamsToLoad } from '../../functions/load/plan.ts';
import type { Engine } from '../../functions/ports.ts';
import { readQuestions } from '../../functions/questions.ts';
import { listSources } from '../../functions/source/registry.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { createView, databaseViewOf } from '../../schemas/derive/view-sql.ts';
import type { ViewSettings } from '../../schemas/views/view-settings.ts';
import { viewsFor } from '../../schemas/views/views.ts';
import { differencesOf, linesOf } from '../deploy/rows.ts';
import { reportStatements } from '../helpers/all-statements.ts';
import { askTrino } from '../helpers/trino.ts';
import { TABLES } from '../helpers/view-warehouse.ts';
import { type AskTrino, copyToTrino } from './copy-to-trino.ts';
import { extremeRows, usualRows, type World } from './two-worlds.ts';

const SETTINGS: ViewSettings = {
  timeZone: 'America/New_York',
  openingHours: { mon: ['08:00-12:00', '13:00-18:00'], sun: ['08:00-24:00'] },
  closedDays: ['2026-03-01'],
  costCurrencies: { zudu: 'USD' },
};
/** The longest that filling both engines may take. */
const FILL_MS = 300_000;

const views = viewsFor(TABLES, SETTINGS);
const checks = await checkStatements();
const statements = [
  ...readQuestions().map(({ name, sql }) => ({ name: `question ${name}`, sql })),
  ...reportStatements(DATABASES.safe),
  ...checks,
];
/** Each with the least number of rows that every view has over it. */
const WORLDS: readonly { readonly rows: string; readonly world: World; readonly least: number }[] = [
  { rows: 'usual', world: usualRows, least: 1 },
  { rows: 'extreme', world: extremeRows, least: 4 },
];

/** The same rows on DuckDB and on a Trino, whose address is in `CALLHOUSE_TRINO`; see README.md here. */
describe.runIf(process.env['CALLHOUSE_TRINO'])('DuckDB and Trino', { timeout: 120_000 }, () => {
  describe.each(WORLDS)('over $rows rows', ({ world, least }) => {
    let duckdb: Engine;

    beforeAll(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'callhouse-'));
      duckdb = await world(folder, SETTINGS);
      await fillTrino(duckdb);
      return async () => {
        await duckdb.close();
        await rm(folder, { recursive: true, force: true });
      };
    }, FILL_MS);

    test.each(views.map((view) => ({ view, name: view.name })))(
      'give the same rows of $name',
      async ({ view, name }) => {
        // What tells the time it is asked differs.
        const columns = databaseViewOf(view).columns.filter((column) => column.name !== 'lag_minutes');
        const sql = `SELECT ${columns.map(shown).join(', ')} FROM "callhouse".${name}`;
        const [here, there] = [await duckdb.query(sql), await ask(sql)];
        expect(here.rows.length).toBeGreaterThanOrEqual(least);
        const instants = there.rows.map((row) => row.map((value, n) => instantOf(columns[n]?.type, value)));
        expect(differencesOf(name, columns, [linesOf(columns, instants), linesOf(columns, here.rows)])).toEqual([]);
      },
    );

    test.each(statements)('give the same answer to $name', async ({ sql }) => {
      const [here, there] = [await duckdb.query(sql), await ask(sql)];
      expect(there.columns).toEqual(here.columns);
      expect(there.rows.map(answerOf).sort()).toEqual(here.rows.map(answerOf).sort());
    });
  });
});

/** Asks in the catalog of tables in memory. */
const ask: AskTrino = (sql) => {
  const named = sql.replaceAll(/"(callhouse(?:_phi)?)"\./g, 'memory.$1.');
  return askTrino(process.env['CALLHOUSE_TRINO'] ?? '', named);
};

async function fillTrino(duckdb: Engine): Promise<void> {
  for (const database of [DATABASES.safe, DATABASES.phi]) await ask(`CREATE SCHEMA IF NOT EXISTS memory.${database}`);
  for (const { name } of [...views].reverse()) await ask(`DROP VIEW IF EXISTS "callhouse".${name}`);
  await copyToTrino(duckdb, TABLES, ask);
  for (const view of views) await ask(createView(view));
}

/** Each kind of check, of every table, stream and view. */
async function checkStatements(): Promise<readonly { readonly name: string; readonly sql: string }[]> {
  const streams = streamsToLoad(await listSources());
  const plan: LoadPlan = { streams, accounts: {} };
  const spans = [{ partFrom: '2026-02-01', partTo: '2026-03-31' }];
  return [
    ...TABLES.map((table) => ({ name: `the check of ${table.name}`, sql: checkText([{ table }], plan) })),
    {
      name: 'the check of what a load touched',
      sql: checkText(
        TABLES.map((table) => ({ table, account: 'default', spans, seen: ['2026-02-28', '2026-03-03'] })),
        plan,
      ),
    },
    ...streams.map((one) => ({ name: `the totals of ${one.source}.${one.stream}`, sql: totalsText(one, plan) })),
    ...views.flatMap(({ name, oddities }) =>
      oddities === undefined ? [] : [{ name: `the oddities in ${name}`, sql: oddities }],
    ),
  ];
}

/** Nine digits of each number: sums of doubles depend on their order. */
function answerOf(row: readonly unknown[]): string {
  const cells = row.map((value) => {
    if (value === null || value === undefined) return 'null';
    if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '');
    const text = String(value);
    const number = typeof value === 'string' && !/^-?\d+(\.\d+)?$/.test(value) ? Number.NaN : Number(value);
    return Number.isNaN(number) ? text.replace(/^(\d{4}-\d\d-\d\d \S{12})000$/, '$1') : number.toPrecision(9);
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
