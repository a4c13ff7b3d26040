import { setImmediate } from 'node:timers/promises';
import { CredentialsError } from '../../functions/errors.ts';
import { vendorHttp } from '../../functions/http/vendor-http.ts';
import { nodePorts } from '../../functions/node-ports.ts';
import { hyparquetWriter } from '../../functions/parquet/hyparquet.ts';
import type { Holder, LogFields, LogLevel, Ports, Store } from '../../functions/ports.ts';
import { memoryStore } from '../../local/lake/memory-store.ts';

/** One line of the log. */
export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A clock of its own: waiting moves it, and nothing else does unless `tickMs` is set. */
export interface TestClock {
  ms: number;
  /** Each read of the clock moves it by this many ms. */
  tickMs: number;
  /** If true, waiting does not move the clock. */
  isFrozen: boolean;
  /** Waits asked for, ms. */
  readonly waits: number[];
}

/** Ports of one simulated process. */
export interface TestPorts extends Ports {
  readonly clock: TestClock;
  readonly lines: LogLine[];
}

/** Options of the ports. */
export interface TestPortsOptions {
  readonly store?: Store;
  /** Values of the secrets, by environment variable; looked up at each read. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly secrets?: Ports['secrets'];
  readonly clock?: Partial<TestClock>;
  readonly remainingMs?: () => number;
  readonly process?: Partial<Ports['process']>;
  readonly parquet?: Ports['parquet'];
  readonly readBackFromWarehouse?: Ports['readBackFromWarehouse'];
  readonly signal?: AbortSignal;
  readonly fetch?: Ports['fetch'];
  readonly random?: Ports['random'];
  readonly timer?: Ports['timer'];
}

/** The product's HTTP client, one for all tests of a file. */
export const sharedHttp = vendorHttp({});

let processes = 1000;

/** Ports of a new process; all earlier processes have ended. */
export function makePorts(options: TestPortsOptions = {}): TestPorts {
  processes += 1;
  const self: Holder = { host: 'test', pid: processes, born: `boot:${processes}` };
  const clock: TestClock = {
    ms: Date.parse('2026-11-01T09:00:00Z'),
    tickMs: 0,
    isFrozen: false,
    waits: [],
    ...options.clock,
  };
  const lines: LogLine[] = [];
  let draws = processes;
  return {
    ...nodePorts,
    ...(options.timer ? { timer: options.timer } : {}),
    store: options.store ?? memoryStore(),
    secrets: options.secrets ?? secretsIn(options.env ?? {}),
    parquet: options.parquet ?? hyparquetWriter(),
    hashKey: async () => 'hash key of the tests, which has 32 characters and more',
    fetch: options.fetch ?? sharedHttp,
    log: (level, message, fields = {}) => void lines.push({ level, message, fields }),
    now: () => {
      clock.ms += clock.tickMs;
      return clock.ms;
    },
    // Each process has different random numbers, because the names of two attempts must not be equal.
    random:
      options.random ??
      (() => {
        draws = (Math.imul(draws ^ (draws >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
        return ((draws ^ (draws >>> 13)) >>> 0) / 2 ** 32;
      }),
    sleep: async (ms) => {
      clock.waits.push(ms);
      if (!clock.isFrozen) clock.ms += ms;
      await setImmediate();
    },
    process: { ...self, isGone: ({ pid }) => pid !== self.pid, ...options.process },
    remainingMs: options.remainingMs ?? (() => Number.POSITIVE_INFINITY),
    readBackFromWarehouse: options.readBackFromWarehouse,
    signal: options.signal,
    clock,
    lines,
  };
}

/** Secrets as environment variables hold them. */
export function secretsIn(env: Readonly<Record<string, string | undefined>>): Ports['secrets'] {
  return {
    async read(_source, _account, names, optional = []) {
      const found: Record<string, string> = {};
      for (const name of names) {
        const value = env[name];
        if (value === undefined) throw new CredentialsError(`${name} is not set`);
        found[name] = value;
      }
      for (const name of optional) if (env[name] !== undefined) found[name] = env[name];
      return found;
    },
    describe: (_source, _account, names) => names.join(', '),
  };
}
