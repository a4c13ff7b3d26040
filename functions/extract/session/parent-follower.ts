import type { SavedAgenda } from '../../lake/agenda/agenda-objects.ts';
import type { CommitName } from '../../lake/objects.ts';
import type { KnownRecord } from '../../source/source.ts';

/** Follows the records of another stream, the parents: a stream has a partition for each, and the follower knows which are due. */
export interface ParentFollower {
  /** Parents that are new or have changed since they were followed, or all if it is not known which; some at a time. */
  changedParents(): AsyncGenerator<ReadonlyMap<string, KnownRecord>>;
  /** Notes when the partitions of changed parents are due. */
  followChanges(): Promise<void>;
  /** Hands out the parents of the next partitions that are due; none if all were handed out in this run. */
  nextDue(): Promise<ReadonlyMap<string, KnownRecord>>;
  /** Notes that a partition was read, or could not be read, as its cursor says. */
  noteRead(id: string, parent: KnownRecord | undefined): void;
  /** Writes what changed. @returns undefined if there is no agenda, so that the next run makes one */
  save(commit: CommitName): Promise<SavedAgenda | undefined>;
  /** Keys of the objects that the saved agenda consists of. */
  readonly segmentKeys: () => readonly string[];
}
