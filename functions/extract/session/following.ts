import type { SavedAgenda } from '../../lake/agenda/agenda-objects.ts';
import type { CommitName } from '../../lake/objects.ts';
import type { KnownRecord } from '../../source/source.ts';

/** Which partitions of a stream are due that has one for each record of another stream. */
export interface Following {
  /** Parent records that are new or have changed since they were followed, or all; some at a time. */
  changedParents(): AsyncGenerator<ReadonlyMap<string, KnownRecord>>;
  /** Notes when the partitions of changed parents are due. */
  followChanges(): Promise<void>;
  /** The parents of the next partitions that are due and were not handed out in this run; none at the end. */
  nextDue(): Promise<ReadonlyMap<string, KnownRecord>>;
  /** Notes that a partition was read, or that it could not be: its cursor says so. */
  noteRead(id: string, parent: KnownRecord | undefined): void;
  /** Writes what changed. @returns undefined if there is no agenda, so that the next run makes one */
  save(commit: CommitName): Promise<SavedAgenda | undefined>;
  readonly segmentKeys: () => readonly string[];
}
