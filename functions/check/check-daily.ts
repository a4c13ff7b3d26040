import { checks, loads } from '../../schemas/bookkeeping.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { quoteName } from '../../schemas/derive/sql-text.ts';
import { DAY_MS } from '../time.ts';
import { type CheckAllOptions, checkAll } from './check-all.ts';
import type { CheckResult } from './check-result.ts';
import { keepChecks } from './keep-checks.ts';

/** Runs of a schedule do not begin at the same second each day. */
const EVERY_MS = 0.9 * DAY_MS;

/**
 * Checks everything if that was not done within a day, and the warehouse is a day old; keeps the results.
 * @param now the clock, ms
 * @returns no result if nothing is due
 */
export async function checkDaily(options: CheckAllOptions, now: number): Promise<readonly CheckResult[]> {
  const { engine, plan } = options;
  const safe = quoteName((plan.databases ?? DATABASES).safe);
  const { rows } = await engine.query(
    `SELECT COALESCE(max(checked_at), (SELECT min(ended_at) FROM ${safe}.${quoteName(loads.name)})) AS since FROM ${safe}.${quoteName(checks.name)} WHERE scope = 'all'`,
  );
  const since = rows[0]?.[0];
  if (!(since instanceof Date) || now - since.getTime() < EVERY_MS) return [];
  const results = await checkAll(options);
  await keepChecks(results, { scope: 'all', checkedAt: now }, { engine, databases: plan.databases });
  return results;
}
