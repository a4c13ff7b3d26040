import { endSteps } from './ending.ts';
import { newOracle, type Violation } from './oracle.ts';
import { clockAt, type Ended, newProcess, type Process, scheduledAt } from './process.ts';
import { confirmHeld, type ExtractResult, parseSettings, runProduct } from './product.ts';
import { changeSettings, DAY_MS, hourMs, type RunStep, type Scenario, START_MS, type Step } from './scenario.ts';
import { newScheduler } from './scheduler.ts';
import { newWorld } from './world.ts';

/** The result of one history. */
export interface Outcome {
  readonly violations: readonly Violation[];
  readonly runs: number;
  readonly requests: number;
  readonly commits: number;
  readonly kills: number;
  /** The lake as it was left, for comparing two runs of one scenario. */
  readonly objects: ReadonlyMap<string, Uint8Array>;
}

/** Runs one scenario from an empty lake to its ending; the oracle checks it after every step. */
export async function simulate(scenario: Scenario): Promise<Outcome> {
  const scheduler = newScheduler(START_MS);
  const world = newWorld(scheduler, scenario.vendor);
  const lake = { objects: new Map<string, Uint8Array>() };
  const oracle = newOracle({ scenario, world, scheduler, lake });
  const alive = new Set<number>();
  let { settings } = scenario;
  const totals = { runs: 0, requests: 0, kills: 0 };

  async function live(step: RunStep): Promise<void> {
    scheduler.moveTo(clockAt(step));
    oracle.beginStep(step);
    const going: { process: Process; done: boolean }[] = [];
    const start = (one: RunStep) => {
      totals.runs += 1;
      const process = newProcess(shared, one, totals.runs);
      const state = { process, done: false };
      going.push(state);
      const end = (ended: Omit<Ended, 'process'>) => {
        if (process.dead) return;
        state.done = true;
        alive.delete(process.number);
        oracle.endRun({ process, ...ended });
      };
      run(process).then(
        (result) => end({ result }),
        (crash) => end({ crash }),
      );
    };
    const shared = { scenario, scheduler, world, lake, alive, onPut: oracle.put, start };
    start(step);
    const ending = await scheduler.drive(
      () => going.every(({ process, done }) => done || process.dead),
      Math.imul(scenario.seed, 31) + step.id,
    );
    if (ending !== 'done') oracle.stuck(ending, step);
    for (const { process } of going) {
      scheduler.drop(process.number);
      alive.delete(process.number);
      totals.requests += process.requests;
      if (process.dead) totals.kills += 1;
      if (process.dead) oracle.endRun({ process });
    }
  }

  const run = (process: Process): Promise<ExtractResult> => {
    const { step, ports } = process;
    const window = step.window && { from: new Date(hourMs(step.window.from)), to: new Date(hourMs(step.window.to)) };
    return runProduct(
      {
        source: scenario.source,
        at: scheduledAt(step),
        pageSize: scenario.pageSize,
        largestPage: scenario.largestPage,
        settings: parseSettings(scenario.source, settings),
        tuning: scenario.tuning,
        streams: step.streams,
        window,
      },
      ports,
    );
  };

  async function confirm(now: number): Promise<void> {
    const held = oracle.heldRemovals();
    if (held) await confirmHeld(lake.objects, scenario.source, { ...held, now });
  }

  async function take(step: Step): Promise<void> {
    if (step.do === 'run') return live(step);
    if (step.do === 'confirm') return confirm(Math.floor(scheduler.now()) - step.daysAgo * DAY_MS);
    if (step.do === 'settings') settings = changeSettings(settings, step.set);
    else world.apply(step);
    oracle.changed(step);
  }

  for (const step of scenario.steps) await take(step);
  for await (const step of endSteps(scenario, oracle, world)) await take(step);
  return { ...totals, violations: oracle.violations(), commits: oracle.commits(), objects: lake.objects };
}
