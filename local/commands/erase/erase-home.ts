import type { ErasePorts, EraseRequest } from '../../../functions/erase/erase-records.ts';

/** A place to erase from, a data directory or a stage, ready to begin. */
export interface EraseHome {
  readonly request: Pick<EraseRequest, 'sources' | 'accounts' | 'leases'>;
  readonly ports: ErasePorts;
  /** What keeps erased values for a while, and how long; each is a sentence. */
  readonly remains: readonly string[];
  close(): Promise<void>;
  /** Replaces copies of the warehouse, after `close`. */
  replaceCopies(): Promise<void>;
}
