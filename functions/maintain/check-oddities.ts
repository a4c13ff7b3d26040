import { quoteName } from '../../schemas/derive/sql-text.ts';
import type { View } from '../../schemas/views/view.ts';
import type { LoadPlan } from '../load/plan.ts';
import { databasesIn, type MaintainPorts } from './plan.ts';

/** Something odd that a vendor sent. It is no fault of ours, and the views already leave it out or show it. */
export interface Oddity {
  readonly source: string;
  readonly account: string;
  /** Word for it: an issue of the view `data_quality`, or `vendor_count`. */
  readonly issue: string;
  /** What it means; names only. */
  readonly meaning: string;
  /** Number of calls, or of days for `vendor_count`. */
  readonly count: number;
}

/** Queries for oddities, by the view that each reads. Each gives source, account, issue, meaning and count. */
const QUERIES: Readonly<Record<string, (view: string) => string>> = {
  data_quality: (view) => `SELECT source, account, issue, meaning, calls FROM ${view} ORDER BY source, account, issue`,
  kismet_metrics_reconciliation: (view) =>
    [
      "SELECT 'kismet' AS source, account, 'vendor_count' AS issue,",
      "  'On complete days, the vendor counts another number of calls.' AS meaning, count(*) AS days",
      `FROM ${view} WHERE is_complete_day AND difference <> 0 GROUP BY account ORDER BY account`,
    ].join('\n'),
};

/** Statement that lists the oddities of one view. @returns undefined if no oddity is read from it */
export function oddityText({ name }: Pick<View, 'name'>, plan: LoadPlan): string | undefined {
  return QUERIES[name]?.(`${quoteName(databasesIn(plan).safe)}.${quoteName(name)}`);
}

/** Lists what vendors sent that is odd, by the views that count it. */
export async function checkOddities(
  plan: LoadPlan,
  views: readonly Pick<View, 'name'>[],
  { engine }: Pick<MaintainPorts, 'engine'>,
): Promise<readonly Oddity[]> {
  const found: Oddity[] = [];
  for (const view of views) {
    const sql = oddityText(view, plan);
    const { rows } = sql === undefined ? { rows: [] } : await engine.query(sql);
    for (const [source, account, issue, meaning, count] of rows)
      found.push({
        ...{ source: String(source), account: String(account), issue: String(issue), meaning: String(meaning) },
        count: Number(count),
      });
  }
  return found;
}
