import type { RunCounts, StageCounts } from './count-runs.ts';

/** List prices in us-east-1, USD, without free tier. */
const PRICES = {
  /** A GB-second of Lambda on arm64, and a million invocations. */
  gbSecond: 0.0000133334,
  millionInvocations: 0.2,
  /** A TB that Athena scans; each statement counts as 10 MB at least. */
  scannedTb: 5,
  /** A million PUT or LIST, a million GET, and a GB for a month. */
  millionWrites: 5,
  millionReads: 0.4,
  storedGb: 0.023,
  /** A secret, a key, an alarm, a metric and a dashboard for a month; a GB of logs. */
  secret: 0.4,
  key: 1,
  alarm: 0.1,
  metric: 0.3,
  dashboard: 3,
  logGb: 0.5,
} as const;

/** What cannot be counted here. Each is named in the document. */
export const ASSUMED = {
  /** Seconds that a vendor takes for an answer, S3 for a request, and Athena for a small statement. */
  vendorSeconds: 0.3,
  storeSeconds: 0.03,
  statementSeconds: 5,
  /** Seconds that Lambda bills besides: start, and reading the secrets. */
  startSeconds: 1,
  /** Requests to S3 that Athena makes for one statement that changes a table. */
  statementWrites: 8,
  statementReads: 20,
  /** kB stored per call, and kB of logs per run. */
  callKb: 4.5,
  runLogKb: 3,
  /** Years of calls that are kept, and listed by each full scan. */
  years: 2,
  /** Full scans of a month, and records on a page. */
  scans: 10,
  pageRecords: 100,
} as const;

/** Least bytes that Athena bills for a statement. */
const LEAST_BYTES = 10_000_000;
const [TICKS, LOADS, NIGHTS] = [2_920, 730, 30.4];
const GB = 1_000_000_000;
/** Alarms of a stage besides one for each account; metrics besides; secrets besides; keys. */
export const FIXED = { alarms: 13, metrics: 9, secrets: 1, keys: 3 };

/** How much a stage handles. */
export interface Workload {
  readonly callsPerMonth: number;
  readonly accounts: number;
}

/** USD a month by row of the table. */
export type Costs = Readonly<Record<'lambda' | 'athena' | 'storage' | 'requests' | 'secrets' | 'cloudwatch', number>>;

/** What a stage costs a month. Every load counts as busy, although at night many are not. @param counts of a stage with these accounts */
export function costsOf({ ticks, busyLoad, night }: StageCounts, { callsPerMonth, accounts }: Workload): Costs {
  const perSource = Object.values(ticks);
  const accountsPerSource = accounts / perSource.length;
  const runs: (readonly [count: number, run: RunCounts, gb: number, lanes: number])[] = [
    ...perSource.map((tick) => [TICKS * accountsPerSource, tick, 1, 1] as const),
    [LOADS, busyLoad, 0.5, 4],
    [NIGHTS, night, 0.5, 4],
  ];
  const sum = (of: (run: RunCounts, gb: number, lanes: number) => number) =>
    runs.reduce((total, [count, run, gb, lanes]) => total + count * of(run, gb, lanes), 0);
  const stored = callsPerMonth * ASSUMED.callKb * 1_000;
  // Each night, half a month on average is read again by OPTIMIZE.
  const compacted = (NIGHTS * stored) / 2;
  const statements = sum((run) => run.statements);
  const invocations = sum(() => 1);
  const storedGb = (stored * 12 * ASSUMED.years) / GB;
  const scanned = (callsPerMonth * 12 * ASSUMED.years * ASSUMED.scans) / ASSUMED.pageRecords;
  const gbSeconds = sum((run, gb, lanes) => gb * secondsOf(run, lanes)) + scanned * ASSUMED.vendorSeconds;
  return {
    lambda: gbSeconds * PRICES.gbSecond + millions(invocations) * PRICES.millionInvocations,
    athena: ((statements * LEAST_BYTES + compacted) / 1e12) * PRICES.scannedTb,
    storage: storedGb * PRICES.storedGb,
    requests:
      millions(sum((run) => run.writes + run.statements * ASSUMED.statementWrites)) * PRICES.millionWrites +
      millions(sum((run) => run.reads + run.statements * ASSUMED.statementReads)) * PRICES.millionReads,
    secrets: (FIXED.secrets + accounts) * PRICES.secret + FIXED.keys * PRICES.key,
    cloudwatch:
      (FIXED.alarms + accounts) * PRICES.alarm +
      (FIXED.metrics + accounts) * PRICES.metric +
      PRICES.dashboard +
      ((invocations * ASSUMED.runLogKb * 1_000) / GB) * PRICES.logGb,
  };
}

/** USD of all rows. */
export function totalOf(costs: Costs): number {
  return Object.values(costs).reduce((sum, cost) => sum + cost, 0);
}

/** Statements of a month, at the least (nothing new) or at the most (every load changes every table). */
export function statementsPerMonth({ quietLoad, busyLoad, night }: StageCounts): {
  readonly least: number;
  readonly most: number;
} {
  const of = (load: RunCounts) => Math.round(LOADS * load.statements + NIGHTS * night.statements);
  return { least: of(quietLoad), most: of(busyLoad) };
}

function secondsOf({ requests, reads, writes, statements }: RunCounts, lanes: number): number {
  const { startSeconds, vendorSeconds, storeSeconds, statementSeconds } = ASSUMED;
  return (
    startSeconds + requests * vendorSeconds + (reads + writes) * storeSeconds + (statements * statementSeconds) / lanes
  );
}

function millions(count: number): number {
  return count / 1_000_000;
}
