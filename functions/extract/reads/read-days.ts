import { columnIndex } from '../../../schemas/layout.ts';
import type { PartitionCursor } from '../../lake/digest/digest-entry.ts';
import type { Partition, Window } from '../../source/page.ts';
import type { Stream } from '../../source/source.ts';
import { dayOf } from '../../time.ts';
import type { PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';
import { newRead, type Read } from './read.ts';
import { watchSameFigures } from './same-figures.ts';

/** Reads the figures of a range of days for each partition. */
export function readDays(session: StreamSession, plan: PlannedRead): Read {
  const { digest, at } = session;
  const { window, backfill } = plan;
  const isHistory = (window?.to?.getTime() ?? at) < at;
  const lastDay = plan.lastDay ?? dayOf(window?.to?.getTime() ?? at);
  const dayOfRow = dayReader(session.stream);
  const shown = new Set<string>();
  const same = watchSameFigures(session);
  // An older range continues one that was read: history without a gap is what the cursor says.
  const isNext = ({ id }: Partition) =>
    backfill || plan.isSecondLook || !isHistory || adjoins(digest.cursors.get(id), lastDay);
  return newRead(session, plan, {
    isConcurrent: true,
    partitions: plan.partitions.filter(isNext),
    keeps(values, { id }) {
      const isKept = (dayOfRow(values) ?? lastDay) <= lastDay;
      if (isKept) shown.add(id);
      return isKept;
    },
    partitionDone({ partition: { id }, scan, failure }) {
      const known = digest.cursors.get(id);
      if (backfill || failure) return;
      if (plan.isSecondLook) {
        if (known) digest.setCursor(id, seenAgain(known, startOf(window, at)));
        return;
      }
      // The vendor has no such figures now (404): they are requested again when the next tier is due.
      if (!scan) digest.setCursor(id, known ?? { readAt: at });
      else {
        const cursor = isHistory ? extended(known, window, at) : renewed(known, window, at);
        digest.setCursor(
          id,
          shown.has(id) ? cursor : withEmpty(cursor, { known, from: startOf(window, at), to: lastDay, at }),
        );
      }
    },
    advance: same.see,
    conclude: same.conclude,
  });
}

/** Reads the day of a row, days since the epoch, if it has a column of days. */
function dayReader({ window, tables: [table] }: Stream): (values: readonly unknown[]) => number | undefined {
  const { by = '' } = window ?? {};
  if (table.columns[by]?.type !== 'date') return () => undefined;
  const at = columnIndex(table)(by);
  return (values) => {
    const day = values[at];
    return typeof day === 'number' ? day : undefined;
  };
}

/** True if the range ends on the day before the one from which the partition was read, or later. */
function adjoins(cursor: PartitionCursor | undefined, lastDay: number): boolean {
  return cursor?.readFrom !== undefined && lastDay >= cursor.readFrom - 1;
}

function extended(known: PartitionCursor | undefined, window: Window | undefined, at: number): PartitionCursor {
  return { readAt: at, ...known, readFrom: startOf(window, at) };
}

/** If days lie between the last read and this range, only this range counts as read. */
function renewed(known: PartitionCursor | undefined, window: Window | undefined, at: number): PartitionCursor {
  const from = startOf(window, at);
  // The day of a run is not over when it is read.
  const isUnbroken = known?.readFrom !== undefined && dayOf(known.readAt) >= from;
  const empty = known?.empty && { empty: known.empty };
  return { readAt: at, readFrom: isUnbroken ? Math.min(known.readFrom, from) : from, ...empty };
}

interface EmptyRange {
  /** The cursor before the range was read. */
  readonly known: PartitionCursor | undefined;
  /** First and last day. */
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

/** Notes a range without figures that was read for the first time; a tier's is read again at each of its times. */
function withEmpty(cursor: PartitionCursor, { known, from, to, at }: EmptyRange): PartitionCursor {
  if (known?.readFrom !== undefined && from >= known.readFrom) return cursor;
  const { empty } = cursor;
  return {
    ...cursor,
    empty: { from: Math.min(from, empty?.from ?? from), to: Math.max(to, empty?.to ?? to), readAt: at },
  };
}

/** The cursor after a second look at days from this one on. */
function seenAgain({ empty, ...cursor }: PartitionCursor, from: number): PartitionCursor {
  return empty && from > empty.from ? { ...cursor, empty: { ...empty, to: from - 1 } } : cursor;
}

function startOf(window: Window | undefined, at: number): number {
  return dayOf(window?.from.getTime() ?? at);
}
