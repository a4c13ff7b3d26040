import { foldersIn } from '../lake/folders-in.ts';
import { PROGRESS_PREFIX } from '../lake/objects.ts';
import { undeclaredSources } from '../lake/undeclared-sources.ts';
import type { Store } from '../ports.ts';

/** Where an erasure cannot look. */
export interface LeftElsewhere {
  /** Number of other warehouses that have loaded from the lake. */
  readonly warehouses: number;
  /** Sources with records in the lake, of which there is no declaration. */
  readonly sources: readonly string[];
}

/** Looks for what else has copies of a lake's records. @param own identity of the warehouse that is looked into */
export async function leftElsewhere(store: Store, own: string, known: readonly string[]): Promise<LeftElsewhere> {
  const warehouses = await foldersIn(store, PROGRESS_PREFIX);
  return {
    warehouses: warehouses.filter((one) => one !== own).length,
    sources: await undeclaredSources(store, known),
  };
}
