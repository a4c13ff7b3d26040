import { WHOLE_STREAM } from '../../source/page.ts';
import { type PlannedRead, type PlanOptions, planCollection } from '../plan/plan.ts';
import { planDaily } from '../plan/plan-daily.ts';
import { planPerParent } from '../plan/plan-per-parent.ts';
import type { StreamSession } from '../session/session.ts';
import type { Read } from './read.ts';
import { readAll } from './read-all.ts';
import { readDays } from './read-days.ts';
import { readNewest } from './read-newest.ts';
import { readParents } from './read-parents.ts';

const STRATEGIES = {
  sweep: readAll,
  window: readAll,
  newest: readNewest,
  parents: readParents,
  days: readDays,
};

/** The reads of a stream that are due at the run's scheduled time, in order. */
export function* dueReads(session: StreamSession): Generator<Read> {
  const { progress, at } = session;
  for (const plan of planReads({ ...session, state: progress.state() })) {
    const from = plan.window?.from.getTime() ?? plan.until ?? null;
    progress.setWindow({ from, to: plan.window?.to?.getTime() ?? at });
    yield STRATEGIES[plan.kind](session, plan);
  }
}

/** The reads that are due at the run's scheduled time. */
export function planReads(options: PlanOptions): readonly PlannedRead[] {
  const { stream, siblings } = options;
  const partitions = [...(stream.partitions?.(siblings) ?? [WHOLE_STREAM])];
  if (stream.kind === 'collection') return [planCollection(stream, partitions, options)];
  if (stream.kind === 'per-parent') return planPerParent(stream, partitions, options);
  return planDaily(stream, partitions, options);
}
