import { daysText } from './words.ts';

/** A range of ages: above the `most` of the range before, up to its own. */
export interface AgeRange {
  readonly label: string;
  /** d; undefined: any age. */
  readonly most: number | undefined;
  /** True if follow-ups of this age are beyond the target. */
  readonly isOverdue: boolean;
}

const BOUNDS = [1, 3, 7, 14, 30];

/** Ranges of the ages of follow-ups. The target is a bound, so that a range is beyond it as a whole or not at all. @param targetDays d */
export function agesFor(targetDays: number): readonly AgeRange[] {
  const bounds = [...new Set([...BOUNDS, targetDays])].sort((a, b) => a - b);
  const ranges = bounds.map((most, n): AgeRange => {
    const label = n === 0 ? `up to ${daysText(most)}` : `${bounds[n - 1]} to ${most} days`;
    return { label, most, isOverdue: most > targetDays };
  });
  return [...ranges, { label: `over ${bounds.at(-1)} days`, most: undefined, isOverdue: true }];
}
