import { DATABASES, type Databases } from '../../schemas/derive/databases.ts';
import type { LoadPlan } from '../load/plan.ts';
import type { Engine, Log, Store } from '../ports.ts';

/** What to maintain: everything that is loaded. */
export type MaintainPlan = LoadPlan;

/** The ports of maintenance. */
export interface MaintainPorts {
  readonly store: Store;
  readonly engine: Engine;
  readonly log: Log;
  /** Milliseconds left before maintenance must stop. */
  readonly remainingMs: () => number;
}

/** Names of the databases of a plan. */
export function databasesIn({ databases = DATABASES }: MaintainPlan): Databases {
  return databases;
}

/** The accounts to maintain, each with its streams. */
export function accountsIn({ streams, accounts }: MaintainPlan) {
  return Object.entries(accounts).flatMap(([source, names]) => {
    const own = streams.filter((stream) => stream.source === source);
    return names.map((account) => ({ source, account, streams: own }));
  });
}
