import { DATABASES } from '../../schemas/derive/databases.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import type { View } from '../../schemas/views/view.ts';
import type { LoadPlan } from '../load/plan.ts';
import type { Engine } from '../ports.ts';
import type { CheckResult } from './check-result.ts';

/** Queries for oddities, by the view that each reads. Each gives check, source, account, number found, and what it means. */
const QUERIES: Readonly<Record<string, (view: string) => string>> = {
  data_quality: (view) => `SELECT issue, source, account, calls, meaning FROM ${view} ORDER BY source, account, issue`,
  kismet_metrics_reconciliation: (view) =>
    [
      "SELECT 'vendor_count' AS check_name, 'kismet' AS source, account, count(CASE WHEN difference <> 0 THEN 1 END) AS days,",
      `  ${quoteText('On complete days, the vendor counts another number of calls.')} AS meaning`,
      `FROM ${view} WHERE is_complete_day GROUP BY account ORDER BY account`,
    ].join('\n'),
};

/** Statement that lists the oddities of one view. @returns undefined if no oddity is read from it */
export function oddityText(
  { name }: Pick<View, 'name'>,
  { databases = DATABASES }: Pick<LoadPlan, 'databases'>,
): string | undefined {
  return QUERIES[name]?.(`${quoteName(databases.safe)}.${quoteName(name)}`);
}

/** Counts what vendors sent that is odd, by the views that count it. It is no fault of ours, and the views leave it out or show it. */
export async function checkOddities(
  plan: LoadPlan,
  views: readonly Pick<View, 'name'>[],
  { engine }: { readonly engine: Engine },
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const view of views) {
    const sql = oddityText(view, plan);
    const { rows } = sql === undefined ? { rows: [] } : await engine.query(sql);
    for (const [check, source, account, count, meaning] of rows)
      results.push({
        ...{ check: String(check), source: String(source), account: String(account), subject: view.name },
        ...{ severity: 'warning', found: Number(count), message: `${count} times: ${meaning}` },
      });
  }
  return results;
}
