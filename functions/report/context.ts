import type { MappedColumn } from '../../schemas/views/calls-columns.ts';
import type { Account, KeyFigure, ReportFacts } from './facts.ts';
import { type Period, sinceFirstCall } from './period.ts';
import type { ReportRequest } from './report-request.ts';
import { type DataState, dataState } from './state.ts';
import { listed, sourceName } from './words.ts';

/** What every section reads. */
export interface Context {
  readonly facts: ReportFacts;
  readonly request: ReportRequest;
  /** All accounts that ran, or have calls. */
  readonly accounts: readonly Account[];
  readonly state: DataState;
  /** `Kalem`, or `Kalem · north` if the source has several accounts. Not escaped. */
  nameOf(account: Account): string;
  /** A key figure of all accounts together, or of one. */
  figure(metric: string, account?: Account): KeyFigure | undefined;
  /** Names of the sources that say a fact of calls. */
  tellers(column: MappedColumn): string;
  /** Names of those that do not. */
  silentAbout(column: MappedColumn): string;
}

/** What the sections read when there is a period. */
export interface PeriodContext extends Context {
  readonly period: Period;
}

/** Builds the context of a page. */
export function contextOf(read: ReportFacts, request: ReportRequest): Context {
  const firstDay = read.days.map(({ date }) => date).sort()[0];
  const facts = { ...read, period: read.period && sinceFirstCall(read.period, firstDay) };
  const accounts = accountsOf(facts);
  const sources = [...new Set(accounts.map(({ source }) => source))];
  const says = (source: string, column: MappedColumn) =>
    request.tables.some((table) => table.source === source && table.calls?.[column] !== undefined);
  const figures = new Map(facts.figures.map((figure) => [keyOf(figure.metric, figure), figure]));
  const nameOf = ({ source, account }: Account) => {
    const several = accounts.filter((one) => one.source === source).length > 1 || account !== 'default';
    return several ? `${sourceName(source)} · ${account}` : sourceName(source);
  };
  return {
    facts,
    request,
    accounts,
    nameOf,
    state: dataState(facts.streams, request),
    figure: (metric, account = { source: '', account: '' }) => figures.get(keyOf(metric, account)),
    tellers: (column) => listed(sources.filter((source) => says(source, column)).map(sourceName)),
    silentAbout: (column) => listed(sources.filter((source) => !says(source, column)).map(sourceName)),
  };
}

function accountsOf({ streams, accounts, figures }: ReportFacts): readonly Account[] {
  const named = figures.flatMap(({ source, account }) => (source && account ? [{ source, account }] : []));
  const all = [...streams, ...accounts, ...named].map(
    ({ source, account }) => [`${source} ${account}`, { source, account }] as const,
  );
  return [...new Map(all)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, account]) => account);
}

function keyOf(metric: string, { source, account }: { source: string | null; account: string | null }): string {
  return `${metric} ${source ?? ''} ${account ?? ''}`;
}
