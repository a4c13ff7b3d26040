import { CallhouseError, type ExitCode } from '../errors.ts';
import { checkFreshness } from '../maintain/check-freshness.ts';
import { type CheckResult, checkTables } from '../maintain/check-tables.ts';
import { compactTables } from '../maintain/compact-tables.ts';
import type { MaintainPlan, MaintainPorts } from '../maintain/plan.ts';
import { sweepOrphans } from '../maintain/sweep-orphans.ts';
import { worstOf } from '../results.ts';

/** What one maintenance did. */
export interface MaintainResult {
  /** Tables whose files were compacted and old snapshots dropped. */
  readonly compacted: number;
  /** Objects removed that no commit names. */
  readonly removed: number;
  readonly checks: readonly CheckResult[];
  readonly error?: string;
  readonly exitCode: ExitCode;
}

/** Sweeps, compacts and checks; a step that fails leaves the others to be done. */
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
