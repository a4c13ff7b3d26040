import type { Databases } from '../derive/databases.ts';
import { quoteName, toLocalTime } from '../derive/sql-text.ts';
import type { ViewSettings } from './view-settings.ts';

/**
 * Condition over `loads` that a run read its stream to the end of its window. A backfill may leave days before its window unread, and its
 * window may end in the future.
 */
export const IS_COMPLETE_RUN = "status = 'ok' AND COALESCE(is_backfill, FALSE) = FALSE";

/** Complete runs of the streams that hold calls. */
export function callRuns(databases: Databases): string {
  return `${quoteName(databases.safe)}."loads" WHERE ${IS_COMPLETE_RUN} AND stream = 'calls'`;
}

/**
 * Query for how far the calls of each account were read, one row each: columns `covered_source`, `covered_account` and
 * `covered_until`, the clinic's day in which the newest window that was read ends. Days before it were read to their end.
 */
export function coverageOf({ timeZone }: ViewSettings, databases: Databases): string {
  const until = `CAST(${toLocalTime('window_to', timeZone)} AS date) AS covered_until`;
  return `(SELECT covered_source, covered_account, ${until} FROM (SELECT source AS covered_source, account AS covered_account, max(window_to) AS window_to FROM ${callRuns(databases)} GROUP BY source, account) newest)`;
}

/** Query for the end of what was read of any account's calls: one row with the column `read_until`, UTC. */
export function readUntil(databases: Databases): string {
  return `(SELECT max(window_to) AS read_until FROM ${callRuns(databases)})`;
}
