import { tablesOfStreams } from '../load/plan.ts';
import { readFacts } from '../report/read-facts.ts';
import { reportPage } from '../report/report-page.ts';
import { databasesIn, type MaintainPlan, type MaintainPorts } from './plan.ts';

/** Key of the manager's page in the store of readers. */
export const REPORT_KEY = 'report/report.html';

/**
 * Writes the manager's page for readers of the safe database, if the plan has one.
 * @param at when it is made
 * @returns true if it was written
 */
export async function publishReport(
  plan: MaintainPlan,
  at: Date,
  { engine, safeStore }: Pick<MaintainPorts, 'engine' | 'safeStore'>,
): Promise<boolean> {
  if (!plan.report || !safeStore) return false;
  const { safe } = databasesIn(plan);
  const tables = tablesOfStreams(plan.streams);
  const request = { ...plan.report, tables, at };
  const facts = await readFacts((sql) => engine.query(sql), request, { recent: safe, whole: safe });
  await safeStore.put(REPORT_KEY, Buffer.from(reportPage(facts, request)), { replace: true });
  return true;
}
