import { CallhouseError, type ExitCode } from '../errors.ts';
import { checkFreshness } from '../maintain/check-freshness.ts';
import { type CheckResult, checkTables } from '../maintain/check-tables.ts';
import { compactTables } from '../maintain/compact-tables.ts';
import type { MaintainPlan, MaintainPorts } from '../maintain/plan.ts';
import { sweepOrphans } from '../maintain/sweep-orphans.ts';
import { worstOf } from '../results.ts';

/** Result of one maintenance. */
export interface MaintainResult {
  /** Number of tables whose files were compacted and whose old snapshots were dropped. */
  readonly compacted: number;
  /** Number of objects deleted because no commit names them. */
  readonly removed: number;
  readonly checks: readonly CheckResult[];
  readonly error?: string | undefined;
  readonly exitCode: ExitCode;
}

/** Handles maintenance events: checks, removes orphans, compacts. A step that fails does not keep the others from running. */
export function maintainHandler(plan: MaintainPlan, ports: MaintainPorts) {
  return async (at: Date): Promise<MaintainResult> => {
    const errors: CallhouseError[] = [];
    const step = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof CallhouseError)) throw error;
        errors.push(error);
        return otherwise;
      }
    };
    const checks = [
      ...(await step(() => checkFreshness(plan, at, ports), [])),
      ...(await step(() => checkTables(plan, ports), [])),
    ];
    const removed = await step(() => sweepOrphans(plan, at, ports), 0);
    const compacted = await step(() => compactTables(plan, ports), 0);
    for (const { check, ok, seen } of checks) if (!ok) ports.log('error', `check failed: ${seen}`, { check });
    ports.log('info', 'maintained', { objects: removed, checks: checks.length });
    const error = errors.length > 0 ? errors.map(({ message }) => message).join('; ') : undefined;
    return { compacted, removed, checks, error, exitCode: worstOf(errors.map(({ exitCode }) => exitCode)) };
  };
}
