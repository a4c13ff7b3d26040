import type { List } from '../source.ts';
import { watchOrder } from './order.ts';
import type { Pass } from './plan.ts';
import type { Run } from './run.ts';
import { toleratingFailures } from './tolerate.ts';
import type { Claims, WalkOptions } from './walk.ts';
import { noteScan, sumOf, walkFrom } from './walk-until-met.ts';

/**
 * Reads each list from its head, newest first, until a whole page is known and unchanged and older than `until`. The order is
 * watched: where it breaks, or where the vendor counts more than is known, the walk goes on to the end.
 */
export async function readHeads(run: Run, { lists, until = 0 }: Pass): Promise<void> {
  const { progress } = run;
  const field = progress.state.order ?? 'none';
  const claims: Claims = new Map();
  const totals: (number | undefined)[] = [];
  const tolerant = toleratingFailures();
  // Pages read before a cut are known afterwards, and what lies below them is not: so the next run reads at least as far down.
  let failedAt: number | undefined;
  for (const list of lists) {
    let reached = Math.min(until, failedAt ?? until);
    const watch = watchOrder([field]);
    const stand = () => {
      progress.position = { kind: 'head', list: list.id, from: reached };
    };
    stand();
    const options: WalkOptions = {
      list,
      kind: 'head',
      claims,
      sweep: false,
      onRead: (records) => {
        watch.see(records);
        reached = Math.min(reached, watch.leastOnPage(field) ?? reached);
        stand();
      },
      enough: (page, { order, total }) => {
        const least = order.leastOnPage(field);
        const deep = page.changed === 0 && page.shown.length > 0 && least !== undefined && least < until;
        return deep && order.holds(field) && (total === undefined || total <= liveIn(run, list));
      },
    };
    const failures = tolerant.failed();
    const walked = await tolerant.attempt(() => walkFrom(run, options));
    if (tolerant.failed() > failures) failedAt = reached;
    if (!walked) continue;
    noteScan(run, options, walked);
    totals.push(walked.total);
    if (!walked.order.holds(field)) progress.state = { ...progress.state, order: 'none' };
  }
  if (failedAt === undefined) {
    progress.position = undefined;
    progress.state = { ...progress.state, resume: undefined };
  }
  progress.vendorTotal = sumOf(totals);
  tolerant.rethrow();
}

/** Keys not known to be removed, of this list where there are several. */
function liveIn({ digest, stream }: Run, { id }: List): number {
  let live = 0;
  const all = stream.lists === undefined;
  for (const { d, g } of digest.entries.values()) if (d === undefined && (all || g === id || g === 'both')) live += 1;
  return live;
}
