import type { Finding } from './case.ts';
import type { Intervention } from './fake-vendor.ts';
import { inWorld, judgeRows, judgeRun } from './judge-rows.ts';
import type { World } from './world.ts';

/** If a vendor asks for a wait this long, the run ends and the next one continues. */
const CUT: Intervention = { status: 429, headers: { 'retry-after': '100000' } };

/** Cuts the runs of a world at one request: the first is number 0. */
export function cutAt(world: World, request: number): void {
  world.vendor.intervene = ({ number }) => (number === request ? CUT : undefined);
}

/**
 * Cuts a first run at each of its first requests, in a new world each, and lets the next run continue.
 *
 * @param asked what is requested, for the message
 * @returns the first thing that is wrong
 */
export async function cutRuns(
  open: () => Promise<World>,
  { requests, asked }: { readonly requests: number; readonly asked: string },
): Promise<Finding | undefined> {
  for (let request = 0; request < requests; request += 1) {
    const what = `a run is cut at request ${request + 1} for ${asked}, and the next one continues`;
    const found = await inWorld(open, (world) => cutRun(world, request, what));
    if (found) return found;
  }
  return undefined;
}

async function cutRun(world: World, request: number, what: string): Promise<Finding | undefined> {
  cutAt(world, request);
  await world.run(0, { commitsEachPage: true });
  world.vendor.intervene = undefined;
  return judgeRun(await world.run(1), what) ?? judgeRows(world, { what });
}
