import { OutOfTimeError } from '../errors.ts';
import type { LoadPlan } from '../load/plan.ts';
import { type MaintainPorts, orReport, type ReportError, type TableVersions } from './plan.ts';
import { type TableName, tablesToMaintain } from './tables-to-maintain.ts';

/** Newest versions to keep of each table: enough to see in the console what changed last. */
const KEPT = 10;
/** Glue deletes at most so many versions in one request. */
const AT_ONCE = 100;
/** No table is begun with less time left. */
const LAST_TABLE_MS = 15_000;

/**
 * Deletes all but the 10 newest versions that the catalog keeps of each table. A table that fails leaves the others.
 * @returns the number of versions deleted
 */
export async function pruneVersions(plan: LoadPlan, ports: MaintainPorts, report: ReportError): Promise<number> {
  const { versions, remainingMs, log } = ports;
  if (!versions) return 0;
  let deleted = 0;
  for (const table of tablesToMaintain(plan)) {
    const pruned = await orReport(report, async () => {
      if (remainingMs() < LAST_TABLE_MS)
        throw new OutOfTimeError(
          'the time of this run is used up before the versions of all tables were pruned; the next maintenance continues',
        );
      for await (const count of pruneTable(table, versions)) deleted += count;
    });
    if (!pruned && remainingMs() < LAST_TABLE_MS) break;
  }
  log('info', 'deleted old versions of tables', { objects: deleted });
  return deleted;
}

/**
 * Deletes versions while they are listed, so that a table with very many is pruned as far as time allows. Glue promises no order, so a
 * version is old once 10 greater ones were seen.
 * @returns after each request, the number of versions deleted
 */
async function* pruneTable({ database, name }: TableName, versions: TableVersions): AsyncGenerator<number> {
  let newest: number[] = [];
  let old: number[] = [];
  for await (const page of versions.list(database, name)) {
    const seen = [...newest, ...page].sort((a, b) => b - a);
    newest = seen.slice(0, KEPT);
    old.push(...seen.slice(KEPT));
    for (; old.length >= AT_ONCE; old = old.slice(AT_ONCE)) {
      await versions.delete(database, name, old.slice(0, AT_ONCE));
      yield AT_ONCE;
    }
  }
  if (old.length > 0) await versions.delete(database, name, old);
  yield old.length;
}
