import { setTimeout as wait } from 'node:timers/promises';
import { AthenaClient, type AthenaClientConfig } from '@aws-sdk/client-athena';
import { databasesOf } from '../../../schemas/derive/databases.ts';
import type { Engine, Log, Store } from '../../ports.ts';
import { clientDefaults } from '../client-defaults.ts';
import { readChanged, readRows } from './read-results.ts';
import { runStatement, type StatementRunner } from './run-statement.ts';

/** What the engine on Athena needs to know. */
export interface AthenaOptions {
  readonly workgroup: string;
  /** Name of the safe database, and what the others begin with. @default 'callhouse' */
  readonly databasePrefix?: string;
  /** Holds what is running, so that a restarted loader waits for it instead of asking again. @default nothing is held */
  readonly store?: Store;
  readonly log?: Log;
  /** Milliseconds left before waiting must stop; the statement goes on without it. @default no end */
  readonly remainingMs?: () => number;
  readonly signal?: AbortSignal;
  /** Of the client: region, endpoint, credentials. @default the environment's */
  readonly client?: AthenaClientConfig;
  /** @default those of the machine */
  readonly now?: () => number;
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** The engine port on Athena: tables and views are made by deployment, and Glue shows staged files by their keys. */
export function athenaEngine(options: AthenaOptions): Engine {
  const { workgroup, databasePrefix, store, log = () => {}, signal, client: config } = options;
  const { remainingMs = () => Number.POSITIVE_INFINITY, now = Date.now, random = Math.random, sleep = wait } = options;
  const client = new AthenaClient({ ...clientDefaults('ATHENA'), ...config });
  const { safe: database } = databasesOf(databasePrefix);
  const runner: StatementRunner = { client, workgroup, database, store, log, remainingMs, signal, now, random, sleep };
  return {
    dialect: 'athena',
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

/** Identity of the warehouse on Athena: its loader's progress is kept under it. */
export function athenaIdentity(databasePrefix?: string): string {
  return `athena-${databasesOf(databasePrefix).safe}`;
}
