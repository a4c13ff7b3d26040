import type { Table } from '../schemas/table.ts';
import type { Entry } from './extract/digest.ts';
import type { Credentials } from './ports.ts';

/** One list of the vendor to walk: a stream may have several (a direction, a clinician, a call). */
export interface List {
  /** Stable name within the stream; an id at most, never a value of a record. */
  readonly id: string;
  /** What the source knows of every record of this list; columns read it as `$name`. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Values for the `{name}` parts of the stream's path. */
  readonly params?: Readonly<Record<string, string>>;
  /** Query of this list alone. */
  readonly query?: Readonly<Record<string, string>>;
  /** Read only when everything is read. @default false */
  readonly sweepOnly?: boolean;
}

/** A stretch of time; an open end reaches into the future. */
export interface Window {
  readonly from: Date;
  readonly to?: Date;
}

/** What a page is asked for with. */
export interface Ask {
  readonly list: List;
  readonly page: number;
  readonly size: number;
  readonly window?: Window;
}

/** What a page said, judged on raw records. */
export interface Page {
  readonly records: readonly unknown[];
  /** The page number the vendor echoes, where it does. */
  readonly page?: number;
  /** The vendor's own count of the whole list, where it gives one. */
  readonly total?: number;
  /** The vendor's own end signal; undefined where it gives none: then an empty page ends the list. */
  readonly more?: boolean;
}

/** Another way to ask the same list, used where the first does not move. */
export interface Way {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly query: (ask: Ask) => Readonly<Record<string, string>>;
  readonly body?: (ask: Ask) => unknown;
}

/** What the run knows of its sibling streams and options when it lists what to read. */
export interface Known {
  /** Keys and digest entries of a stream of the same account. */
  readonly entries: (stream: string) => ReadonlyMap<string, Entry>;
  /** Optional settings of the account, by the names in `Source.options`. */
  readonly options: Credentials;
}

/** Where a record of a stream with several lists belongs, given all lists that showed it. */
export interface Claim {
  readonly list: string;
  /** Lists that showed it earlier in this run, in order. */
  readonly earlier: readonly string[];
  /** Group it belonged to before this run. */
  readonly known: string | undefined;
  /** True while everything is read, each list so far completely. */
  readonly sweep: boolean;
}

/** The decision on a {@link Claim}. */
export interface Settled {
  readonly group: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly warning?: string;
}

/** A stretch of history that is re-read: every so often, so far back; `15m`, `6h`, `3d`. */
export interface Tier {
  readonly every: string;
  readonly back: string;
}

interface StreamBase {
  /** The first one's rows are the records; the others' are its children. */
  readonly tables: readonly [Table, ...Table[]];
  /** Path below the origin; `{name}` parts come from the list. */
  readonly path: string;
  readonly firstPage: 0 | 1;
  /** Records asked for per page; the vendor may give fewer. 0: the answer is one page. */
  readonly pageSize: number;
  /** @default one list without context */
  readonly lists?: (known: Known) => Iterable<List>;
  /** The ways to ask, the preferred first. */
  readonly ways: readonly [Way, ...Way[]];
  /** Reads a parsed answer. @throws ContractError when it is not what the document says */
  readonly read: (body: unknown, ask: Ask) => Page;
  /** The vendor may answer 404 for one list (a removed clinician): its rows stay, the others go on. @default false */
  readonly mayVanish?: boolean;
  /** The lists cannot be had, and are given by this option instead: the stream is left out. */
  readonly unless?: string;
}

/** A list that is walked from its head, through a filter on time, or whole. */
export interface ListingStream extends StreamBase {
  readonly plan: 'listing';
  /** Record fields the list may be sorted by, newest first; verified before any early stop. */
  readonly order: readonly string[];
  /** True where the vendor filters by time, so that a window can be asked for when order does not help. */
  readonly filters: boolean;
  readonly tiers: readonly Tier[];
  /** Short lists are read whole each run. @default false */
  readonly always?: boolean;
  readonly claim?: (claim: Claim) => Settled;
}

/** One list per record of a parent stream, each read in rotation. */
export interface RotationStream extends StreamBase {
  readonly plan: 'rotation';
  readonly parent: string;
  /** Lists of parents created this recently are read at every run. */
  readonly fresh: string;
  /** Every list is read at least this often. */
  readonly within: string;
  /** Field by which the next read starts a day before the last record seen. */
  readonly cursor: string;
}

/** Daily figures, read again over rolling windows of days. */
export interface DaysStream extends StreamBase {
  readonly plan: 'days';
  readonly tiers: readonly Tier[];
  /** Streams whose earliest row tells where history begins. */
  readonly since: readonly string[];
}

export type Stream = ListingStream | RotationStream | DaysStream;

/** One vendor. */
export interface Source {
  readonly name: string;
  /** Origin, replaced by `<SOURCE>_BASE_URL` or a setting. */
  readonly baseUrl: string;
  /** Environment variables that hold the credentials. */
  readonly credentials: readonly [string, ...string[]];
  /** Environment variables that may be set besides. */
  readonly options?: readonly string[];
  readonly headers: (credentials: Credentials) => Readonly<Record<string, string>>;
  /** In the order they are read: a parent before its children. */
  readonly streams: Readonly<Record<string, Stream>>;
}

/** Declares a source. */
export function defineSource(source: Source): Source {
  return source;
}
