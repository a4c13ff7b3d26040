import { deserialize, serialize } from 'node:v8';
import { answerOf, faultCounter, serve, twistOf } from './answer.ts';
import { type ExtractResult, factsOf, type Ports } from './product.ts';
import { newRandom } from './random.ts';
import { hourMs, type RunStep, type Scenario } from './scenario.ts';
import type { Scheduler } from './scheduler.ts';
import { type Lake, simStore } from './store.ts';
import type { World } from './world.ts';

/** State that all processes of one history share. */
export interface Surroundings {
  readonly scenario: Scenario;
  readonly scheduler: Scheduler;
  readonly world: World;
  readonly lake: Lake;
  /** Numbers of the processes that are alive. */
  readonly alive: Set<number>;
  readonly onPut: (process: Process, key: string, body: Uint8Array) => void;
  /** Starts another run beside this one. */
  readonly start: (step: RunStep) => void;
}

/** One process that runs the product once. */
export interface Process {
  readonly number: number;
  readonly step: RunStep;
  readonly ports: Ports;
  /** Turn at which it began. */
  readonly began: number;
  requests: number;
  dead: boolean;
  interrupted: boolean;
  /** Lines of the log: level and text. */
  readonly lines: { readonly level: string; readonly text: string }[];
  /** Another process was alive when it began. */
  accompanied: boolean;
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
  const startedAt = scheduler.now();
  const process: Process = {
    number,
    step,
    began: scheduler.turn(),
    requests: 0,
    dead: false,
    interrupted: false,
    lines: [],
    accompanied: alive.size > 0,
    ports: {
      ...SIM_PORTS,
      ...clockOf(shared, number),
      random: random.next,
      store: simStore({
        lake,
        scheduler,
        process: number,
        step,
        random: newRandom(step.id).next,
        die,
        onPut: (key, body) => onPut(process, key, body),
      }),
      secrets: secretsOf(scenario),
      fetch: fetchOf(shared, step, () => process, stop),
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

/** Requests reach the vendor after about `answerMs` of virtual time, and see its state at that moment. */
function fetchOf(shared: Surroundings, step: RunStep, self: () => Process, stop: AbortController): Ports['fetch'] {
  const { scheduler, world, scenario, start } = shared;
  const random = newRandom(step.id + 104_729);
  const faultOf = faultCounter(step.faults);
  return (input, init) => {
    const process = self();
    process.requests += 1;
    const n = process.requests;
    const url = new URL(String(input));
    const fault = faultOf(url.pathname + url.search);
    for (const { n: at, step: change } of step.during ?? []) if (at === n) world.apply(change);
    for (const { n: at, run } of step.beside ?? []) if (at === n) start(run);
    const ms = world.vendor.answerMs * (0.5 + random.next()) + (fault === 'slow' ? 9000 : 0);
    return new Promise((resolve, reject) => {
      const lane = { process: process.number, kind: 'fetch' } as const;
      const respond = () => {
        const asked = {
          method: init?.method ?? 'GET',
          path: url.pathname,
          query: url.searchParams,
          body: typeof init?.body === 'string' ? JSON.parse(init.body) : {},
          number: scenario.seed * 101 + step.id * 10_007 + n,
          twist: twistOf(fault),
        };
        if (fault === 'reset') return reject(Object.assign(new TypeError('fetch failed'), { code: 'ECONNRESET' }));
        world.asked.set(listIn(url), scheduler.now());
        const answer = answerOf(scenario.source, world, asked);
        if (answer) resolve(serve(answer, fault) as unknown as Response);
      };
      const cancel = fault === 'hang' ? () => {} : scheduler.after(lane, ms, respond);
      init?.signal?.addEventListener('abort', () => {
        cancel();
        reject(init.signal?.reason);
      });
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

/** A staged file as the simulation writes it, without Parquet. */
export interface SimFile {
  readonly table: string;
  readonly columns: readonly (readonly unknown[])[];
}

const written = new WeakMap<Uint8Array, SimFile>();

/** Reads a file of {@link SimFile}. */
export function readSimFile(body: Uint8Array): SimFile {
  return written.get(body) ?? (deserialize(body) as SimFile);
}

/** Parquet and gzip have tests of their own; here they would take most of the time. */
const SIM_PORTS: Pick<Ports, 'codec' | 'hashKey' | 'parquet' | 'readParquet'> = {
  hashKey: async () => 'sim-hash-key-of-at-least-32-characters',
  parquet: {
    name: 'hyparquet',
    async write({ name: table }, columns) {
      // Copies without holes: otherwise the written form would depend on how the array was created.
      const file: SimFile = { table, columns: [...columns.map((column) => [...column])] };
      const body = serialize(file);
      written.set(body, file);
      return body;
    },
  },
  async readParquet(body, names) {
    const { table, columns } = readSimFile(body);
    const places = factsOf(table)?.names ?? [];
    return names.map((name) => [...(columns[places.indexOf(name)] ?? [])] as never[]);
  },
  codec: {
    compress: async (bytes) => bytes,
    expand: async (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    async *expandInPieces(bytes) {
      yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
  },
};

/** The scheduled time of a run. */
export const scheduledAt = (step: RunStep) => new Date(hourMs(step.at));
/** The time of the clock when the run begins. */
export const clockAt = (step: RunStep) => (step.clock === undefined ? hourMs(step.at) : hourMs(step.clock));

/** How a run ended; it has no result if its process died. */
export interface Ended {
  readonly process: Process;
  readonly result?: ExtractResult;
  readonly crash?: unknown;
}
