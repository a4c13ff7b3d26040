import { readFileSync } from 'node:fs';
import type { CheckResult } from '../../functions/check/check-result.ts';
import { checkText } from '../../functions/check/check-tables.ts';
import { totalsText } from '../../functions/check/check-totals.ts';
import { checksRow } from '../../functions/check/keep-checks.ts';
import { loadsRow, rejectRows } from '../../functions/load/bookkeeping-rows.ts';
import { upkeepOf } from '../../functions/maintain/compact-tables.ts';
import { readQuestions } from '../../functions/questions.ts';
import { agesFor } from '../../functions/report/ages.ts';
import { periodBefore } from '../../functions/report/period.ts';
import { statementsOf, stateStatements } from '../../functions/report/statements.ts';
import { checks, loads, rejects } from '../../schemas/bookkeeping.ts';
import { databasesOf } from '../../schemas/derive/databases.ts';
import { insertText } from '../../schemas/derive/insert.ts';
import { mergeText } from '../../schemas/derive/merge.ts';
import { hashColumns, hashRowsText, rehashText } from '../../schemas/derive/rehash.ts';
import { namedColumns, renameTexts } from '../../schemas/derive/rename-keys.ts';
import { stagedMonthsText } from '../../schemas/derive/staged-sql.ts';
import { deleteVersionsText, eraseVersionsText, hasHistory, versionsText } from '../../schemas/derive/versions.ts';
import { createView, viewSelect } from '../../schemas/derive/view-sql.ts';
import { viewsFor } from '../../schemas/views/views.ts';
import { allTables } from '../../scripts/all-tables.ts';
import { emptyCommit } from './empty-commit.ts';

/** A statement that the code generates. */
export interface Statement {
  readonly name: string;
  readonly sql: string;
  /** `athena`: data definition and upkeep, in words that only Athena has. */
  readonly grammar: 'trino' | 'athena';
}

/** Every setting that adds words to a view. */
const CLINIC = {
  openingHours: { mon: ['08:00-12:00', '13:00-18:00'], sat: [] },
  closedDays: ['2026-12-25', '2026-12-26'],
  costCurrencies: { zudu: 'USD' },
};
const SCOPE = {
  account: 'default',
  loadIds: ['a', "b'c"],
  days: ['2026-11-20', '2026-11-21'],
  partFrom: '2026-10-01',
  partTo: '2026-11-21',
};
const MERGES = [
  { what: 'merge', removals: false },
  { what: 'merge with removals', removals: true },
];
const REJECT = { table: 'kalem_calls', column: 'cost', reason: "not a number: 'x'", count: 2 };
const COMMIT = emptyCommit(
  { source: 'kalem', account: 'default', stream: 'calls' },
  1,
  new Date('2026-11-21T09:00:00.000Z'),
  {
    loadId: 'a',
    endedAt: '2026-11-21T09:00:01.000Z',
    windowTo: '2026-11-21T09:00:00.000Z',
    rejects: [REJECT],
    counts: { requests: 1, records: 1, vendorTotal: null, changed: 1, unchanged: 0, deleted: 0, rejected: 0 },
  },
);

const CHECK: CheckResult = {
  ...{ check: 'keys', source: 'kalem', account: 'default', subject: 'kalem_calls', severity: 'error' },
  ...{ found: 1, message: "a client's own words" },
};

/** Every statement that the pipeline sends to Athena, one of each kind for each table and view. */
export async function allStatements(): Promise<readonly Statement[]> {
  const databases = databasesOf('callhouse');
  const tables = await allTables();
  const views = ['UTC', 'America/New_York'].flatMap((timeZone) =>
    viewsFor(tables, { timeZone, ownUserIds: ['7'], ...CLINIC }, databases),
  );
  const plan = {
    streams: tables.map((table) => ({ source: table.source, stream: 'any', tables: [table] })),
    accounts: Object.fromEntries(tables.map(({ source }) => [source, ['default', 'north']])),
    databases,
  };
  const trino = (name: string, sql: string): Statement => ({ name, sql, grammar: 'trino' });
  const athena = (name: string, sql: string): Statement => ({ name, sql, grammar: 'athena' });
  return [
    ...tables.flatMap((table) =>
      MERGES.flatMap(({ what, removals }) =>
        (['phi', 'safe'] as const).map((twin) =>
          trino(`${what} ${twin} ${table.name}`, mergeText(table, twin, { ...SCOPE, removals }, databases)),
        ),
      ),
    ),
    ...tables.filter(hasHistory).flatMap((table) => {
      const calls = { table, account: 'default' };
      return [
        trino(`months of ${table.name}`, stagedMonthsText(table, SCOPE, databases)),
        trino(`versions of ${table.name}`, versionsText(table, { ...SCOPE, seqFrom: 1, seqTo: 2 }, databases)),
        trino(`delete versions of ${table.name}`, deleteVersionsText(calls, [1, 2], databases)),
        trino(`erase versions of ${table.name}`, eraseVersionsText(calls, ['a', "b'c"], databases)),
      ];
    }),
    ...tables.flatMap((table) =>
      renameTexts(table, namedColumns(table), { account: 'default', loadId: 'a', day: '2026-11-20' }, databases).map(
        (sql) => trino(`rename keys of ${table.name}`, sql),
      ),
    ),
    ...tables
      .filter((table) => hashColumns(table).length > 0)
      .flatMap((table) => [
        trino(`read hashes of ${table.name}`, hashRowsText(table, SCOPE, databases)),
        trino(`rehash ${table.name}`, rehashText(table, { ...SCOPE, loadId: 'a', day: '2026-11-20' }, databases)),
      ]),
    ...tables.map((table) => trino(`check ${table.name}`, checkText([{ table }], plan))),
    trino(
      'check what a load touched',
      checkText(
        tables.map((table) => ({ table, account: 'default', spans: [SCOPE], seen: ['2026-11-20', '2026-11-21'] })),
        plan,
      ),
    ),
    ...plan.streams.map((stream) => trino(`totals of ${stream.source}`, totalsText(stream, plan))),
    ...views.flatMap(({ name, oddities }) => (oddities === undefined ? [] : [trino(`oddities of ${name}`, oddities)])),
    trino('insert loads', insertText(loads, [loadsRow(COMMIT)], databases)),
    trino('insert rejects', insertText(rejects, rejectRows(COMMIT), databases)),
    trino('insert checks', insertText(checks, [checksRow(CHECK, { scope: 'all', checkedAt: 0 })], databases)),
    ...views.map((view) => trino(`view ${view.name}`, createView(view, databases))),
    ...views.map((view) => trino(`select of ${view.name}`, viewSelect(view))),
    ...readQuestions().map(({ name, sql }) => trino(`question ${name}`, sql)),
    ...reportStatements('callhouse').map(({ name, sql }) => trino(name, sql)),
    ...pageStatements('README.md').map((sql) => trino('a question in README.md', sql)),
    ...pageStatements('docs/data-dictionary.md').map((sql) => trino('a query in docs/data-dictionary.md', sql)),
    ...[...upkeepOf(plan)].flatMap(({ table, statements }) =>
      statements.map((sql) => athena(`upkeep of ${table}`, sql)),
    ),
  ];
}

/** Statements of the manager's page for the seven days to 2026-03-02. */
export function reportStatements(database: string): readonly Omit<Statement, 'grammar'>[] {
  const databases = { recent: database, whole: database };
  const statements = {
    ...statementsOf(periodBefore('2026-03-03', 8), databases),
    ...stateStatements(databases, agesFor(3)),
  };
  return Object.entries(statements).map(([name, sql]) => ({ name: `${name} of the report`, sql }));
}

/** The queries that a page shows; they must be understood by both engines. */
function pageStatements(page: string): readonly string[] {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/```sql\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.split(';'));
  const asked = [...text.matchAll(/callhouse query (?:--athena )?"([^"]+)"/g)].map(([, sql = '']) => sql);
  return [...blocks, ...asked].map((sql) => sql.replace(/^--.*$/gm, '').trim()).filter((sql) => sql !== '');
}
