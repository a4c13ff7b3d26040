import type { Table } from '../../schemas/table.ts';
import type { Credentials } from '../ports.ts';
import { type Auth, credentialsOf } from './auth.ts';

/** One of several lists of a stream: those of one direction, one clinician, one call. */
export interface Partition {
  /** Stable name within the stream: an id at most, never another value of a record. */
  readonly id: string;
  /** What is known about every record of this partition. Columns read it as `$name`. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Values for the `{name}` parts of the stream's path. */
  readonly params?: Readonly<Record<string, string>>;
  /** Query parameters of this partition alone. */
  readonly query?: Readonly<Record<string, string>>;
  /** Read only by a full scan. @default false */
  readonly sweepOnly?: boolean;
}

/** The partition of a stream that declares none. */
export const WHOLE_STREAM: Partition = { id: 'all', context: {} };

/** A stretch of time, both ends inclusive. Without an end it reaches into the future. */
export interface Window {
  readonly from: Date;
  readonly to?: Date;
}

/** The page to request. */
export interface PageRequest {
  readonly partition: Partition;
  readonly page: number;
  /** Records per page. */
  readonly size: number;
  readonly window?: Window;
}

/** What a page contains, and what the vendor says about the list; judged on raw records. */
export interface Page {
  readonly records: readonly unknown[];
  /** The page number that the vendor echoes, if it does. */
  readonly page?: number | undefined;
  /** The vendor's own count of the complete list, if it gives one. */
  readonly total?: number | undefined;
  /** The vendor's own end signal. Undefined if it gives none; then an empty page ends the list. */
  readonly more?: boolean | undefined;
}

/**
 * One way to request a page. Declare several when the documented request may ignore its page parameter; the next one is used
 * when pages repeat.
 */
export interface RequestVariant {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly query: (request: PageRequest) => Readonly<Record<string, string>>;
  readonly body?: (request: PageRequest) => unknown;
}

/** What is known about a record of another stream of the account. */
export interface KnownRecord {
  readonly contentHash: string;
  /** Day of `_part_on`, days since the epoch. */
  readonly partOn: number;
  /** Partition or group of the record. */
  readonly group?: string;
  /** Marked deleted at, ms. */
  readonly deletedAt?: number;
}

/** What a source may use to list its partitions. */
export interface SourceContext {
  /** Records of a stream of the same account, by key. */
  readonly recordsOf: (stream: string) => ReadonlyMap<string, KnownRecord>;
  /** Optional settings of the account, by the names in `Source.options`. */
  readonly options: Credentials;
}

/** A record that a stream with several partitions has just shown. */
export interface Sighting {
  /** The partition that showed it. */
  readonly partition: string;
  /** Other partitions that showed it earlier in this read, in order. */
  readonly earlier: readonly string[];
  /** Group that it belonged to before this run. */
  readonly known: string | undefined;
  /** True during a full scan whose partitions were all read completely so far. */
  readonly sweep: boolean;
}

/** Where a record belongs, decided from a {@link Sighting}. */
export interface Ownership {
  readonly group: string;
  /** Replaces parts of the partition's context for this record. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Logged once per run. */
  readonly warning?: string | undefined;
}

/** How often (`every`) which stretch of history (`back`, counted from now) is read again: `15m`, `6h`, `3d`. */
export interface Tier {
  readonly every: string;
  readonly back: string;
}

interface StreamBase {
  /** The first table's rows are the records; rows of the others are the records' children. */
  readonly tables: readonly [Table, ...Table[]];
  /** Path below the origin. Its `{name}` parts are replaced by the partition's `params`. */
  readonly path: string;
  readonly firstPage: 0 | 1;
  /** Records to request per page; the vendor may give fewer. 0 means that one answer is everything. */
  readonly pageSize: number;
  /** @default one partition without context */
  readonly partitions?: (context: SourceContext) => Iterable<Partition>;
  /** Ways to request a page, the preferred one first. */
  readonly variants: readonly [RequestVariant, ...RequestVariant[]];
  /** Reads a parsed answer. @throws ContractError if it is not what the vendor's document says */
  readonly read: (body: unknown, request: PageRequest) => Page;
  /** If true, a 404 for one partition (such as a removed clinician) skips that partition; its rows are kept. @default false */
  readonly skipMissingPartition?: boolean;
  /** Skip this stream if the named option is set, because the option supplies the ids that the stream would list. */
  readonly skipWhenOptionSet?: string;
}

/** A list of records that is read incrementally and, at intervals, completely. */
export interface CollectionStream extends StreamBase {
  readonly kind: 'collection';
  /** Record fields by which the list may be sorted newest first. The order is verified before a read stops early. */
  readonly order: readonly string[];
  /** True if the vendor filters by time, so that a window can be requested when the order does not help. */
  readonly filters: boolean;
  readonly tiers: readonly Tier[];
  /** Read completely at every run, because the list is short. @default false */
  readonly alwaysSweep?: boolean;
  /** Decides where a record belongs that several partitions may show. @default the partition that showed it */
  readonly assignOwner?: (sighting: Sighting) => Ownership;
  /** True if records of the group are in the partition's list. @default the group is the partition */
  readonly isListedIn?: (group: string, partition: string) => boolean;
}

/** One partition per record of a parent stream, each read at intervals. */
export interface PerParentStream extends StreamBase {
  readonly kind: 'per-parent';
  readonly parent: string;
  /** Partitions of parents this young are read at every run. */
  readonly hotFor: string;
  /** Every partition is read at least this often. */
  readonly maxAge: string;
}

/** Daily figures, read again over rolling windows of days. */
export interface DailyStream extends StreamBase {
  readonly kind: 'daily';
  readonly tiers: readonly Tier[];
  /** Streams whose earliest record says where history begins. */
  readonly historyFrom: readonly string[];
}

export type Stream = CollectionStream | PerParentStream | DailyStream;

/** How fast a vendor may be asked. The setting `maxRps` and `<SOURCE>_MAX_RPS` replace both rates. */
export interface Limits {
  /** @default 10, or what `perMinute` allows if that is less */
  readonly perSecond?: number;
  readonly perMinute?: number;
  /** Further statuses that pass by themselves, besides 408, 425, 429 and 5xx. */
  readonly retry?: readonly number[];
}

/** Declaration of a vendor. */
export interface SourceOptions {
  readonly name: string;
  /** Origin; `<SOURCE>_BASE_URL` or the setting `baseUrl` replaces it. */
  readonly baseUrl: string;
  readonly auth: Auth;
  readonly limits?: Limits;
  /** Environment variables that may be set in addition. */
  readonly options?: readonly string[];
  /** In the order in which they are read: a parent before its children. */
  readonly streams: Readonly<Record<string, Stream>>;
}

/** One vendor. */
export interface Source extends SourceOptions {
  /** Environment variables that hold the credentials. */
  readonly credentials: readonly string[];
}

/** Declares a source. Its credentials are those that its authorization names. */
export function defineSource(source: SourceOptions): Source {
  return { ...source, credentials: [...new Set(credentialsOf(source.auth))] };
}

const DEFAULT_RPS = 10;

/** Requests per second that the source allows at most. */
export function rateOf({ limits: { perSecond = DEFAULT_RPS, perMinute } = {} }: Pick<Source, 'limits'>): number {
  return perMinute === undefined ? perSecond : Math.min(perSecond, perMinute / 60);
}
