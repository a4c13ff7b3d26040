import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { Engines } from './engines.ts';

/** One ended run of a Lambda. */
export interface Invocation {
  readonly function: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly ms: number;
  readonly failed: boolean;
  readonly body: unknown;
  readonly log: string;
}

/** The AWS emulator: `standin.py` in a separate process, with controls that AWS itself does not have. */
export interface Standin {
  /** Sets the clock of the Scheduler. @returns what its own look then fired */
  setClock(at: Date): Promise<readonly { readonly schedule: string; readonly input: string }[]>;
  /** Lambdas that ended since the last question, once none runs. */
  settle(): Promise<readonly Invocation[]>;
  /** The next MERGE does not begin: the process of that Lambda is killed instead. */
  killAtMerge(name: string): Promise<void>;
  /** First words of the statements since the last question, counted. */
  statements(): Promise<Readonly<Record<string, number>>>;
  /** How many versions Glue keeps of each table, and the most it kept at any time. */
  versions(): Promise<Readonly<Record<'kept' | 'most', Readonly<Record<string, number>>>>>;
  /** Sets Glue's quota of versions of a table. */
  setVersionQuota(quota: number): Promise<void>;
  /** Has the Lambda fail at so many of its next runs, as one does that is out of memory. */
  failLambda(name: string, times: number): Promise<void>;
  /** Takes the messages out of a queue. */
  takeMessages(queue: string): Promise<readonly unknown[]>;
  /** Has the next MERGEs fail, each with a reason in Athena's words, and the next requests be throttled. */
  failStatements(reasons: readonly string[], throttled: number): Promise<void>;
  /** How many of these failures nobody has met yet. */
  faultsLeft(): Promise<{ readonly reasons: number; readonly throttled: number }>;
  /** Does what the buckets' lifecycle rules ask for at that time. @returns expired objects by the first part of their keys, and old versions */
  expire(at: Date): Promise<{ readonly objects: Readonly<Record<string, number>>; readonly versions: number }>;
  /** Has the next creation of a resource of this type fail. */
  failResource(type: string): Promise<void>;
  /** Buckets, databases, workgroups, aliases of keys, Lambdas, secrets and queues whose name matches, each as `kind name`. */
  named(pattern: string): Promise<readonly string[]>;
  /** Deletes all objects and versions of the buckets whose name matches, and the buckets too if asked to. */
  emptyBuckets(pattern: string, isDeleted?: boolean): Promise<void>;
  describe(): Promise<{ readonly node: string } & Readonly<Record<'byMinistack' | 'byEngines' | 'here', string[]>>>;
  stop(): void;
}

const START_MS = 60_000;

/** Starts an empty account whose Scheduler is at time `at`, with Node 24 first on its path. */
export async function startStandin(engines: Engines, at: Date): Promise<Standin> {
  const { env, run, python, node24, awsPort } = engines;
  const child = spawn(python, [join(import.meta.dirname, 'standin.py')], {
    cwd: run,
    env: {
      HOME: env['HOME'],
      PATH: [node24, env['PATH']].join(delimiter),
      TRINO_PORT: String(engines.trinoPort),
      TRINO_PIDFILE: env['TRINO_PIDFILE'],
      STANDIN_AT: String(at.getTime() / 1000),
      GATEWAY_PORT: String(awsPort),
      BIND_HOST: '127.0.0.1',
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      PERSIST_STATE: '0',
      LAMBDA_EXECUTOR: 'local',
      STATE_DIR: join(run, 'aws-state'),
      S3_DATA_DIR: join(run, 'aws-s3'),
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_DEFAULT_REGION: 'us-east-1',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stderr.pipe(createWriteStream(join(run, 'aws.log')));
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();
  const tell = async <T>(command: object): Promise<T> => {
    const answer = last.then(async () => {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error('the stand-in has ended');
      const parsed = JSON.parse(value) as T & { readonly failure?: string };
      if (parsed.failure !== undefined) throw new Error(parsed.failure);
      return parsed;
    });
    last = answer.catch(() => undefined);
    return answer;
  };
  await untilHealthy(`http://127.0.0.1:${awsPort}/_ministack/health`, () => child.exitCode);
  return {
    setClock: async (to) => (await tell<{ fired: [] }>({ do: 'clock', at: to.getTime() / 1000 })).fired,
    async settle() {
      const ended: Invocation[] = [];
      for (;;) {
        const now = await tell<{ ended: Invocation[]; busy: string[] }>({ do: 'invocations' });
        ended.push(...now.ended);
        if (now.busy.length === 0) return ended;
        await wait(200);
      }
    },
    killAtMerge: async (name) => {
      await tell({ do: 'killAtMerge', function: name });
    },
    statements: async () => (await tell<{ words: Record<string, number> }>({ do: 'statements' })).words,
    versions: () => tell({ do: 'versions' }),
    setVersionQuota: async (quota) => {
      await tell({ do: 'versionQuota', quota });
    },
    failLambda: async (name, times) => {
      await tell({ do: 'failLambda', function: name, times });
    },
    takeMessages: async (queue) => (await tell<{ bodies: unknown[] }>({ do: 'deadLetters', queue })).bodies,
    failStatements: async (reasons, throttled) => {
      await tell({ do: 'failStatements', reasons, throttled });
    },
    faultsLeft: () => tell({ do: 'faultsLeft' }),
    expire: (to) => tell({ do: 'expire', at: to.getTime() / 1000 }),
    failResource: async (type) => {
      await tell({ do: 'failResource', type });
    },
    named: async (pattern) => (await tell<{ found: string[] }>({ do: 'named', pattern })).found,
    emptyBuckets: async (pattern, isDeleted = false) => {
      await tell({ do: 'empty', pattern, delete: isDeleted });
    },
    describe: () => tell({ do: 'describe' }),
    stop: () => {
      // It ends with its input.
      child.stdin.end();
      child.stdout.destroy();
    },
  };
}

async function untilHealthy(url: string, exitCode: () => number | null): Promise<void> {
  const until = Date.now() + START_MS;
  while (Date.now() < until && exitCode() === null) {
    const healthy = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (healthy) return;
    await wait(200);
  }
  throw new Error('the stand-in does not start; see aws.log');
}
