/** Exit codes that the metric `RunOutcome` counts. The others are no failure, or a bug, which goes to the dead-letter queue. */
export const OUTCOMES = [2, 3, 4, 5] as const;

/** An exit code that the metric counts. */
export type CountedOutcome = (typeof OUTCOMES)[number];
