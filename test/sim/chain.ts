import { leavesOut, removesUnnoticed } from './complete.ts';
import { hasTotal } from './expect.ts';
import type { Ended, Process } from './process.ts';
import type { RunStep, Scenario } from './scenario.ts';
import type { Scheduler } from './scheduler.ts';
import type { World } from './world.ts';

/** What the runs of a chain are judged by. */
interface ChainOptions {
  readonly scenario: Scenario;
  readonly world: World;
  readonly scheduler: Scheduler;
}

interface Origin {
  readonly began: number;
  readonly steps: readonly RunStep[];
}

/** The runs over which a full scan may go on: those since the last one at which everything had ended with 0. */
export function newChain({ scenario, world, scheduler }: ChainOptions) {
  let began = 0;
  let steps: readonly RunStep[] = [];
  /** A page of some run so far left records out. */
  let hasLeftOut = false;
  let ended: Ended[] = [];
  let hasSuspended = false;
  /** Turn at which the last run began that another one did not keep from reading. */
  let lastRun = 0;
  /** When somebody confirmed what that run held; undefined once a run has begun and read since. */
  let confirmed: { readonly at: number; readonly lastRun: number } | undefined;
  /** The chain of each suspended run, by its id. */
  const origins = new Map<number, Origin>();

  function join(step: RunStep): void {
    steps = [...steps, step];
    // Where no total says so, a removal while the run reads moves records to pages that it has read.
    hasLeftOut ||= leavesOut(step) || removesUnnoticed(scenario, step);
  }

  return {
    ended: (): readonly Ended[] => ended,
    hasLeftOut: () => hasLeftOut,
    /** A run begins, or a suspended one goes on alone. */
    begin(step: RunStep): void {
      if (!hasSuspended && ended.every(isCalm)) {
        // Of what somebody confirms, records may be back since the run that held them began. If no run has read since, they are marked,
        // and the same run shows them again.
        began = confirmed?.lastRun ?? scheduler.turn();
        steps = [];
      }
      join(step);
      ended = [];
      hasSuspended = false;
    },
    end(one: Ended): void {
      ended.push(one);
      if (one.result?.error !== undefined) return;
      lastRun = one.process.began;
      if (confirmed && lastRun > confirmed.at) confirmed = undefined;
    },
    confirmed(): void {
      confirmed = { at: scheduler.turn(), lastRun };
    },
    suspended({ step: { id } }: Process): void {
      hasSuspended = true;
      origins.set(id, { began, steps });
    },
    /**
     * A suspended process goes on, and so may a scan that began as early as its chain. If it commits before another run opens the log,
     * that run goes on with this scan.
     */
    wake(step: RunStep): void {
      const origin = origins.get(step.id);
      if (!origin) return;
      began = Math.min(began, origin.began);
      steps = [...origin.steps, ...steps];
      join(step);
    },
    /** Turn since which a scan may have been going on. */
    since: () => Math.min(began, ...ended.filter(({ process }) => process.dead).map((e) => e.process.began)),
    /** No total reveals that pages of this run left records out, or that a removal meanwhile moved some past it, so the product cannot know. */
    hidesUnnoticed(): boolean {
      const present = { ...scenario, vendor: world.vendor };
      if (hasTotal(present)) return false;
      return steps.some(leavesOut) || (hasLeftOut && steps.some((step) => removesUnnoticed(present, step)));
    },
  };
}

/** A run that did nothing because another one holds the lease ends no chain. */
function isCalm({ process, result }: Ended): boolean {
  if (process.dead || result?.exitCode !== 0 || result.error !== undefined) return false;
  return result.streams.every(({ status }) => status === 'ok');
}
