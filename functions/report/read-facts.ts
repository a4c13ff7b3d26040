import { coverageOf } from '../../schemas/views/coverage.ts';
import { targetsOf } from '../../schemas/views/view-settings.ts';
import { viewsFor } from '../../schemas/views/views.ts';
import { agesFor } from './ages.ts';
import type { ReportFacts } from './facts.ts';
import { type Period, periodBefore } from './period.ts';
import type { ReportRequest } from './report-request.ts';
import { type Row, rowOf } from './row.ts';
import {
  RECONCILIATION,
  type ReportDatabases,
  type ReportStatements,
  statementsOf,
  stateStatements,
  VISITS,
} from './statements.ts';

/** Runs a query over the views. */
export type Ask = (sql: string) => Promise<{ readonly rows: readonly (readonly unknown[])[] }>;

/** Facts of the period and the weeks before it. */
type PeriodFacts = Omit<ReportFacts, 'period' | 'accounts' | 'streams' | 'quality' | 'followUps'>;

const NOTHING: PeriodFacts = {
  ...{ figures: [], days: [], hours: [], waits: [], categories: [], clinicians: [], visits: [], agents: [] },
  reconciliation: undefined,
};

/** Accounts whose calls were read, with the first day that was not read to its end. */
export async function readAccounts(
  ask: Ask,
  { views }: ReportRequest,
  database: string,
): Promise<ReportFacts['accounts']> {
  const coverage = coverageOf(views, { safe: database, phi: '', staging: '' });
  const sql = `SELECT covered_source, covered_account, CAST(covered_until AS varchar) AS covered_until FROM ${coverage} v WHERE covered_until IS NOT NULL ORDER BY covered_source, covered_account`;
  return (await rowsOf(ask, sql)).map((row) => ({ ...accountOf(row), until: row.text() }));
}

/** The seven days that the page is about; undefined if no calls were read completely yet. */
export function periodOf(accounts: ReportFacts['accounts'], { weeks }: ReportRequest): Period | undefined {
  const until = accounts
    .map((account) => account.until)
    .sort()
    .at(-1);
  return until === undefined ? undefined : periodBefore(until, weeks);
}

/** Reads everything that the page shows, one query after the other. */
export async function readFacts(ask: Ask, request: ReportRequest, databases: ReportDatabases): Promise<ReportFacts> {
  const accounts = await readAccounts(ask, request, databases.whole);
  const period = periodOf(accounts, request);
  const names = new Set(viewsFor(request.tables, request.views).map(({ name }) => name));
  const state = await readState(ask, request, { databases, names });
  if (!period || !names.has('calls')) return { ...NOTHING, ...state, period, accounts };
  return { ...(await readPeriod(ask, statementsOf(period, databases), names)), ...state, period, accounts };
}

async function readState(
  ask: Ask,
  { views }: ReportRequest,
  { databases, names }: { readonly databases: ReportDatabases; readonly names: ReadonlySet<string> },
): Promise<Pick<ReportFacts, 'streams' | 'quality' | 'followUps'>> {
  const statements = stateStatements(databases, agesFor(targetsOf(views).followUpTargetDays));
  const ofCalls = async (sql: string) => (names.has('calls') ? rowsOf(ask, sql) : []);
  const streams = await rowsOf(ask, statements.streams);
  const quality = await ofCalls(statements.quality);
  const followUps = await ofCalls(statements.followUps);
  return {
    streams: streams.map((row) => ({
      ...accountOf(row),
      stream: row.text(),
      lastStatus: row.text(),
      through: row.instant(),
    })),
    quality: quality.map((row) => ({ ...accountOf(row), meaning: row.text(), calls: row.count() })),
    followUps: followUps.map((row) => ({
      bin: row.number(),
      open: row.count(),
      overdue: row.count(),
      oldest: row.number(),
    })),
  };
}

async function readPeriod(ask: Ask, statements: ReportStatements, names: ReadonlySet<string>): Promise<PeriodFacts> {
  const read = async <T>(sql: string, shape: (row: Row) => T): Promise<readonly T[]> =>
    (await rowsOf(ask, sql)).map(shape);
  const ifView = async <T>(view: string, sql: string, shape: (row: Row) => T): Promise<readonly T[]> =>
    names.has(view) ? read(sql, shape) : [];
  const [reconciliation] = await ifView(RECONCILIATION.view, statements.reconciliation, reconciliationOf);
  return {
    figures: await read(statements.figures, figureOf),
    days: await read(statements.days, dayOf),
    hours: await read(statements.hours, hourOf),
    waits: await read(statements.waits, waitOf),
    categories: await read(statements.categories, categoryOf),
    clinicians: await read(statements.clinicians, clinicianOf),
    visits: await ifView(VISITS.view, statements.visits, visitsOf),
    agents: await read(statements.agents, agentOf),
    reconciliation,
  };
}

async function rowsOf(ask: Ask, sql: string): Promise<readonly Row[]> {
  return (await ask(sql)).rows.map(rowOf);
}

function accountOf(row: Row) {
  return { source: row.text(), account: row.text() };
}

function figureOf(row: Row) {
  return {
    ...{
      source: row.textOrNull(),
      account: row.textOrNull(),
      metric: row.text(),
      unit: row.text(),
      better: row.count(),
    },
    ...{ value: row.number(), base: row.number(), previous: row.number(), previousBase: row.number() },
    isComplete: row.boolean(),
  };
}

function dayOf(row: Row) {
  return {
    ...{ ...accountOf(row), date: row.text(), calls: row.count(), missed: row.number(), booked: row.number() },
    ...{ afterHours: row.number(), waited: row.number(), inTarget: row.number() },
    costCurrency: currencyCode(row.textOrNull()),
  };
}

function hourOf(row: Row) {
  return { weekday: row.count(), hour: row.count(), missed: row.count(), answered: row.count() };
}

function waitOf(row: Row) {
  return { to: row.text(), calls: row.count(), median: row.count(), p95: row.count() };
}

function categoryOf(row: Row) {
  return { category: row.text(), bookable: row.count(), booked: row.count() };
}

function clinicianOf(row: Row) {
  const account = accountOf(row);
  return { ...account, id: row.text(), name: row.textOrNull(), to: row.text(), calls: row.count() };
}

function reconciliationOf(row: Row) {
  return { days: row.count(), equal: row.count() };
}

function visitsOf(row: Row) {
  return {
    ...{ source: VISITS.source, account: row.text(), id: row.text(), visits: row.count(), median: row.number() },
    ...{ hours: row.number(), attended: row.count(), both: row.count(), failed: row.count() },
  };
}

function agentOf(row: Row) {
  return {
    ...{ ...accountOf(row), agent: row.text(), calls: row.count(), missed: row.count(), offered: row.count() },
    ...{ booked: row.count(), bookable: row.count(), median: row.number(), cost: row.number() },
    ...{ costCurrency: currencyCode(row.textOrNull()), agents: row.count() },
  };
}

/** A vendor's word for a currency, if it is a code such as `USD`; null for `credits`, whose worth is not known. */
function currencyCode(word: string | null): string | null {
  return word !== null && /^[A-Z]{3}$/i.test(word) ? word.toUpperCase() : null;
}
