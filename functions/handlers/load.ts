import { load } from '../load/load.ts';
import type { LoadPlan, LoadPorts } from '../load/plan.ts';
import type { LoadResult } from '../results.ts';

/** One load of everything that is committed; the event that wakes it says nothing that it needs. */
export function loadHandler(plan: LoadPlan, ports: LoadPorts) {
  return async (): Promise<LoadResult> => load(plan, ports);
}
