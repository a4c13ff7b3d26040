import { AlreadyRunningError, ConfigError } from '../errors.ts';
import { fenceLogs } from './fence-logs.ts';
import { heldStore, type Lease, type LeasePorts, takeLease } from './lease.ts';

/** A source and one of its accounts, or the names of another lease. */
export type LeaseName = readonly [source: string, account: string];

/** Work looks at its leases this often. It does more damage than a run if two processes believe that they hold one. */
const LOOK_MS = 1000;

/** Work that is done while leases are held. */
export interface HeldWork<P, T> {
  /** What is to be paused until the work is done, for the message. */
  readonly wait: string;
  /**
   * @param ports with a store that refuses to write once another process has taken a lease over
   * @param check throws AlreadyRunningError then; for what does not go through the store
   */
  readonly work: (ports: P, check: Lease['check']) => Promise<T>;
}

/**
 * Does work while no run of these accounts can begin, and none that began earlier can commit.
 * @throws ConfigError if a run is in progress, or begins because this process was suspended
 */
export async function whileHeld<P extends LeasePorts, T>(
  names: readonly LeaseName[],
  ports: P,
  { wait, work }: HeldWork<P, T>,
): Promise<T> {
  const held: Lease[] = [];
  const check = async () => {
    for (const lease of held) await lease.check();
  };
  let isBegun = false;
  try {
    for (const [source, account] of names) {
      const lease = await takeLease(source, account, ports);
      held.push(lease);
      if (lease.mayHaveLeft) await fenceLogs(source, account, ports);
    }
    // A process that was suspended while it took a lease may have taken one that others have had, and given up, since.
    await check();
    isBegun = true;
    return await work({ ...ports, store: heldStore(ports.store, check, ports.now, LOOK_MS) }, check);
  } catch (error) {
    if (!(error instanceof AlreadyRunningError)) throw error;
    const then = isBegun ? ', and run this again: it is not complete' : '';
    throw new ConfigError(
      `a run is in progress; wait until it has ended, and pause the schedule until ${wait}${then}`,
      error.context,
    );
  } finally {
    for (const lease of held) await lease.release();
  }
}
