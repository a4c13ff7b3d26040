/** One of several things to do, each of them in steps. */
export interface Turn {
  /** The turn with the least number goes first, a turn without one before all others. */
  readonly since: number | undefined;
  /** What a step changes. Two steps that change the same thing never run at the same time. */
  readonly changes: readonly unknown[];
}

/**
 * Runs steps of turns, at most `lanes` at the same time. Before each step it takes the turn that is furthest behind, so that what time
 * cuts off is least late.
 * @param step does one step. @returns the turn as it is after the step; undefined if it is done or has failed
 * @param isStopped true once no further step may begin
 * @returns the turns that are not done, because `isStopped`
 * @throws the first error of a step, after the steps in progress have ended
 */
export async function runInLanes<T extends Turn>(
  turns: readonly T[],
  lanes: number,
  step: (turn: T) => Promise<T | undefined>,
  isStopped: () => boolean,
): Promise<readonly T[]> {
  const waiting = [...turns];
  const changing = new Set<unknown>();
  const running = new Set<Promise<void>>();
  const run = async (turn: T) => {
    for (const thing of turn.changes) changing.add(thing);
    try {
      const next = await step(turn);
      if (next) waiting.push(next);
    } finally {
      for (const thing of turn.changes) changing.delete(thing);
    }
  };
  const take = () => {
    if (isStopped() || running.size === lanes) return undefined;
    waiting.sort((a, b) => (a.since ?? Number.NEGATIVE_INFINITY) - (b.since ?? Number.NEGATIVE_INFINITY));
    const index = waiting.findIndex(({ changes }) => !changes.some((thing) => changing.has(thing)));
    return index < 0 ? undefined : waiting.splice(index, 1)[0];
  };
  try {
    for (let turn = take(); turn || running.size > 0; turn = take()) {
      if (!turn) await Promise.race(running);
      else {
        const work: Promise<void> = run(turn).finally(() => running.delete(work));
        running.add(work);
      }
    }
  } finally {
    await Promise.allSettled(running);
  }
  return waiting;
}
