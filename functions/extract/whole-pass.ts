import { durationMs } from '../settings.ts';
import type { ListingStream } from '../source.ts';
import { HOUR_MS } from '../time.ts';
import { markAbsent } from './absence.ts';
import type { Pass } from './plan.ts';
import type { Run } from './run.ts';
import { toleratingFailures } from './tolerate.ts';
import type { Claims } from './walk.ts';
import { type ListOutcome, sumOf, union, walkUntilMet } from './walk-until-met.ts';

/** After a sweep that proves nothing, the next is due this soon. */
const UNPROVEN_MS = 6 * HOUR_MS;

/** Reads all lists of a sweep or a window; a sweep that is clean throughout draws what absence proves. */
export async function readWhole(run: Run, pass: Pass, sweepEvery: string): Promise<void> {
  const { progress } = run;
  const claims: Claims = new Map();
  const outcomes: ListOutcome[] = [];
  const sweep = pass.kind === 'sweep';
  const tolerant = toleratingFailures();
  const begin = pass.resume
    ? Math.max(
        0,
        pass.lists.findIndex(({ id }) => id === pass.resume?.list),
      )
    : 0;
  let untouched = begin === 0 && pass.resume === undefined;
  for (const list of pass.lists.slice(begin)) {
    if (!pass.backfill) progress.position = { kind: sweep ? 'sweep' : 'window', list: list.id, from: pass.until };
    const startPage = pass.resume?.list === list.id ? pass.resume.page - 1 : undefined;
    const options = { list, kind: pass.kind, window: pass.window, claims, sweep: sweep && untouched };
    const outcome = await tolerant.attempt(() => walkUntilMet(run, options, startPage));
    if (outcome) outcomes.push(outcome);
    untouched &&= outcome?.clean !== false && tolerant.failed() === 0;
  }
  progress.position = undefined;
  if (!pass.backfill) progress.state = { ...progress.state, resume: undefined };
  // A sweep that could not read a list stays due.
  if (sweep && tolerant.failed() === 0)
    await concludeSweep(run, { outcomes, clean: untouched, sweepEvery, resumed: pass.resume !== undefined });
  tolerant.rethrow();
}

/** What a sweep came to. */
interface Swept {
  readonly outcomes: readonly ListOutcome[];
  readonly clean: boolean;
  readonly resumed: boolean;
  readonly sweepEvery: string;
}

async function concludeSweep(run: Run, { outcomes, clean, resumed, sweepEvery }: Swept): Promise<void> {
  const { progress, at } = run;
  const stream = run.stream as ListingStream;
  // A walk that goes on after a cut has not seen the lists whole, so it says nothing of their order.
  const order = resumed
    ? progress.state.order
    : (stream.order.find((field) => isNewestFirst(outcomes, field)) ?? 'none');
  const proven = clean && progress.failures.length === 0;
  const keys = union(outcomes.map((outcome) => outcome.keys));
  const removable = stream.tables[0].removal === 'by-absence';
  const lists = new Set(outcomes.map(({ list }) => list.id));
  const suspects = proven && removable ? await markAbsent(run, { keys, lists }) : 0;
  const again = !proven
    ? Math.min(UNPROVEN_MS, durationMs(sweepEvery))
    : suspects > 0
      ? HOUR_MS
      : durationMs(sweepEvery);
  progress.vendorTotal = sumOf(outcomes.filter(({ list }) => !list.sweepOnly).map(({ last }) => last.total));
  progress.state = { ...progress.state, order, sweptAt: at, sweepDueAt: at + again };
}

/** No list contradicts the order, and at least one shows it. */
function isNewestFirst(outcomes: readonly ListOutcome[], field: string): boolean {
  const orders = outcomes.map(({ last }) => last.order);
  return orders.every((order) => order.holds(field)) && orders.some((order) => order.verified().includes(field));
}
