import { answerOf, faultCounter, serve, twistOf } from './answer.ts';
import type { ExtractResult, Ports } from './product.ts';
import { newRandom } from './random.ts';
import { clockHour, hourMs, type RunStep, type Scenario, type Settings, type WorldStep } from './scenario.ts';
import type { Scheduler } from './scheduler.ts';
import { type Lake, simStore } from './store.ts';
import { STUBS } from './stubs.ts';
import type { World } from './world.ts';

/** State that all processes of one history share. */
export interface Surroundings {
  readonly scenario: Scenario;
  /** Settings of the source at this moment. */
  readonly settings: () => Settings;
  readonly scheduler: Scheduler;
  readonly world: World;
  readonly lake: Lake;
  /** Numbers of the processes that are alive. */
  readonly alive: Set<number>;
  readonly onPut: (process: Process, key: string, body: Uint8Array) => void;
  /** Starts another run beside this one. */
  readonly start: (step: RunStep) => void;
  readonly onRequest: (process: Process) => void;
  /** Changes the vendor. */
  readonly change: (step: WorldStep) => void;
}

/** One process that runs the product once. */
export interface Process {
  readonly number: number;
  readonly step: RunStep;
  /** Those that it began with. */
  readonly settings: Settings;
  readonly ports: Ports;
  /** Turn at which it began. */
  readonly began: number;
  requests: number;
  dead: boolean;
  interrupted: boolean;
  /** The clock when it was suspended, ms; undefined while it runs. */
  suspendedAt?: number | undefined;
  /** Lines of the log: level and text. */
  readonly lines: { readonly level: string; readonly text: string }[];
  /** Another process may have held the lease. */
  accompanied: boolean;
  /** Another process ran at the same time, or between two parts of this one. */
  overlapped: boolean;
  /** All others that are alive are of this host, and were suspended so long ago that they count as stuck. */
  isBehindStuck: boolean;
}

/** A process, ready to run. */
export function newProcess(shared: Surroundings, step: RunStep, number: number): Process {
  const { scheduler, scenario, alive, lake, onPut } = shared;
  const random = newRandom(Math.imul(scenario.seed, 31) + step.id * 7919);
  const stop = new AbortController();
  const die = () => {
    process.dead = true;
    alive.delete(number);
    scheduler.drop(number);
  };
  const suspend = () => {
    process.suspendedAt = scheduler.now();
    scheduler.suspend(number);
  };
  const startedAt = scheduler.now();
  const process: Process = {
    number,
    step,
    settings: shared.settings(),
    began: scheduler.turn(),
    requests: 0,
    dead: false,
    interrupted: false,
    lines: [],
    accompanied: false,
    overlapped: false,
    isBehindStuck: false,
    ports: {
      ...STUBS,
      ...clockOf(shared, number),
      random: random.next,
      store: simStore({
        lake,
        scheduler,
        process: number,
        step,
        random: newRandom(step.id).next,
        die,
        suspend,
        onPut: (key, body) => onPut(process, key, body),
      }),
      secrets: secretsOf(scenario),
      fetch: fetchOf(shared, step, { self: () => process, stop, suspend }),
      log: (level, message, fields) =>
        process.lines.push({ level, text: `${message} ${JSON.stringify(fields ?? {})}` }),
      process: {
        host: step.away ? `away-${number}` : 'here',
        pid: number,
        born: 'boot',
        isGone: ({ host, pid }) =>
          step.blind === true || (host === (step.away ? `away-${number}` : 'here') && !alive.has(pid)),
      },
      remainingMs: () =>
        step.limitMs === undefined ? Number.POSITIVE_INFINITY : step.limitMs - (scheduler.now() - startedAt),
      signal: stop.signal,
    },
  };
  alive.add(number);
  return process;
}

function clockOf({ scheduler }: Surroundings, process: number): Pick<Ports, 'now' | 'sleep' | 'timer'> {
  return {
    now: scheduler.now,
    timer: (ms, fire) => scheduler.after({ process, kind: 'timer' }, ms, fire),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const end = () => {
          cancel();
          signal?.removeEventListener('abort', end);
          resolve();
        };
        const cancel = scheduler.after({ process, kind: 'sleep' }, ms, end);
        signal?.addEventListener('abort', end, { once: true });
      }),
  };
}

function secretsOf({ userIds }: Scenario): Ports['secrets'] {
  return {
    read: async (_source, _account, names, optional = []) => ({
      ...Object.fromEntries(names.map((name) => [name, `CREDENTIAL-${name}`])),
      ...(userIds !== undefined && optional.includes('KISMET_USER_IDS') ? { KISMET_USER_IDS: userIds } : {}),
    }),
    describe: (_source, _account, names) => names.join(', '),
  };
}

/** The process that makes requests, and what may happen to it at one of them. */
interface Requesting {
  readonly self: () => Process;
  readonly stop: AbortController;
  readonly suspend: () => void;
}

/** Requests reach the vendor after about `answerMs` of virtual time, and see its state at that moment. */
function fetchOf(shared: Surroundings, step: RunStep, { self, stop, suspend }: Requesting): Ports['fetch'] {
  const { scheduler, world, scenario, start, change, onRequest } = shared;
  const random = newRandom(step.id + 104_729);
  const faultOf = faultCounter(step.faults);
  return (input, init) => {
    const process = self();
    process.requests += 1;
    const n = process.requests;
    const url = new URL(String(input));
    const fault = faultOf(url.pathname + url.search);
    onRequest(process);
    for (const { n: at, step: changed } of step.during ?? []) if (at === n) change(changed);
    for (const { n: at, run } of step.beside ?? []) if (at === n) start(run);
    const ms = world.vendor.answerMs * (0.5 + random.next()) + (fault === 'slow' ? 9000 : 0);
    return new Promise((resolve, reject) => {
      const lane = { process: process.number, kind: 'fetch' } as const;
      const ask = () => {
        const asked = {
          method: init?.method ?? 'GET',
          path: url.pathname,
          query: url.searchParams,
          body: typeof init?.body === 'string' ? JSON.parse(init.body) : {},
          number: scenario.seed * 101 + step.id * 10_007 + n,
          twist: twistOf(fault),
        };
        world.asked.set(listIn(url), scheduler.now());
        return answerOf(scenario.source, world, asked);
      };
      const stops = step.suspend?.request === n ? step.suspend.when : undefined;
      const early = stops === 'after' ? ask() : undefined;
      const respond = () => {
        if (fault === 'reset') return reject(Object.assign(new TypeError('fetch failed'), { code: 'ECONNRESET' }));
        const answer = early ?? ask();
        if (answer) resolve(serve(answer, fault) as unknown as Response);
      };
      const cancel = fault === 'hang' ? () => {} : scheduler.after(lane, ms, respond);
      init?.signal?.addEventListener('abort', () => {
        cancel();
        reject(init.signal?.reason);
      });
      if (stops !== undefined) suspend();
      if (step.interrupt !== n) return;
      process.interrupted = true;
      stop.abort();
    });
  };
}

/** The list that an address asks for: its path, and Kalem's direction or Kismet's user. */
function listIn({ pathname, searchParams }: URL): string {
  return [pathname, searchParams.get('direction') ?? searchParams.get('user_id')].filter(Boolean).join(' ');
}

/** The scheduled time of a run. */
export const scheduledAt = (step: RunStep) => new Date(hourMs(step.at));
/** The time of the clock when the run begins. */
export const clockAt = (step: RunStep) => hourMs(clockHour(step));

/** How a run ended; it has no result if its process died. */
export interface Ended {
  readonly process: Process;
  readonly result?: ExtractResult;
  readonly crash?: unknown;
}
