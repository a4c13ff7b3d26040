import { durationMs } from '../../settings.ts';
import { HOUR_MS } from '../../time.ts';
import { markDeleted } from '../changes/mark-deleted.ts';
import type { PartitionOutcome } from '../pages/read-partition.ts';
import type { PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';
import { newRead, type Read } from './read.ts';
import { sumOfTotals } from './totals.ts';

/** After a full scan that proves nothing, the next one is due this soon. */
const UNPROVEN_MS = 6 * HOUR_MS;

/**
 * Reads every partition from its first page to its end: a full scan, or a window. If a full scan was consistent throughout, keys
 * it did not contain become deletion candidates (see `mark-deleted.ts`).
 */
export function readAll(session: StreamSession, plan: PlannedRead): Read {
  const { progress } = session;
  const { resume, partitions } = plan;
  const begin = Math.max(0, resume ? partitions.findIndex(({ id }) => id === resume.partition) : 0);
  const outcomes: PartitionOutcome[] = [];
  let isConsistent = plan.kind === 'sweep' && resume === undefined;
  return newRead(session, plan, {
    partitions: partitions.slice(begin),
    startPageOf: ({ id }) => (resume?.partition === id ? resume.page - 1 : undefined),
    requesting: ({ partition, page }) => continueAt(session, plan, partition.id, page),
    advance: ({ partition, number }) => continueAt(session, plan, partition.id, number + 1),
    provesAbsence: () => isConsistent,
    partitionDone(outcome) {
      if (outcome.scan) outcomes.push(outcome);
      if (outcome.failure || (outcome.scan && !outcome.isClean)) isConsistent = false;
    },
    async conclude(failed) {
      if (!plan.backfill) progress.updateState({ resume: undefined });
      // A full scan that could not read a partition stays due.
      if (plan.kind === 'sweep' && !failed) await concludeSweep(session, outcomes, isConsistent, resume !== undefined);
    },
  });
}

function continueAt({ progress }: StreamSession, plan: PlannedRead, partition: string, page: number): void {
  if (plan.backfill) return;
  const kind = plan.kind === 'sweep' ? 'sweep' : 'window';
  progress.updateState({
    resume: { kind, partition, page, ...(plan.until === undefined ? {} : { from: plan.until }) },
  });
}

async function concludeSweep(
  session: StreamSession,
  outcomes: readonly PartitionOutcome[],
  isConsistent: boolean,
  isResumed: boolean,
): Promise<void> {
  const { progress, at, settings, stream } = session;
  const isProof = isConsistent && progress.status() === 'ok';
  const candidates = isProof && stream.tables[0].removal === 'by-absence' ? await markDeleted(session, outcomes) : 0;
  const every = durationMs(settings.sweepEvery);
  const again = !isProof ? Math.min(UNPROVEN_MS, every) : candidates > 0 ? HOUR_MS : every;
  progress.setVendorTotal(
    sumOfTotals(outcomes.filter(({ partition }) => !partition.sweepOnly).map(({ scan }) => scan?.total())),
  );
  progress.updateState({
    // A resumed scan has not seen the partitions completely, so it says nothing about their order.
    order: isResumed ? progress.state().order : orderOf(session, outcomes),
    sweptAt: at,
    sweepDueAt: at + again,
  });
}

/** The field by which no partition contradicts the order newest first, and at least one shows it; else `none`. */
function orderOf({ stream }: StreamSession, outcomes: readonly PartitionOutcome[]): string {
  const orders = outcomes.flatMap(({ scan }) => (scan ? [scan.order] : []));
  const fields = stream.kind === 'collection' ? stream.order : [];
  const field = fields.find(
    (name) =>
      orders.every((order) => order.isNewestFirst(name)) && orders.some((order) => order.verified().includes(name)),
  );
  return field ?? 'none';
}
