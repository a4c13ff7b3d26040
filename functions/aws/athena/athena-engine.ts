import { setTimeout as wait } from 'node:timers/promises';
import { AthenaClient, type AthenaClientConfig } from '@aws-sdk/client-athena';
import { databasesOf } from '../../../schemas/derive/databases.ts';
import type { Engine, Log, Store } from '../../ports.ts';
import { clientDefaults } from '../client-defaults.ts';
import { readChanged, readRows } from './read-results.ts';
import { runStatement, type StatementRunner } from './run-statement.ts';

/** How to reach Athena, and what bounds the waiting for it. */
export interface AthenaOptions {
  readonly workgroup: string;
  /** Name of the safe database; the names of the others begin with it. @default 'callhouse' */
  readonly databasePrefix?: string;
  /**
   * Keeps records of running statements, so that a restarted loader waits for them instead of starting them again.
   * @default none are kept
   */
  readonly store?: Store;
  readonly log?: Log;
  /** Milliseconds left before waiting must stop; the statement itself continues in Athena. @default no limit */
  readonly remainingMs?: () => number;
  readonly signal?: AbortSignal;
  /** Called when an execution has ended, also one that failed, with the bytes that it scanned. */
  readonly onScanned?: (bytes: number) => void;
  /** Region, endpoint and credentials of the client. @default those of the environment */
  readonly client?: AthenaClientConfig;
  /** The clock, ms. @default the machine's */
  readonly now?: () => number;
  /** Uniform in [0, 1). @default `Math.random` */
  readonly random?: () => number;
  /** @default a timer */
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** Athena's quota would allow more, but readers share it. */
const STATEMENTS_AT_ONCE = 4;

/**
 * The engine port on Athena. Deployment creates tables and views, so `prepare` does nothing; Glue finds staged files by their
 * partition (account and day), so `stage` does nothing; Athena has no transactions over several statements.
 */
export function athenaEngine(options: AthenaOptions): Engine {
  const { workgroup, databasePrefix, store, log = () => {}, onScanned = () => {}, signal, client: config } = options;
  const { remainingMs = () => Number.POSITIVE_INFINITY, now = Date.now, random = Math.random, sleep = wait } = options;
  const client = new AthenaClient({ ...clientDefaults('ATHENA'), ...config });
  const { safe: database } = databasesOf(databasePrefix);
  const waiting = { remainingMs, signal, now, random, sleep };
  const runner: StatementRunner = { client, workgroup, database, store, log, onScanned, ...waiting };
  return {
    dialect: 'athena',
    statementsAtOnce: STATEMENTS_AT_ONCE,
    identity: async () => athenaIdentity(databasePrefix),
    prepare: async () => {},
    atomically: (work) => work(),
    stage: async () => {},
    execute: async (sql, token) => {
      const { id, scannedBytes } = await runStatement(sql, token, runner);
      return { changed: await readChanged(client, id), scannedBytes };
    },
    query: async (sql) => {
      const { id, scannedBytes } = await runStatement(sql, undefined, runner);
      return { ...(await readRows(client, id)), scannedBytes };
    },
    close: async () => client.destroy(),
  };
}

/** Identity of the warehouse on Athena, under which the loader keeps its progress. */
export function athenaIdentity(databasePrefix?: string): string {
  return `athena-${databasesOf(databasePrefix).safe}`;
}
