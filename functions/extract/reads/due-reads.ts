import { planReads } from '../plan/plan.ts';
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
