import type { Databases } from '../derive/databases.ts';
import { quoteName, toLocalTime } from '../derive/sql-text.ts';
import type { ViewSettings } from './view-settings.ts';

/**
 * Condition over `loads` that a run read its stream to the end of its window. A backfill may leave days before its window unread, and its
 * window may end in the future.
 */
export const IS_COMPLETE_RUN = "status = 'ok' AND COALESCE(is_backfill, FALSE) = FALSE";

/**
 * End of the window of the last run. The greatest end of all would count all days until then as read for ever, once the `--at` of a run
 * has had a wrong year.
 */
export const LAST_WINDOW_END = 'max_by(window_to, ended_at)';

/** Complete runs of the streams that hold calls. */
export function callRuns(databases: Databases): string {
  return `${quoteName(databases.safe)}."loads" WHERE ${IS_COMPLETE_RUN} AND stream = 'calls' AND window_to IS NOT NULL`;
}

/**
 * Query for how far the calls of each account were read, one row each: columns `covered_source`, `covered_account` and
 * `covered_until`, the clinic's day in which the window of the last complete run ends. Days before it were read to their end.
 */
export function coverageOf({ timeZone }: ViewSettings, databases: Databases): string {
  const until = `CAST(${toLocalTime('window_to', timeZone)} AS date) AS covered_until`;
  return `(SELECT covered_source, covered_account, ${until} FROM (SELECT source AS covered_source, account AS covered_account, ${LAST_WINDOW_END} AS window_to FROM ${callRuns(databases)} GROUP BY source, account) newest)`;
}

/**
 * Join for the end of what was read of the calls of each account, as `w.read_until`, UTC. What another account has read says nothing about
 * calls of one that is behind.
 * @param of alias of what has a source and an account
 */
export function joinReadUntil(of: string, databases: Databases): string {
  const ends = `SELECT source AS read_source, account AS read_account, ${LAST_WINDOW_END} AS read_until FROM ${callRuns(databases)} GROUP BY source, account`;
  return `LEFT JOIN (${ends}) w ON w.read_source = ${of}.source AND w.read_account = ${of}.account`;
}

/** Query for the end of what was read of any account's calls: one row with the column `read_until`, UTC. */
export function readUntil(databases: Databases): string {
  return `(SELECT max(account_until) AS read_until FROM (SELECT ${LAST_WINDOW_END} AS account_until FROM ${callRuns(databases)} GROUP BY source, account) ends)`;
}
