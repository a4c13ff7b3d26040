import { DATABASES, type Databases } from '../../schemas/derive/databases.ts';
import type { LoadPlan } from '../load/plan.ts';
import type { Engine, Log, Store } from '../ports.ts';

/** What is maintained: all that is loaded. */
export type MaintainPlan = LoadPlan;

/** What maintenance reaches the world by. */
export interface MaintainPorts {
  readonly store: Store;
  readonly engine: Engine;
  readonly log: Log;
  /** Milliseconds left before it must stop. */
  readonly remainingMs: () => number;
}

/** Names of the databases of a plan. */
export function databasesIn({ databases = DATABASES }: MaintainPlan): Databases {
  return databases;
}

/** Streams of each account that is maintained. */
export function accountsIn({ streams, accounts }: MaintainPlan) {
  return Object.entries(accounts).flatMap(([source, names]) => {
    const own = streams.filter((stream) => stream.source === source);
    return names.map((account) => ({ source, account, streams: own }));
  });
}
