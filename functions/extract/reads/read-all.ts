import { ContractError } from '../../errors.ts';
import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import { DELETED, isPrint } from '../../lake/digest/fingerprint.ts';
import type { Hash64 } from '../../lake/digest/shard.ts';
import type { ResumePoint } from '../../lake/stream-state.ts';
import type { PageRequest, Window } from '../../source/page.ts';
import { DAY_MS, dayOf, durationMs, HOUR_MS } from '../../time.ts';
import { groupOf, isProvenAt, missedFirst, removeProven, type ScanTime } from '../changes/hold-removals.ts';
import { commitIfFull } from '../commit/commit-stream.ts';
import type { PartitionOutcome } from '../pages/read-guide.ts';
import { historyStart, type PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';
import { newRead, type Read, sumOfTotals } from './read.ts';

/** After a full scan that proves nothing, the next one is due this soon. */
const UNPROVEN_MS = 6 * HOUR_MS;

/**
 * Reads every partition from its first page to its end: a full scan, or a window. If a full scan was consistent throughout, keys
 * it did not contain become deletion candidates (see {@link markDeleted}).
 */
export function readAll(session: StreamSession, plan: PlannedRead): Read {
  const { progress } = session;
  const { resume, partitions } = plan;
  const begin = Math.max(0, resume ? partitions.findIndex(({ id }) => id === resume.partition) : 0);
  const outcomes: PartitionOutcome[] = [];
  let isConsistent = plan.kind === 'sweep' && resume === undefined;
  let hasFailed = resume?.failed ?? false;
  // A scan that an earlier version began says nothing about when that was.
  const began = resume ? (resume.began ?? 0) : session.at;
  const keptFrom = latest(resume?.keptFrom, historyStart(session));
  const continueAt = ({ partition, page, window, next: token }: ContinueAt) => {
    if (plan.backfill) return;
    progress.updateState({
      resume: {
        kind: plan.kind === 'sweep' ? 'sweep' : 'window',
        partition: partition.id,
        page,
        ...(window && plan.kind === 'sweep' ? { window: msOf(window) } : {}),
        ...(plan.until === undefined ? {} : { from: plan.until }),
        ...(token === undefined ? {} : { token }),
        ...(hasFailed ? { failed: true } : {}),
        ...(plan.kind === 'sweep' ? { began } : {}),
        ...(keptFrom === undefined ? {} : { keptFrom }),
      },
    });
  };
  return newRead(session, plan, {
    partitions: partitions.slice(begin),
    startWindowOf: ({ id }) => (resume?.partition === id ? resume.window && datesOf(resume.window) : undefined),
    startPageOf: ({ id }) => (resume?.partition === id ? resume.page - 1 : undefined),
    startTokenOf: ({ id }) => (resume?.partition === id ? resume.token : undefined),
    requesting(request) {
      // A list with tokens continues at the last page that was taken, because its token is known.
      if (request.next === undefined) continueAt(request);
    },
    advance({ number, scan, token }) {
      continueAt({ ...scan.request(), page: scan.resumeAfter(number), next: token });
    },
    provesAbsence: () => isConsistent,
    partitionDone(outcome) {
      if (outcome.scan) outcomes.push(outcome);
      if (outcome.failure && plan.kind === 'sweep') hasFailed = true;
      if (outcome.failure || (outcome.scan && !outcome.isClean)) isConsistent = false;
      if (outcome.isSplit && progress.state().hasOutsideWindows) isConsistent = false;
    },
    async conclude(failed) {
      // After a failed window, the next run reads back as far; a full scan stays due.
      if (!plan.backfill && !(failed && plan.kind === 'window')) progress.updateState({ resume: undefined });
      // A full scan that could not read a partition stays due, also if a partition failed before the scan was cut.
      if (plan.kind !== 'sweep' || hasFailed || failed) return;
      const isEmpty = outcomes.every(({ keys }) => keys.size === 0);
      if (session.stream.skipWhenOptionSet !== undefined && isEmpty) return progress.fail(emptyList(session));
      await concludeSweep(session, outcomes, { isConsistent, isResumed: resume !== undefined, reach: plan.window });
      if (!resume) session.texts.forgetEarlier();
      progress.updateState({ sweepBegan: began, keptFrom, leftOut: leftOut(session, outcomes) });
    },
  });
}

/** The list names what other streams read, so an empty one would look like an account without data. */
function emptyList({ stream, id }: StreamSession): ContractError {
  return new ContractError(`${stream.path}: the list has no record with a key; expected at least one`, id);
}

/** Where a read that is cut continues. */
interface ContinueAt extends Pick<PageRequest, 'partition' | 'page' | 'window'> {
  /** Token of the last page that was taken. */
  readonly next?: string | undefined;
}

function msOf({ from, to }: Window): NonNullable<ResumePoint['window']> {
  return { from: from.getTime(), ...(to && { to: to.getTime() }) };
}

function datesOf({ from, to }: NonNullable<ResumePoint['window']>): Window {
  return { from: new Date(from), ...(to === undefined ? {} : { to: new Date(to) }) };
}

/** What is known of a full scan besides its partitions. */
interface Sweep {
  readonly isConsistent: boolean;
  readonly isResumed: boolean;
  /** What it covered; undefined for everything. */
  readonly reach: Window | undefined;
}

async function concludeSweep(
  session: StreamSession,
  outcomes: readonly PartitionOutcome[],
  { isConsistent, isResumed, reach }: Sweep,
): Promise<void> {
  const { progress, at, settings, stream } = session;
  const candidates =
    isConsistent && stream.tables[0].removal === 'by-absence' ? await markDeleted(session, outcomes, reach) : 0;
  const every = durationMs(settings.sweepEvery);
  const again = !isConsistent ? Math.min(UNPROVEN_MS, every) : candidates > 0 ? HOUR_MS : every;
  progress.setVendorTotal(
    sumOfTotals(
      outcomes
        .filter(({ partition }) => !partition.sweepOnly)
        .map(({ scan, isSplit }) => (isSplit ? undefined : scan?.total())),
    ),
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

function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

/** Records that each partition showed and that are not known, because they began before history does. */
function leftOut({ digest, progress, ...session }: StreamSession, outcomes: readonly PartitionOutcome[]) {
  if (historyStart(session) === undefined) return undefined;
  const counts = { ...progress.state().leftOut };
  for (const { partition, keys, isClean } of outcomes) {
    if (!isClean) continue;
    let count = 0;
    for (const key of keys) if (!digest.entries.has(key)) count += 1;
    counts[partition.id] = count;
  }
  return counts;
}

/**
 * Draws the conclusions of a consistent full scan: a key that it did not contain becomes a deletion candidate; a candidate of an
 * earlier run is marked deleted, or held if there are too many of them.
 * @param outcomes the partitions that were read completely; a key of another partition proves nothing by its absence
 * @param reach what the scan covered, if the vendor requires windows; a record outside proves nothing by its absence
 * @returns how many candidates are left to be confirmed
 */
export async function markDeleted(
  session: StreamSession,
  outcomes: readonly PartitionOutcome[],
  reach?: Window,
): Promise<number> {
  const { digest, at, stream } = session;
  const partitions = new Set(outcomes.map(({ partition }) => partition.id));
  const isPartitioned = stream.partitions !== undefined && stream.skipMissingPartition === true;
  const proven = new Map<string, string>();
  let candidates = 0;
  const missed = {
    settled: (print: Hash64, mark: number) => mark === 0 && !isPrint(print, DELETED),
    recent: (key: string, { deletedAt }: DigestEntry) => deletedAt === undefined && !digest.isShown(key),
  };
  for await (const batch of digest.entries.batches(missed)) {
    for (const [key, entry] of batch) {
      if (isPartitioned && !partitions.has(entry.group ?? '')) continue;
      if (reach && !isWithin(entry, reach, session)) continue;
      const since = candidateSince(entry, session);
      if (since === undefined) digest.set(key, { ...entry, missingSince: at, missingSinceClock: session.clock() });
      if (since !== undefined && isProvenAt({ at, clock: session.clock() }, since)) proven.set(key, groupOf(entry));
      else candidates += 1;
    }
    digest.release();
    await commitIfFull(session);
  }
  if (proven.size > 0 || session.progress.state().held) await removeProven(session, proven);
  return candidates;
}

/**
 * True if the record began within the windows of a scan: on one of their days, where the vendor's time zone may take the first one
 * away, and before the scan, because an earlier run saw it.
 */
function isWithin({ partOn, firstSeenAt }: DigestEntry, { from }: Window, { at, stream }: StreamSession): boolean {
  const firstDay = Math.ceil(from.getTime() / DAY_MS) + (stream.window?.as === 'day' ? 1 : 0);
  return partOn >= firstDay && partOn <= dayOf(at) && firstSeenAt <= at;
}

/** A candidate noted for a later time than this run's was noted by a run with a wrong time, and counts as none. */
function candidateSince(entry: DigestEntry, { at, clock }: StreamSession): ScanTime | undefined {
  const since = missedFirst(entry);
  return since === undefined || since.at > at || since.clock > clock() ? undefined : since;
}
