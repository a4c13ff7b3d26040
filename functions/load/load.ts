import { DATABASES } from '../../schemas/derive/databases.ts';
import { CallhouseError, type ExitCode } from '../errors.ts';
import { type LoadResult, worstOf } from '../results.ts';
import { loadStream, type Warehouse } from './load-stream.ts';
import type { LoadPlan, LoadPorts, StreamToLoad } from './plan.ts';

/** Result so far. */
interface Tally {
  commits: number;
  readonly changed: Record<string, number>;
  readonly errors: CallhouseError[];
}

/**
 * Loads all commits that the warehouse does not have. A stream that fails does not keep the others from being loaded; the next load
 * tries it again.
 */
export async function load(plan: LoadPlan, ports: LoadPorts): Promise<LoadResult> {
  const tally: Tally = { commits: 0, changed: {}, errors: [] };
  await collectErrors(tally, async () => {
    const warehouse = await openWarehouse(plan, ports);
    for (const stream of plan.streams) {
      for (const account of plan.accounts[stream.source] ?? []) {
        if (!ports.signal?.aborted)
          await collectErrors(tally, () => loadInto(tally, stream, account, warehouse, ports));
      }
    }
  });
  return describe(tally);
}

async function openWarehouse({ streams, databases = DATABASES }: LoadPlan, { engine }: LoadPorts): Promise<Warehouse> {
  await engine.prepare([...new Set(streams.flatMap(({ tables }) => tables))]);
  return { id: await engine.identity(), databases };
}

async function loadInto(tally: Tally, stream: StreamToLoad, account: string, warehouse: Warehouse, ports: LoadPorts) {
  for await (const { commits, changed } of loadStream(stream, account, warehouse, ports)) {
    tally.commits += commits;
    for (const [table, rows] of Object.entries(changed)) tally.changed[table] = (tally.changed[table] ?? 0) + rows;
  }
}

/** Collects an expected failure; rethrows a bug. */
async function collectErrors(tally: Tally, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CallhouseError)) throw error;
    tally.errors.push(error);
  }
}

function describe({ commits, changed, errors }: Tally): LoadResult {
  const exitCode: ExitCode = worstOf(errors.map((error) => error.exitCode));
  const error = errors.length > 0 ? [...new Set(errors.map(({ message }) => message))].join('; ') : undefined;
  return { commits, changed, error, exitCode };
}
