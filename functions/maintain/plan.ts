import { DATABASES, type Databases } from '../../schemas/derive/databases.ts';
import { CallhouseError } from '../errors.ts';
import type { LoadPlan } from '../load/plan.ts';
import type { Engine, Log, Store } from '../ports.ts';
import type { ReportRequest } from '../report/report-request.ts';

/** What to maintain: everything that is loaded. */
export interface MaintainPlan extends LoadPlan {
  /** Days for which a staged file is kept after every warehouse has loaded it. */
  readonly stagingDays: number;
  /** The manager's page. @default none is written */
  readonly report?: Omit<ReportRequest, 'tables' | 'at'> | undefined;
}

/** Earlier versions of tables, which a catalog may keep. */
export interface TableVersions {
  /** Numbers of a table's versions, a page at a time, in any order. The greatest is the current one. */
  list(database: string, table: string): AsyncIterable<readonly number[]>;
  /** Deletes versions, 100 at most. */
  delete(database: string, table: string, versions: readonly number[]): Promise<void>;
}

/** Takes note of an expected failure, so that the others of a kind are still done. */
export type ReportError = (error: CallhouseError) => void;

/** Does some work; reports an expected failure instead of throwing it. @returns false if there was one */
export async function orReport(report: ReportError, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof CallhouseError)) throw error;
    report(error);
    return false;
  }
}

/** The ports of maintenance. */
export interface MaintainPorts {
  readonly store: Store;
  readonly engine: Engine;
  readonly log: Log;
  /** The clock, ms since the epoch. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Milliseconds left before maintenance must stop. */
  readonly remainingMs: () => number;
  /** @default the catalog keeps no versions */
  readonly versions?: TableVersions;
  /** Where readers of the safe database find files. @default none, so no page is written */
  readonly safeStore?: Store | undefined;
  /**
   * Waits until no load is in progress, and lets none begin while `work` runs.
   * @throws OutOfTimeError if loads are in progress until the time is used up
   */
  readonly betweenLoads: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Names of the databases of a plan. */
export function databasesIn({ databases = DATABASES }: LoadPlan): Databases {
  return databases;
}

/** The accounts of a plan, each with its streams. */
export function streamsByAccount({ streams, accounts }: LoadPlan) {
  return Object.entries(accounts).flatMap(([source, names]) => {
    const own = streams.filter((stream) => stream.source === source);
    return names.map((account) => ({ source, account, streams: own }));
  });
}
