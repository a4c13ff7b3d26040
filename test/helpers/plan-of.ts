import type { PlannedRead, PlanOptions } from '../../functions/extract/plan/plan.ts';
import { planReads } from '../../functions/extract/reads/due-reads.ts';
import { newDigest } from '../../functions/lake/digest.ts';
import type { StreamState } from '../../functions/lake/stream-state.ts';
import { WHOLE_STREAM } from '../../functions/source/page.ts';
import { siblingsWith } from './siblings.ts';

/** When the run of a plan is due, ms, unless the options say otherwise. */
export const PLAN_AT = Date.parse('2026-11-21T09:30:00Z');
/** Settings that leave the defaults. */
export const PLAN_SETTINGS = { tiers: undefined, sweepEvery: '3d', historyDay: undefined };

/** State of a stream that was never read. */
export const planState = (more: Partial<StreamState> = {}): StreamState => ({ tiers: {}, redact: [], ...more });

/** A digest with one record. */
const oneRecord = () => newDigest({ entries: new Map([['a', { contentHash: 'h', partOn: 1, firstSeenAt: 1 }]]) });

/** The reads that are due. @default no setting is set; one record is known after a full scan, and nothing before */
export function planOf({
  stream,
  siblings = siblingsWith(),
  ...options
}: Partial<PlanOptions> & Pick<PlanOptions, 'stream'>): readonly PlannedRead[] {
  const digest = options.state?.sweptAt === undefined ? newDigest() : oneRecord();
  const known = { state: planState(), digest, settings: PLAN_SETTINGS, window: undefined, at: PLAN_AT };
  return planReads({ ...known, stream, siblings, ...options }, [...(stream.partitions?.(siblings) ?? [WHOLE_STREAM])]);
}
