import type { Digest } from '../../lake/digest.ts';
import type { ResumePoint, StreamState } from '../../lake/stream-state.ts';
import { type Partition, type SourceContext, type Stream, WHOLE_STREAM, type Window } from '../../source/source.ts';
import type { ReadSettings } from '../session/session.ts';
import { planCollection } from './plan-collection.ts';
import { planDaily } from './plan-daily.ts';
import { planPerParent } from './plan-per-parent.ts';

/** One read of some partitions of a stream, decided before anything is requested. */
export interface PlannedRead {
  /**
   * `sweep`: a full scan; `newest`: newest first, until known records older than `until`; `window`: a stretch that the vendor
   * filters; `parents`: one partition per parent record, each from its cursor; `days`: figures of a range of days.
   */
  readonly kind: 'sweep' | 'newest' | 'window' | 'parents' | 'days';
  readonly partitions: readonly Partition[];
  readonly window?: Window | undefined;
  /** The read goes back to this instant at least, ms. */
  readonly until?: number;
  /** Where a full scan that was cut continues. */
  readonly resume?: ResumePoint;
  /** Tiers (by how far they reach back) that count as read when this read is done. */
  readonly tiers: readonly string[];
  /** A backfill does not change the schedule. */
  readonly backfill?: boolean;
}

/** What a plan is made from. */
export interface PlanOptions {
  readonly stream: Stream;
  readonly state: StreamState;
  readonly digest: Digest;
  readonly siblings: SourceContext;
  /** Scheduled time of the run, ms. */
  readonly at: number;
  readonly settings: ReadSettings;
  /** The stretch that a backfill reads. */
  readonly window: Required<Window> | undefined;
}

/** The reads that are due at the run's scheduled time. */
export function planReads(options: PlanOptions): readonly PlannedRead[] {
  const { stream, siblings } = options;
  const partitions = [...(stream.partitions?.(siblings) ?? [WHOLE_STREAM])];
  if (stream.kind === 'collection') return [planCollection(stream, partitions, options)];
  if (stream.kind === 'per-parent') return planPerParent(stream, partitions, options);
  return planDaily(stream, partitions, options);
}
