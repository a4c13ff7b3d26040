import type { Oracle } from './oracle.ts';
import { clockAt, type Ended, newProcess, type Process } from './process.ts';
import type { ExtractResult } from './product.ts';
import { clockHour, HOUR_MS, hourMs, type RunStep, type Scenario, type Settings, type WorldStep } from './scenario.ts';
import type { Scheduler } from './scheduler.ts';
import type { Lake } from './store.ts';
import type { World } from './world.ts';

/** What processes run in, and who watches them. */
interface SessionOptions {
  readonly scenario: Scenario;
  /** Settings of the source at this moment. */
  readonly settings: () => Settings;
  readonly scheduler: Scheduler;
  readonly world: World;
  readonly lake: Lake;
  readonly oracle: Oracle;
  /** Runs the product. */
  readonly run: (process: Process) => Promise<ExtractResult>;
}

/** A process that has not ended. */
interface Living {
  readonly process: Process;
  /** What changed at the vendor while it was suspended. */
  readonly meanwhile: WorldStep[];
  done: boolean;
}

/** After so long, a suspended process of another host counts as gone; it may have renewed its lease a minute before. */
const GONE_ELSEWHERE_MS = 17 * 60_000;
const GONE_HERE_MS = 25 * HOUR_MS;
/** After so long, one of this host counts as stuck. */
const STUCK_MS = 7 * 60_000;

/** Runs the processes of a history: those of one step at the same time, and those that were suspended when they go on. */
export function newSessions({ scenario, settings, scheduler, world, lake, oracle, run }: SessionOptions) {
  const alive = new Set<number>();
  const totals = { runs: 0, requests: 0, kills: 0, suspensions: 0 };
  let going: Living[] = [];
  let asleep: Living[] = [];
  /** Suspended processes that go on beside the first one of this step. */
  let waiting: Living[] = [];

  function start(step: RunStep): void {
    totals.runs += 1;
    const process = newProcess(shared, step, totals.runs);
    const one: Living = { process, meanwhile: [], done: false };
    const running = going.filter(isRunning);
    process.accompanied = running.length > 0 || asleep.some((other) => mayHold(other.process, step));
    process.isBehindStuck = running.length === 0 && asleep.length > 0 && asleep.every((other) => isStuck(other, step));
    join(one);
    const end = (ended: Omit<Ended, 'process'>) => {
      if (process.dead) return;
      one.done = true;
      alive.delete(process.number);
      oracle.endRun({ process, ...ended });
    };
    run(process).then(
      (result) => end({ result }),
      (crash) => end({ crash }),
    );
  }

  function join(one: Living): void {
    const running = going.filter(isRunning);
    for (const { process } of running.length > 0 ? [one, ...running] : []) process.overlapped = true;
    going.push(one);
  }

  function mayHold({ step, suspendedAt = 0 }: Process, { away, blind }: RunStep): boolean {
    const isSameHost = !step.away && !away;
    return !blind && scheduler.now() - suspendedAt < (isSameHost ? GONE_HERE_MS : GONE_ELSEWHERE_MS);
  }

  function isStuck({ process: { step, suspendedAt = 0 } }: Living, { away, blind }: RunStep): boolean {
    const ms = scheduler.now() - suspendedAt;
    return !step.away && !away && !blind && ms > STUCK_MS && ms < 23 * HOUR_MS;
  }

  /** A suspended process goes on. */
  function wake(one: Living): RunStep {
    const { process, meanwhile } = one;
    const { during = [] } = process.step;
    asleep = asleep.filter((other) => other !== one);
    process.suspendedAt = undefined;
    process.accompanied = true;
    process.overlapped ||= totals.runs > process.number;
    join(one);
    scheduler.resume(process.number);
    return { ...process.step, during: [...during, ...meanwhile.map((step) => ({ n: 0, step }))] };
  }

  function change(step: WorldStep): void {
    world.apply(step);
    for (const one of asleep) one.meanwhile.push(step);
  }

  function wakeBeside(which: (beside: number) => boolean): void {
    const due = waiting.filter(({ process }) => which(process.step.suspend?.beside ?? 0));
    waiting = waiting.filter((one) => !due.includes(one));
    for (const one of due) oracle.wake(one.process, wake(one));
  }

  const shared = {
    ...{ scenario, settings, scheduler, world, lake, alive, onPut: oracle.put, start, change },
    onRequest: (process: Process) => {
      if (process === going[0]?.process) wakeBeside((beside) => beside === process.requests);
    },
  };

  /** Goes on until all that runs has ended or is suspended. */
  async function drive(step: RunStep, seed: number): Promise<void> {
    let ending = await scheduler.drive(() => !going.some(isRunning), seed);
    if (waiting.length > 0) {
      wakeBeside(() => true);
      ending = await scheduler.drive(() => !going.some(isRunning), seed + 1);
    }
    if (ending !== 'done') oracle.stuck(ending, step);
    const suspended = going.filter(({ process, done }) => process.suspendedAt !== undefined && !done);
    for (const { process } of going.filter((one) => !suspended.includes(one))) {
      scheduler.drop(process.number);
      alive.delete(process.number);
      totals.requests += process.requests;
      if (process.dead) totals.kills += 1;
      if (process.dead) oracle.endRun({ process });
    }
    for (const { process } of suspended) oracle.suspended(process);
    totals.suspensions += suspended.length;
    asleep = [...asleep, ...suspended];
    going = [];
  }

  /** Suspended processes that go on alone up to this hour. */
  async function wakeUntil(hour: number, isLast: boolean): Promise<void> {
    const due = asleep.filter(({ process: { step } }) => {
      const { until = 0, beside } = step.suspend ?? {};
      return isLast || (until <= hour && beside === undefined);
    });
    for (const one of due.sort((a, b) => untilOf(a) - untilOf(b))) {
      scheduler.moveTo(hourMs(untilOf(one)));
      const step = wake(one);
      oracle.beginStep(step);
      oracle.wake(one.process, step);
      await drive(step, Math.imul(scenario.seed, 31) + step.id + WAKE_SEED);
    }
  }

  return {
    totals,
    change,
    /** Everything that is still suspended goes on, one after the other. */
    wakeAll: () => wakeUntil(0, true),
    async live(step: RunStep): Promise<void> {
      await wakeUntil(clockHour(step), false);
      scheduler.moveTo(clockAt(step));
      waiting = asleep.filter((one) => untilOf(one) <= clockHour(step));
      oracle.beginStep(step);
      start(step);
      await drive(step, Math.imul(scenario.seed, 31) + step.id);
    },
  };
}

const WAKE_SEED = 7_000_003;

const isRunning = ({ process, done }: Living) => !done && !process.dead && process.suspendedAt === undefined;

const untilOf = ({ process }: Living) => process.step.suspend?.until ?? 0;
