import type { ReplayHomePorts, ReplayRequest } from '../../../functions/replay/replay.ts';

/** A replay that is ready to begin, of a data directory or of a stage. */
export interface ReplayHome {
  readonly request: ReplayRequest;
  readonly ports: ReplayHomePorts;
  close(): Promise<void>;
  /** Publishes the copy for BI tools, after `close`. */
  replaceCopies(): Promise<void>;
}
