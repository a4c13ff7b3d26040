import type { Rotation, RotationPorts } from '../../../functions/rotate/rotate-hash-key.ts';

/** A rotation that is ready to begin, of a data directory or of a stage. */
export interface RotationHome {
  readonly rotation: Rotation;
  readonly ports: RotationPorts;
  close(): Promise<void>;
  /** Replaces copies that hold hashes of the earlier key, after `close`. */
  replaceCopies(): Promise<void>;
}
