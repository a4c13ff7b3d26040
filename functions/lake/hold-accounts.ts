import { AlreadyRunningError, ConfigError } from '../errors.ts';
import { type Lease, type LeasePorts, takeLease } from './lease.ts';

/** A source and one of its accounts, or the names of another lease. */
export type LeaseName = readonly [source: string, account: string];

/**
 * Does work while no run of these accounts can begin.
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
      const taken = takeLease(source, account, ports).catch((error: unknown) => {
        if (!(error instanceof AlreadyRunningError)) throw error;
        throw new ConfigError(`a run is in progress; wait until it has ended, and pause the schedule until ${wait}`, {
          source,
          account,
        });
      });
      held.push(await taken);
    }
    return await work();
  } finally {
    for (const lease of held) await lease.release();
  }
}
