import { endSteps } from './ending.ts';
import { newOracle, type Violation } from './oracle.ts';
import { type Process, scheduledAt } from './process.ts';
import { confirmHeld, type ExtractResult, parseSettings, runProduct } from './product.ts';
import { changeSettings, DAY_MS, hourMs, type Scenario, START_MS, type Step } from './scenario.ts';
import { newScheduler } from './scheduler.ts';
import { newSessions } from './sessions.ts';
import { newWorld } from './world.ts';

/** The result of one history. */
export interface Outcome {
  readonly violations: readonly Violation[];
  readonly runs: number;
  readonly requests: number;
  readonly commits: number;
  readonly kills: number;
  readonly suspensions: number;
  /** The lake as it was left, for comparing two runs of one scenario. */
  readonly objects: ReadonlyMap<string, Uint8Array>;
}

/** Runs one scenario from an empty lake to its ending; the oracle checks it after every step. */
export async function simulate(scenario: Scenario): Promise<Outcome> {
  const scheduler = newScheduler(START_MS);
  const world = newWorld(scheduler, scenario.vendor);
  const lake = { objects: new Map<string, Uint8Array>() };
  const oracle = newOracle({ scenario, world, scheduler, lake });
  let { settings } = scenario;

  const run = (process: Process): Promise<ExtractResult> => {
    const { step, ports, settings } = process;
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

  const sessions = newSessions({ scenario, settings: () => settings, scheduler, world, lake, oracle, run });

  async function confirm(now: number): Promise<void> {
    const held = oracle.heldRemovals();
    if (held) await confirmHeld(lake.objects, scenario.source, { ...held, now });
    oracle.confirmed();
  }

  async function take(step: Step): Promise<void> {
    if (step.do === 'run') return sessions.live(step);
    if (step.do === 'confirm') return confirm(Math.floor(scheduler.now()) - step.daysAgo * DAY_MS);
    if (step.do === 'settings') settings = changeSettings(settings, step.set);
    else sessions.change(step);
    oracle.changed(step);
  }

  for (const step of scenario.steps) await take(step);
  await sessions.wakeAll();
  for await (const step of endSteps(scenario, oracle, world)) await take(step);
  return { ...sessions.totals, violations: oracle.violations(), commits: oracle.commits(), objects: lake.objects };
}
