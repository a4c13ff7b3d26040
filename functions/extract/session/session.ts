import type { ListUnavailableError } from '../../errors.ts';
import type { HttpClient } from '../../http/client.ts';
import type { CommitLog } from '../../lake/commit-log.ts';
import type { DigestOwner } from '../../lake/digest/open-digest.ts';
import type { Digest } from '../../lake/digest.ts';
import type { ErasedRecords } from '../../lake/erasure-ledger.ts';
import type { StreamId } from '../../lake/objects.ts';
import type { RawWriter } from '../../lake/raw-pages.ts';
import type { Ports } from '../../ports.ts';
import type { StreamProgress } from '../../results.ts';
import type { Partition, Window } from '../../source/page.ts';
import type { Source, Stream, Tier } from '../../source/source.ts';
import type { Diff } from '../changes/diff.ts';
import type { DropSensitive } from '../redact/drop-sensitive.ts';
import type { IsBeforeHistory } from '../rows/before-history.ts';
import type { Rejects } from '../rows/coerce.ts';
import type { KeyOf } from '../rows/column-reader.ts';
import type { ErasedKeyOf } from '../rows/erased.ts';
import type { LoadFirstKeys } from '../rows/first-keys.ts';
import type { Flatten } from '../rows/flatten.ts';
import type { ShownTexts } from '../rows/shown-texts.ts';
import type { Stager } from '../stage/stager.ts';
import type { Tuning } from '../tuning.ts';
import type { ParentFollower } from './parent-follower.ts';
import type { Siblings } from './sibling-records.ts';

/** The settings of a source that reading depends on, with their defaults. */
export interface ReadSettings {
  /** @default the stream's own */
  readonly tiers: readonly Tier[] | undefined;
  /** Time between two full scans, such as `3d`. */
  readonly sweepEvery: string;
  /** First day of history to read, days since the epoch. Undefined: everything that the vendor lists. */
  readonly historyDay: number | undefined;
  /** What a missing or unclear opt-out flag means. @default opted out, and a page with many of them is refused */
  readonly optOutWhenAbsent?: boolean | undefined;
  /** Texts that `callhouse` shows although they do not fit, by `<table>.<column>`. @default none */
  readonly safeValues?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What the streams of one run of one account share. */
export interface AccountRun {
  readonly source: Source;
  readonly account: string;
  /** Origin of the vendor's API, checked, without a trailing slash. */
  readonly baseUrl: string;
  /** Scheduled time, ms. Every window is counted from it. */
  readonly at: number;
  readonly runId: string;
  readonly ports: Ports;
  readonly client: HttpClient;
  /** HMAC key of the `_hash` columns. */
  readonly hashKey: string;
  readonly tuning: Tuning;
  readonly settings: ReadSettings;
  readonly removal: 'delete' | 'blank';
  /** A backfill reads this stretch and does not change the schedule. */
  readonly window: Required<Window> | undefined;
  /** The clock, ms. It is the scheduled time if that was given by hand. */
  readonly clock: () => number;
  /** That clock when the run began, ms. */
  readonly startedClock: number;
  /** For how long the run has read by that clock, ms, without the time for which its process was suspended. */
  readonly readingTime: () => number;
  /** Names of streams of which an earlier run, or this one, may have left objects behind that no commit names. */
  readonly unswept: Set<string>;
  /** Looks at the lease of the account, see `Lease.check` in `lake/lease.ts`. @throws AlreadyRunningError if another process has taken it over */
  readonly checkLease: () => Promise<void>;
  /** Erased records, which are never stored again; undefined if nothing was erased. */
  readonly erased: ErasedRecords | undefined;
  /** What is known about the account's streams that were read before. */
  readonly siblings: Siblings;
  /** Says why a stream that lists its partitions by the given one finds none; undefined if it may. */
  readonly whyUnlisted: (stream: string, by: string) => ListUnavailableError | undefined;
}

/** One run of one stream. What changes while it runs is behind the methods of its parts. */
export interface StreamSession extends AccountRun {
  readonly id: StreamId;
  readonly stream: Stream;
  readonly log: CommitLog;
  readonly digest: Digest;
  readonly digestOwner: DigestOwner;
  /** True if another stream has a partition for each record of this one. */
  readonly isFollowed: boolean;
  /** Knows which of its partitions are due, if it has one for each record of another stream. */
  readonly follower?: ParentFollower | undefined;
  readonly keyOf: KeyOf;
  /** Loads what the keys of these records depend on. Undefined if they depend on the records alone. */
  readonly loadFirstKeys: LoadFirstKeys | undefined;
  readonly flatten: Flatten;
  /** Flattens a record that was flattened before; what is wrong with it, or hidden, was counted then. */
  readonly flattenAgain: () => Flatten;
  /** Undefined if every record that the vendor lists is stored. */
  readonly isBeforeHistory: IsBeforeHistory | undefined;
  /** Undefined if nothing was erased. */
  readonly erasedKeyOf: ErasedKeyOf | undefined;
  readonly diff: Diff;
  readonly stager: Stager;
  readonly raw: RawWriter;
  readonly rejects: Rejects;
  /** Judges which texts `callhouse` shows. */
  readonly texts: ShownTexts;
  /** Removes what is not kept of a record that opted out. */
  readonly dropSensitive: DropSensitive;
  readonly progress: StreamProgress;
  /** Names of the request variants that the vendor refused in this run. */
  readonly refusedVariants: Set<string>;
  /** How many records of each group full scans of this run have marked deleted; an empty text for no group. */
  readonly removed: Map<string, number>;
  /** Records of a partition that are not marked deleted. */
  readonly liveIn: (partition: Partition) => number;
  /** Logs a warning, once per run. */
  warnOnce(message: string): void;
}
