import type { Table } from '../../schemas/table.ts';
import type { Credentials } from '../ports.ts';
import { type Auth, credentialsOf, relativeToken } from './auth.ts';
import { type DetailsPaging, detailsPaging, partitionPerRecord } from './details.ts';
import type { Ownership, Partition, Sighting } from './page.ts';
import type { ListPaging } from './paging.ts';
import { variantsOf } from './variants.ts';

/** What is known about a record of another stream of the account. */
export interface KnownRecord {
  readonly contentHash: string;
  /** Day of `_part_on`, days since the epoch. */
  readonly partOn: number;
  /** `at` of the run that saw it first, ms. */
  readonly firstSeenAt: number;
  /** Partition or group of the record. */
  readonly group?: string;
  /** Marked deleted at, ms. */
  readonly deletedAt?: number;
  /** Its caller wants nothing stored. */
  readonly optedOut?: true;
  /** Values that its table hands on, by their columns, as JSON text. */
  readonly handed?: string;
  /** It is marked deleted, and nothing sensitive of it is kept. */
  readonly blanked?: true;
}

/** What a source may use to list its partitions. */
export interface SourceContext {
  /** Records of a stream of the same account, by key. */
  readonly recordsOf: (stream: string) => ReadonlyMap<string, KnownRecord>;
  /** Credentials and options of the account, by their variables. */
  readonly options: Credentials;
}

/** How often (`every`) which stretch of history (`back`, counted from now) is read again: `15m`, `6h`, `3d`. */
export interface Tier {
  readonly every: string;
  readonly back: string;
}

/**
 * The vendor's filter on time, and how far an answer reaches. The framework splits what it reads into windows as the vendor allows
 * them. Only the windows of a full scan prove that a record is gone. A record without an instant in `by` is in no window, so once such a
 * record was seen, a scan in several windows proves nothing.
 */
export interface WindowRule {
  /** Column that the filter is on. */
  readonly by: string;
  /** How an instant is written: `2026-11-01T09:00:00.000Z`, the same with `+00:00`, `2026-11-01T09:00:00Z`, `2026-11-01`, or a number of seconds or ms. */
  readonly as: 'iso' | 'iso-offset' | 'iso-seconds' | 'day' | 'seconds' | 'millis';
  /** Whether a window contains records of its end, which is the complete last day if `as` is `day`. @default 'included' */
  readonly end?: 'included' | 'excluded';
  /** The vendor refuses or cuts longer windows, so they are split: `30d`. If `as` is `day`, both ends count. @default any length */
  readonly longest?: string;
  /**
   * Set if the vendor does not show everything without a window. Then each read has one, and a full scan begins at the setting
   * `historyStart`, else `back` before the run. Older records are kept and never marked deleted. @default not required
   */
  readonly required?: { readonly back: string };
  /** The vendor shows no more records than this per query. A window that reaches it is halved. @default unlimited */
  readonly cap?: number;
}

interface StreamBase extends ListPaging {
  /** The first table's rows are the records; rows of the others are the records' children. */
  readonly tables: readonly [Table, ...Table[]];
  /** Records to request per page; the vendor may give fewer. 0 means that one answer is everything. */
  readonly pageSize: number;
  /** Records per page of a full scan: the most that the vendor documents. @default `pageSize` */
  readonly largestPage?: number;
  /** @default the vendor does not filter by time */
  readonly window?: WindowRule;
  /** @default one partition without context */
  readonly partitions?: (context: SourceContext) => Iterable<Partition>;
  /** If true, a 404 for one partition (such as a removed clinician) skips that partition; its rows are kept. @default false */
  readonly skipMissingPartition?: boolean;
  /**
   * Skip this stream if the named option is set, because the option supplies the ids that the stream would list. Without it the list
   * has at least one record: an empty list is an error, and messages name the option.
   */
  readonly skipWhenOptionSet?: string;
}

/** A list of records that is read incrementally and, at intervals, completely. */
export interface CollectionStream extends StreamBase {
  readonly kind: 'collection';
  /** Record fields by which the list may be sorted newest first. The order is verified before a read stops early. @default none */
  readonly order: readonly string[];
  /** How often which stretch is read again. @default {@link USUAL_TIERS}, or none if `alwaysSweep` */
  readonly tiers: readonly Tier[];
  /** Read completely at every run, because the list is short. @default false */
  readonly alwaysSweep?: boolean;
  /** Decides where a record belongs that several partitions may show. @default the partition that showed it */
  readonly assignOwner?: (sighting: Sighting) => Ownership;
  /** True if records of the group are in the partition's list. @default the group is the partition */
  readonly isListedIn?: (group: string, partition: string) => boolean;
  /** What is requested for each record, by the name of the stream that has it. @default nothing */
  readonly details?: Readonly<Record<string, Details>>;
}

/**
 * What is requested for each record of a collection, in one request per record: when the record is new, and again when it has changed.
 * The rows follow their record: they are marked deleted, blanked and redacted with it.
 */
export interface Details extends DetailsPaging {
  /** Young records whose details are requested again though the record has not changed. @default none */
  readonly again?: readonly Tier[];
}

/** The details of a collection's records, as a stream of its own: one partition per record. */
export interface DetailsStream extends StreamBase {
  readonly kind: 'details';
  /** Stream of the records, and their table. */
  readonly parent: string;
  readonly parentTable: Table;
  readonly declared: Details;
  /** An answer is a list of child records of the record, not one object. */
  readonly isList: boolean;
}

/** One partition per record of a parent stream, each read at intervals. */
export interface PerParentStream extends StreamBase {
  readonly kind: 'per-parent';
  readonly parent: string;
  /** Ages of a parent at which its partition is read again, ascending. It is also read at first, and when the parent has changed. */
  readonly readAtAges: readonly string[];
  /** After the last of these ages, the partition is read this often. */
  readonly thenEvery: string;
}

/** Daily figures, read again over rolling windows of days. */
export interface DailyStream extends StreamBase {
  readonly kind: 'daily';
  readonly tiers: readonly Tier[];
  /** Streams whose earliest record says where history begins. */
  readonly historyFrom: readonly string[];
}

export type Stream = CollectionStream | PerParentStream | DailyStream | DetailsStream;

/** The tiers of a list whose source does not declare any. */
export const USUAL_TIERS: readonly Tier[] = [
  { every: '15m', back: '6h' },
  { every: '6h', back: '3d' },
];

type Usual = 'kind' | 'order' | 'tiers';
/** A list as a source declares it. What it leaves out has its default. */
export type DeclaredCollection = Omit<CollectionStream, Usual> & Partial<Pick<CollectionStream, Usual>>;
/** A stream as a source declares it. Without a kind it is a collection. */
export type DeclaredStream = DeclaredCollection | Exclude<Stream, CollectionStream>;

/** How fast a vendor may be asked. The setting `maxRps` and `<SOURCE>_MAX_RPS` replace both rates. */
export interface Limits {
  /** Requests per second. @default 10, or what `perMinute` allows if that is less */
  readonly perSecond?: number;
  /** Requests per minute. @default no other limit than that per second */
  readonly perMinute?: number;
  /** Further statuses after which a request is tried again, besides 408, 425, 429 and 5xx. */
  readonly retry?: readonly number[];
}

/** Declaration of a vendor. */
export interface SourceOptions {
  readonly name: string;
  /** Origin; `<SOURCE>_BASE_URL` or the setting `baseUrl` replaces it. */
  readonly baseUrl: string;
  readonly auth: Auth;
  /** Headers that each request of a list has besides, and that are no secret: `{ 'Accept-Version': '2026-11-01' }`. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  readonly limits?: Limits;
  /** Environment variables that may be set in addition. */
  readonly options?: readonly string[];
  /** In the order in which they are read: a parent before its children. */
  readonly streams: Readonly<Record<string, DeclaredStream>>;
}

/** What the warehouse holds of a source: the tables of its streams. */
export interface StoredSource {
  readonly name: string;
  readonly streams: Readonly<Record<string, Pick<Stream, 'tables'>>>;
}

/** One vendor. */
export interface Source extends SourceOptions {
  readonly streams: Readonly<Record<string, Stream>>;
  /** Environment variables that hold the credentials. */
  readonly credentials: readonly string[];
}

/** Declares a source. Its credentials are those that its authorization and its paths name. */
export function defineSource(source: SourceOptions): Source {
  const { auth, options = [] } = source;
  const streams = withDetails(source.streams);
  const paths = Object.values(streams).flatMap((stream) => variantsOf(stream).map(({ path }) => String(path)));
  const inPaths = paths.flatMap((path) => [...path.matchAll(/\{([A-Z][A-Z0-9_]*)\}/g)].map(([, name = '']) => name));
  const names = [...credentialsOf(auth), ...inPaths.filter((name) => !options.includes(name))];
  return { ...source, auth: relativeToken(auth, source.baseUrl), streams, credentials: [...new Set(names)] };
}

/** The streams, each followed by the details of its records. */
function withDetails(streams: SourceOptions['streams']): Source['streams'] {
  const entries = Object.entries(streams).flatMap(([parent, declared]) => {
    const stream = withUsual(declared);
    const [parentTable] = stream.tables ?? [];
    const details = stream.kind === 'collection' ? Object.entries(stream.details ?? {}) : [];
    const own: (readonly [string, Stream])[] = [[parent, stream]];
    // What is wrong in a declaration is found when it is checked.
    for (const [name, one] of details)
      if (parentTable && one.tables?.[0] && (streams[name]?.kind ?? 'details') === 'details')
        own.push([name, detailsStream(one, parent, parentTable)]);
    return own;
  });
  return Object.fromEntries(entries);
}

function withUsual(declared: DeclaredStream): Stream {
  if (!isCollection(declared)) return declared;
  return { kind: 'collection', order: [], tiers: declared.alwaysSweep ? [] : USUAL_TIERS, ...declared };
}

function isCollection(declared: DeclaredStream): declared is DeclaredCollection {
  return (declared.kind ?? 'collection') === 'collection';
}

function detailsStream(declared: Details, parent: string, parentTable: Table): DetailsStream {
  const { tables, answer } = declared;
  return {
    kind: 'details',
    ...{ parent, parentTable, declared, tables },
    isList: answer?.records !== undefined,
    pageSize: 0,
    ...detailsPaging(declared),
    partitions: ({ recordsOf }) => partitionPerRecord(parentTable, recordsOf(parent)),
  };
}

const DEFAULT_RPS = 10;

/** Requests per second that the source allows at most. */
export function rateOf({ limits: { perSecond = DEFAULT_RPS, perMinute } = {} }: Pick<Source, 'limits'>): number {
  return perMinute === undefined ? perSecond : Math.min(perSecond, perMinute / 60);
}
