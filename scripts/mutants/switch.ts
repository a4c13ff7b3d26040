/** Which mutant is active and which were executed. The instrumented code calls the two functions that `installSwitch` makes global. */
export interface MutantSwitch {
  active: string | undefined;
  /** Executions of the active mutant, and how many end it: a loop that a mutant made endless. */
  hits: number;
  limit: number;
  /** Where executions are counted by mutant; undefined if they are not. */
  counts: Map<string, number> | undefined;
}

/** Makes global what the instrumented code calls. Call it before the code is imported. */
export function installSwitch(): MutantSwitch {
  const state: MutantSwitch = { active: undefined, hits: 0, limit: 0, counts: undefined };
  const isActive = (id: string) => {
    if (id !== state.active) return false;
    state.hits += 1;
    if (state.hits > state.limit) throw new Error(`The mutant was executed ${state.hits} times.`);
    return true;
  };
  const count = (...ids: string[]) => {
    if (state.counts) for (const id of ids) state.counts.set(id, (state.counts.get(id) ?? 0) + 1);
  };
  Object.assign(globalThis, { stryMutAct_9fa48: isActive, stryCov_9fa48: count });
  return state;
}
