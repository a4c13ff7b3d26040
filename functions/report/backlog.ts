import type { Context } from './context.ts';
import { hiddenRows } from './suppress.ts';

/** Open follow-ups. */
export interface Backlog {
  readonly open: number;
  /** Older than the target. */
  readonly overdue: number;
  /** Age of the oldest, d; null if unknown. */
  readonly oldest: number | null;
  /** True if the number beyond the target, or of the others, is too small to be shown. */
  readonly isSplitHidden: boolean;
  /** True if a vendor has such a queue. */
  readonly isTold: boolean;
}

/** Adds up the follow-ups of all ages. */
export function backlogOf({ facts: { followUps }, request, tellers }: Context): Backlog {
  const open = followUps.reduce((sum, age) => sum + age.open, 0);
  const overdue = followUps.reduce((sum, age) => sum + age.overdue, 0);
  const ages = followUps.flatMap(({ oldest }) => (oldest === null ? [] : [oldest]));
  return {
    ...{ open, overdue, oldest: ages.length === 0 ? null : Math.max(...ages) },
    isSplitHidden: hiddenRows([[overdue], [open - overdue]], request.minimumCell).size > 0,
    isTold: tellers('needs_follow_up') !== '',
  };
}
