import { viewsFor } from '../../schemas/views/views.ts';
import { checkAll } from '../check/check-all.ts';
import { reportFaults } from '../check/check-load.ts';
import type { CheckResult } from '../check/check-result.ts';
import { keepChecks } from '../check/keep-checks.ts';
import type { CallhouseError, ExitCode } from '../errors.ts';
import { tablesOfStreams } from '../load/plan.ts';
import { compactTables } from '../maintain/compact-tables.ts';
import { deleteStaged } from '../maintain/delete-staged.ts';
import { type MaintainPlan, type MaintainPorts, orReport } from '../maintain/plan.ts';
import { pruneVersions } from '../maintain/prune-versions.ts';
import { publishReport } from '../maintain/publish-report.ts';
import { sweepOrphans } from '../maintain/sweep-orphans.ts';
import { worstOf } from '../results.ts';

/** Result of one maintenance. */
export interface MaintainResult {
  /** Number of tables whose files were compacted and whose old snapshots were dropped. */
  readonly compacted: number;
  /** Number of objects deleted because no commit names them. */
  readonly removed: number;
  /** Number of staged files deleted because every warehouse has loaded them. */
  readonly staged: number;
  /** Number of old versions of tables deleted from the catalog. */
  readonly versions: number;
  /** True if the manager's page was written. */
  readonly report: boolean;
  readonly checks: readonly CheckResult[];
  readonly error?: string | undefined;
  readonly exitCode: ExitCode;
}

/** Handles maintenance events: checks, deletes what is no longer needed, compacts. A step that fails does not keep the others from running. */
export function maintainHandler(plan: MaintainPlan, ports: MaintainPorts) {
  return async (at: Date): Promise<MaintainResult> => {
    const errors: CallhouseError[] = [];
    const note = (error: CallhouseError) => {
      errors.push(error);
    };
    const step = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
      let result = otherwise;
      await orReport(note, async () => {
        result = await work();
      });
      return result;
    };
    const attempt = (check: () => Promise<readonly CheckResult[]>) => step(check, []);
    const views = viewsFor(tablesOfStreams(plan.streams), { timeZone: 'UTC' }, plan.databases);
    const checks = await checkAll({ plan, views, at, ...ports, attempt });
    reportFaults(checks, ports.log);
    const removed = await step(() => sweepOrphans(plan, at, ports), 0);
    const staged = await step(() => deleteStaged(plan, at, ports, note), 0);
    const before = await pruneVersions(plan, ports, note);
    // OPTIMIZE and a load that change one table at the same time would fail one another.
    const compacted = await step(
      () =>
        ports.betweenLoads(async () => {
          // A load writes into the table `checks` too.
          await orReport(note, () =>
            keepChecks(checks, { scope: 'all', checkedAt: ports.now() }, { ...plan, ...ports }),
          );
          return compactTables(plan, at, ports, note);
        }),
      0,
    );
    // Compaction changes tables too.
    const versions = before + (await pruneVersions(plan, ports, note));
    const report = await step(() => publishReport(plan, at, ports), false);
    ports.log('info', 'maintained', { objects: removed, files: staged, checks: checks.length });
    const error = errors.length > 0 ? [...new Set(errors.map(({ message }) => message))].join('; ') : undefined;
    const exitCode = worstOf(errors.map((failure) => failure.exitCode));
    return { compacted, removed, staged, versions, report, checks, error, exitCode };
  };
}
