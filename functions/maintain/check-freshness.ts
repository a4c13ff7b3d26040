import type { LoadPlan } from '../load/plan.ts';
import type { CheckResult } from './check-tables.ts';
import { freshnessMinutes } from './freshness.ts';
import { accountsIn, type MaintainPorts } from './plan.ts';

/** Whatever the schedules are, each stream should have had a complete run within a day. */
const LONGEST_MINUTES = 24 * 60;

/** Checks that each account had a complete run within a day. An account that never ran passes here; it has its own alarm. */
export async function checkFreshness(
  plan: LoadPlan,
  at: Date,
  { store }: MaintainPorts,
): Promise<readonly CheckResult[]> {
  const checks: CheckResult[] = [];
  for (const { source, account, streams } of accountsIn(plan)) {
    const names = streams.map(({ stream }) => stream);
    const minutes = await freshnessMinutes({ source, account, streams: names }, at.getTime(), store);
    const seen = `${source}, account ${account}: the oldest last complete run of a stream was ${minutes ?? 0} minutes ago`;
    checks.push({ check: `account ${source}/${account}: freshness`, ok: (minutes ?? 0) <= LONGEST_MINUTES, seen });
  }
  return checks;
}
