import type { ListUnavailableError } from '../../errors.ts';
import type { Partition } from '../../source/page.ts';
import { roundsOf } from '../follow/follow-stream.ts';
import { listPartitions, type PlannedRead, type PlanOptions, planCollection } from '../plan/plan.ts';
import { planDaily } from '../plan/plan-daily.ts';
import { planDetails } from '../plan/plan-details.ts';
import { planPerParent } from '../plan/plan-per-parent.ts';
import type { StreamSession } from '../session/session.ts';
import type { Read } from './read.ts';
import { readDays } from './read-days.ts';
import { readDetails } from './read-details.ts';
import { readNewest } from './read-newest.ts';
import { readParents } from './read-parents.ts';
import { readScan } from './read-scan.ts';
import { readWindow } from './read-window.ts';

const STRATEGIES = {
  sweep: readScan,
  window: readWindow,
  newest: readNewest,
  parents: readParents,
  details: readDetails,
  days: readDays,
};

/**
 * The reads of a stream that are due at the run's scheduled time, in order. If the stream lists partitions by another stream of which no
 * record is known, it fails, after the partitions that do not depend on that stream are read.
 */
export async function* dueReads(session: StreamSession): AsyncGenerator<Read> {
  const { progress, stream, whyUnlisted, id } = session;
  let unlisted: ListUnavailableError | undefined;
  try {
    for await (const own of session.follower ? roundsOf(session) : [session]) {
      const { partitions, listedBy } = await listPartitions(stream, own.siblings);
      [unlisted] = listedBy.flatMap((by) => whyUnlisted(id.stream, by) ?? []);
      if (unlisted && partitions.length === 0) return;
      if (stream.kind !== 'collection') await own.digest.cursors.load(partitions.map(({ id: partition }) => partition));
      yield* plannedReads(own, partitions);
    }
  } finally {
    // The first failure decides how the run ends, so one that ended a read is reported before this one.
    if (unlisted) progress.fail(unlisted);
  }
}

/**
 * The reads of a plan. If the only read is a full scan that an earlier run began, and this run finishes it, the list is scanned again:
 * new records may be on pages before the one at which this run continued. The first full scan of a stream is also repeated if a run that
 * was cut may have skipped records. That run would have read the list again at its end.
 */
function* plannedReads(session: StreamSession, partitions: readonly Partition[]): Generator<Read> {
  const { progress, at } = session;
  const plans = planReads({ ...session, state: progress.state() }, partitions);
  // A scan that comes first because it has waited has its turn now, even if it takes no page. Next time, what is new comes first again.
  if (plans.some(({ kind }) => kind === 'sweep'))
    progress.updateState({ scanWaits: plans[1]?.kind === 'sweep' || undefined });
  const { sweptAt, scan } = progress.state();
  const mayLack = sweptAt === undefined && (scan?.mayLack ?? scan?.position?.mayLack) === true;
  for (const plan of plans) {
    const from = plan.window?.from.getTime() ?? plan.until ?? null;
    const begin = (change: Pick<PlannedRead, 'repeatsFirst'> = {}) => {
      progress.setWindow({ from, to: plan.window?.to?.getTime() ?? at });
      return STRATEGIES[plan.kind](session, { ...plan, ...change });
    };
    const wasBegun = progress.state().scan !== undefined;
    yield begin();
    const isContinued = plan.kind === 'sweep' && wasBegun && progress.state().scan === undefined;
    if (isContinued && (plans.length === 1 || mayLack)) yield begin({ repeatsFirst: mayLack });
  }
}

/** The reads of these partitions that are due at the run's scheduled time. */
export function planReads(options: PlanOptions, partitions: readonly Partition[]): readonly PlannedRead[] {
  const { stream } = options;
  if (stream.kind === 'collection') return planCollection(stream, partitions, options);
  if (stream.kind === 'per-parent') return planPerParent(stream, partitions, options);
  if (stream.kind === 'details') return planDetails(stream, partitions, options);
  return planDaily(stream, partitions, options);
}
