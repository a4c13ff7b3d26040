import { AlreadyRunningError, ConfigError } from '../errors.ts';
import { fenceLogs } from './fence-logs.ts';
import { type Lease, type LeasePorts, takeLease } from './lease.ts';

/** A source and one of its accounts, or the names of another lease. */
export type LeaseName = readonly [source: string, account: string];

/**
 * Does work while no run of these accounts can begin, and none that began earlier can commit.
 * @param wait what is to be paused until the work is done, for the message
 * @throws ConfigError if a run is in progress
 */
export async function whileHeld<T>(
  names: readonly LeaseName[],
  ports: LeasePorts,
  { wait, work }: { readonly wait: string; readonly work: () => Promise<T> },
): Promise<T> {
  const held: Lease[] = [];
  try {
    for (const [source, account] of names) {
      const lease = await takeLease(source, account, ports);
      held.push(lease);
      if (lease.mayHaveLeft) await fenceLogs(source, account, ports);
    }
    return await work();
  } catch (error) {
    if (!(error instanceof AlreadyRunningError)) throw error;
    throw new ConfigError(
      `a run is in progress; wait until it has ended, and pause the schedule until ${wait}`,
      error.context,
    );
  } finally {
    for (const lease of held) await lease.release();
  }
}
