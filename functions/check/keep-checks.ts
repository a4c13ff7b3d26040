import { checks } from '../../schemas/bookkeeping.ts';
import { DATABASES, type Databases } from '../../schemas/derive/databases.ts';
import { type BookkeepingRow, insertText } from '../../schemas/derive/insert.ts';
import type { Engine } from '../ports.ts';
import type { CheckResult } from './check-result.ts';

/** When checks were made, and of what: the months that a load touched, or everything. */
export interface CheckedWhen {
  readonly scope: 'touched' | 'all';
  /** ms since the epoch. */
  readonly checkedAt: number;
}

/** Rows per INSERT; keeps its text below Athena's 256 KiB. */
const INSERT_ROWS = 500;

/** Writes the results into the table `checks`. */
export async function keepChecks(
  results: readonly CheckResult[],
  when: CheckedWhen,
  { engine, databases = DATABASES }: { readonly engine: Engine; readonly databases?: Databases | undefined },
): Promise<void> {
  const rows = results.map((result) => checksRow(result, when));
  for (let at = 0; at < rows.length; at += INSERT_ROWS)
    await engine.execute(insertText(checks, rows.slice(at, at + INSERT_ROWS), databases));
}

/** The result's row of table `checks`. */
export function checksRow(
  { check, source, account, subject, severity, found, message }: CheckResult,
  { scope, checkedAt }: CheckedWhen,
): BookkeepingRow {
  const checked = { checked_at: new Date(checkedAt).toISOString(), scope, check_name: check, is_passed: found === 0 };
  return { ...checked, source, account, subject, severity, found, message };
}
