import { periodOf, readAccounts, readFacts } from '../../functions/report/read-facts.ts';
import { reportPage } from '../../functions/report/report-page.ts';
import type { ReportRequest } from '../../functions/report/report-request.ts';
import { firstDayNeeded } from '../../functions/report/statements.ts';
import { targetsOf } from '../../schemas/views/view-settings.ts';
import { askOf, RECENT, type SafeHalf, withRecentCalls } from './recent-calls.ts';

/** Name under which queries find the safe half: a schema of the warehouse, or the database that is its copy. */
const WHOLE = 'callhouse';

/** Makes the manager's page from a warehouse or from its copy. */
export async function makeReport(half: SafeHalf, request: ReportRequest): Promise<string> {
  const { connection } = half;
  const { tables, views } = request;
  const ask = askOf(connection);
  const period = periodOf(await readAccounts(ask, request, WHOLE), request);
  if (!period) return reportPage(await readFacts(ask, request, { recent: WHOLE, whole: WHOLE }), request);
  const first = firstDayNeeded(period, targetsOf(views).repeatDays);
  const facts = await withRecentCalls(half, { first, tables, views }, () =>
    readFacts(ask, request, { recent: RECENT, whole: WHOLE }),
  );
  return reportPage(facts, request);
}
