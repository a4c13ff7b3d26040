import type { LoadPlan } from '../load/plan.ts';
import { freshnessMinutes } from '../maintain/freshness.ts';
import { streamsByAccount } from '../maintain/plan.ts';
import type { Store } from '../ports.ts';
import { lag } from '../report/words.ts';
import { MINUTE_MS } from '../time.ts';
import type { CheckResult } from './check-result.ts';

/** Whatever the schedules are, each stream should have had a complete run within a day. */
const LONGEST_MINUTES = 24 * 60;

/** Checks that each account that is extracted had a complete run within a day. An account that never ran has no result; it has its own alarm. */
export async function checkFreshness(
  plan: LoadPlan,
  at: Date,
  { store }: { readonly store: Store },
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  const { streams: all, accounts, extracted = accounts } = plan;
  for (const { source, account, streams } of streamsByAccount({ streams: all, accounts: extracted })) {
    for (const { stream } of streams) {
      const minutes = await freshnessMinutes({ source, account, streams: [stream] }, at.getTime(), store);
      if (minutes === undefined) continue;
      results.push({
        ...{ check: 'freshness', source, account, subject: stream, severity: 'warning' as const },
        found: minutes > LONGEST_MINUTES ? 1 : 0,
        message: `${stream}: the last complete run was ${lag(minutes * MINUTE_MS)} ago; expected one within a day`,
      });
    }
  }
  return results;
}
