import type { View } from '../../schemas/views/view.ts';
import type { Engine } from '../ports.ts';
import { counted } from '../report/words.ts';
import type { CheckResult } from './check-result.ts';

/** Counts what vendors sent that is odd, as the views declare it. It is no fault of ours, and the views leave it out or show it. */
export async function checkOddities(
  views: readonly Pick<View, 'name' | 'oddities'>[],
  { engine }: { readonly engine: Engine },
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { name, oddities } of views) {
    const { rows } = oddities === undefined ? { rows: [] } : await engine.query(oddities);
    for (const [check, source, account, count, meaning] of rows)
      results.push({
        ...{ check: String(check), source: String(source), account: String(account), subject: name },
        ...{ severity: 'warning', found: Number(count), message: `${counted(Number(count), 'time')}: ${meaning}` },
      });
  }
  return results;
}
