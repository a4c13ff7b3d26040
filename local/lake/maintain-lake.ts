import { join } from 'node:path';
import { CallhouseError } from '../../functions/errors.ts';
import type { LoadPlan } from '../../functions/load/plan.ts';
import { deleteStaged } from '../../functions/maintain/delete-staged.ts';
import { sweepOrphans } from '../../functions/maintain/sweep-orphans.ts';
import type { Engine, Ports } from '../../functions/ports.ts';
import type { Settings } from '../../functions/settings.ts';
import type { DataDir } from '../settings/data-dir.ts';
import { onceADay } from './once-a-day.ts';

/** The lake to maintain, and the warehouse that loads it. */
export interface LakeToMaintain {
  readonly dir: DataDir;
  readonly plan: LoadPlan;
  readonly settings: Pick<Settings, 'retention'>;
}

/**
 * Deletes, at most once a day, what killed runs left behind a day ago or more, and staged files that every warehouse has loaded for
 * `retention.stagingDays`. A failure is only a warning, because the data is loaded.
 */
export async function maintainLake(
  { dir, plan, settings }: LakeToMaintain,
  ports: Pick<Ports, 'store' | 'log' | 'now' | 'random' | 'remainingMs'> & { readonly engine: Engine },
): Promise<void> {
  const { log, now } = ports;
  const { stagingDays } = settings.retention ?? {};
  const warn = (error: CallhouseError) => log('warn', `the lake was not cleaned completely: ${error.message}`);
  await onceADay(join(dir.path, '.maintained'), now(), async () => {
    const at = new Date(now());
    try {
      await sweepOrphans(plan, at, ports);
      if (stagingDays !== undefined) await deleteStaged({ ...plan, stagingDays }, at, ports, warn);
    } catch (error) {
      if (!(error instanceof CallhouseError)) throw error;
      warn(error);
    }
  });
}
