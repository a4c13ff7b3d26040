import type { Partition } from '../../source/page.ts';
import { DAY_MS, dayOf } from '../../time.ts';
import type { PartitionOutcome } from '../pages/read-guide.ts';
import type { PlannedRead } from '../plan/plan.ts';
import { isStale } from '../plan/plan-per-parent.ts';
import type { StreamSession } from '../session/session.ts';
import { newRead, type Read } from './read.ts';

/** Reads the partition of each parent record from the day before its newest record. */
export function readParents(session: StreamSession, plan: PlannedRead): Read {
  const { digest, stream, siblings, progress, at } = session;
  const parents = siblings.recordsOf(stream.kind === 'per-parent' ? stream.parent : '');
  return newRead(session, plan, {
    isConcurrent: true,
    windowOf: ({ id }: Partition) => {
      const cursor = digest.cursors.get(id);
      const day = plan.backfill || (cursor && isStale(cursor, progress.state())) ? undefined : cursor?.newestDay;
      // A run with a wrong time may have noted a day that is still to come.
      return day === undefined ? undefined : { from: new Date((Math.min(day, dayOf(at)) - 1) * DAY_MS) };
    },
    async partitionDone(outcome) {
      const { partition, keys, isShort, failure } = outcome;
      // A partition with too few records is read again from where it was read before.
      if (failure || plan.backfill || isShort) return;
      const known = digest.cursors.get(partition.id);
      const before = known?.newestDay;
      // The cursor's day covers the entries that were known before, and entries that are new are in memory.
      if (before === undefined) await digest.entries.load(keys);
      // If the list was not shown completely, the rest of it is older: the next read must not begin after it.
      const newestDay = isWhole(outcome) ? latest(before, newestDayOf(session, keys)) : before;
      // If a list does not exist (404), the next run requests it again. If it is still missing, it counts as read.
      const isInDoubt = !outcome.scan && (known === undefined || known.parentHash !== undefined);
      const parentHash = isInDoubt ? undefined : parents.get(partition.id)?.contentHash;
      digest.setCursor(partition.id, {
        readAt: at,
        ...(newestDay === undefined ? {} : { newestDay }),
        ...(parentHash === undefined ? {} : { parentHash }),
      });
      session.follower?.noteRead(partition.id, parents.get(partition.id));
    },
    conclude(failed) {
      if (!failed && !plan.backfill) progress.updateState({ ranAt: at });
    },
  });
}

/**
 * True if nothing contradicts that the list has shown everything. It may have shown only a part, in an earlier scan, before the vendor
 * said that it does not exist (404).
 */
function isWhole({ scan, keys }: PartitionOutcome): boolean {
  if (!scan || scan.keys.size < keys.size) return false;
  return !scan.isDoubtful() && !scan.endedByRepeat() && !scan.totalFell() && !scan.isDisordered();
}

/** Day of the newest record, at most that of this run: after a date in the future, the next read would leave out records. */
function newestDayOf({ digest, at }: StreamSession, keys: ReadonlySet<string>): number | undefined {
  let newest: number | undefined;
  for (const key of keys) newest = latest(newest, digest.entries.peek(key)?.partOn);
  return newest === undefined ? undefined : Math.min(newest, dayOf(at));
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : Math.max(one, other ?? one);
}
