import type { Table } from '../../schemas/table.ts';
import type { Commit } from '../lake/commit.ts';
import type { StreamId } from '../lake/objects.ts';
import type { LoadPorts } from '../load/plan.ts';
import type { LoadTarget } from '../load/target.ts';
import type { StagedFile } from '../ports.ts';
import { type CheckResult, faultsIn } from './check-result.ts';
import { checkTouched } from './check-tables.ts';
import { keepChecks } from './keep-checks.ts';

/** The staged files that a load merged, by table and account. */
export type Touched = Map<Table, Map<string, StagedFile[]>>;

/** Notes what a merged batch touched. */
export function touch(
  touched: Touched,
  { id, commits }: { readonly id: StreamId; readonly commits: readonly Commit[] },
  tables: readonly Table[],
): void {
  const files = commits.flatMap(({ staged }) => staged);
  for (const table of tables) {
    const own = files.filter((file) => file.table === table.name);
    if (own.length === 0) continue;
    const accounts = touched.get(table) ?? new Map<string, StagedFile[]>();
    touched.set(table, accounts.set(id.account, [...(accounts.get(id.account) ?? []), ...own]));
  }
}

/**
 * Checks the months that a load touched, and keeps the results.
 * @returns the faults found, each in one line of counts and names
 */
export async function checkTouchedRows(
  touched: Touched,
  { engine, databases }: LoadTarget,
  { now, log }: Pick<LoadPorts, 'now' | 'log'>,
): Promise<readonly string[]> {
  const rows = [...touched].flatMap(([table, accounts]) =>
    [...accounts].map(([account, files]) => ({ table, account, files })),
  );
  if (rows.length === 0) return [];
  const results = await checkTouched(rows, { databases }, engine);
  await keepChecks(results, { scope: 'touched', checkedAt: now() }, { engine, databases });
  return reportFaults(results, log);
}

/** Logs each fault as an error. @returns their lines */
export function reportFaults(results: readonly CheckResult[], log: LoadPorts['log']): readonly string[] {
  return faultsIn(results).map(({ check, subject, source, account, message }) => {
    log('error', `check failed: ${message}`, { source, account, check: `${subject}: ${check}` });
    return message;
  });
}
