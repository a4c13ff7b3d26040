import { DATABASES } from '../../schemas/derive/databases.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { readLastCommit, readState } from '../lake/commit-log.ts';
import { countErasedNames } from '../lake/erasure-ledger.ts';
import type { StreamId } from '../lake/objects.ts';
import type { LoadPlan, StreamToLoad } from '../load/plan.ts';
import type { Engine, Store } from '../ports.ts';
import type { CheckResult } from './check-result.ts';

/**
 * Checks that the vendor counted no more records than the table had after the run that read the vendor's last total. Fewer are no
 * fault: a removed record stays until a second scan confirms that it is gone.
 */
export async function checkTotals(
  plan: LoadPlan,
  { engine, store }: { readonly engine: Engine; readonly store: Store },
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const stream of plan.streams) {
    if ((plan.accounts[stream.source] ?? []).length === 0) continue;
    const { rows } = await engine.query(totalsText(stream, plan));
    for (const [account, total, known] of rows) {
      const id = { source: stream.source, account: String(account), stream: stream.stream };
      const leftOut = await leftOutOf(id, store);
      const subject = stream.tables[0]?.name ?? '';
      const before = leftOut === 0 ? '' : `, and up to ${leftOut} are left out (before historyStart, or erased)`;
      results.push({
        ...{ check: 'vendor_total', source: id.source, account: id.account, subject, severity: 'warning' as const },
        found: Math.max(0, Number(total) - Number(known) - leftOut),
        message: `${subject}: the vendor counted ${total} records and the table had ${known}${before}; expected at least as many`,
      });
    }
  }
  return results;
}

/** Statement with one row per account: the vendor's last total of the stream, and the rows that the table had after that run. */
export function totalsText({ source, stream, tables }: StreamToLoad, { databases = DATABASES }: LoadPlan): string {
  const name = (table: string) => `${quoteName(databases.safe)}.${quoteName(table)}`;
  const counted = 'r._first_seen_at <= l.read_at AND (r._deleted_at IS NULL OR r._deleted_at > l.read_at)';
  return [
    `SELECT l.account AS account, max(l.total) AS total, count(CASE WHEN ${counted} THEN 1 END) AS known`,
    'FROM (',
    '  SELECT account, max_by(vendor_total, ended_at) AS total, max_by(window_to, ended_at) AS read_at',
    `  FROM ${name('loads')}`,
    `  WHERE source = ${quoteText(source)} AND stream = ${quoteText(stream)} AND status = 'ok'`,
    '    AND vendor_total IS NOT NULL AND window_to IS NOT NULL',
    '  GROUP BY account',
    `) l LEFT JOIN ${name(tables[0]?.name ?? '')} r ON r.account = l.account`,
    'GROUP BY l.account ORDER BY l.account',
  ].join('\n');
}

/** Records that the vendor may count and that are not stored: those that began before the setting `historyStart`, and erased ones. */
async function leftOutOf(id: StreamId, store: Store): Promise<number> {
  const { leftOut = {} } = readState(await readLastCommit(store, id), id);
  const counts = [...Object.values(leftOut), await countErasedNames(store, id)];
  return counts.reduce((sum, count) => sum + count, 0);
}
