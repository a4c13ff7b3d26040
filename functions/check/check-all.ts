import type { View } from '../../schemas/views/view.ts';
import type { LoadPlan } from '../load/plan.ts';
import type { Engine, Store } from '../ports.ts';
import { checkFreshness } from './check-freshness.ts';
import { checkOddities } from './check-oddities.ts';
import type { CheckResult } from './check-result.ts';
import { checkTables } from './check-tables.ts';
import { checkTotals } from './check-totals.ts';

/** What is checked completely, and as of when. */
export interface CheckAllOptions {
  readonly plan: LoadPlan;
  readonly views: readonly Pick<View, 'name' | 'oddities'>[];
  /** The time to count back from. */
  readonly at: Date;
  readonly engine: Engine;
  readonly store: Store;
  /** Runs one kind of check; may leave it out if it fails. @default throws what it throws */
  readonly attempt?: (check: () => Promise<readonly CheckResult[]>) => Promise<readonly CheckResult[]>;
}

/** Makes every check of everything that is loaded. */
export async function checkAll(options: CheckAllOptions): Promise<readonly CheckResult[]> {
  const { plan, views, at, attempt = (check) => check() } = options;
  return [
    ...(await attempt(() => checkFreshness(plan, at, options))),
    ...(await attempt(() => checkTables(plan, options))),
    ...(await attempt(() => checkTotals(plan, options))),
    ...(await attempt(() => checkOddities(views, options))),
  ];
}
