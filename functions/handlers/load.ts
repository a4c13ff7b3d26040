import { load } from '../load/load.ts';
import type { LoadPlan, LoadPorts } from '../load/plan.ts';
import type { LoadResult } from '../results.ts';

/** Handles load events: both the Lambda and the command line call it. The event's content does not matter. */
export function loadHandler(plan: LoadPlan, ports: LoadPorts) {
  return async (): Promise<LoadResult> => load(plan, ports);
}
