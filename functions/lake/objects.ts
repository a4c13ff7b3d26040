import { promisify } from 'node:util';
import { createGunzip, gunzip, gzip } from 'node:zlib';
import { StorageError } from '../errors.ts';
import type { Codec, Store } from '../ports.ts';

/** Identity of a stream: one endpoint of one source, read with one account's credentials. */
export interface StreamId {
  readonly source: string;
  readonly account: string;
  readonly stream: string;
}

/** Number and load id of a commit. */
export interface CommitName {
  readonly n: number;
  readonly loadId: string;
}

/** Every sequence number has this many digits, so that the byte order of keys is the order of numbers. */
const SEQUENCE_DIGITS = 12;

/** A number as it appears in keys. */
export function sequence(n: number): string {
  return String(n).padStart(SEQUENCE_DIGITS, '0');
}

/** `<source>/<account>/<stream>`: the name of a stream in keys, and in notes about several streams. */
export function streamName({ source, account, stream }: StreamId): string {
  return `${source}/${account}/${stream}`;
}

/** `commits/<source>/<account>/<stream>/` */
export function commitPrefix(id: StreamId): string {
  return `commits/${streamName(id)}/`;
}

/** `commits/<source>/<account>/<stream>/<n>.json` */
export function commitKey(id: StreamId, n: number): string {
  return `${commitPrefix(id)}${sequence(n)}.json`;
}

const COMMIT_NUMBER = new RegExp(`/(\\d{${SEQUENCE_DIGITS}})\\.json$`);

/** The number in a commit's key; undefined if the key is not one of a commit. */
export function commitNumber(key: string): number | undefined {
  const digits = COMMIT_NUMBER.exec(key)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** `checkpoints/<source>/<account>/<stream>/`: their numbers say how far the commit log is known to reach. */
export function checkpointPrefix(id: StreamId): string {
  return `checkpoints/${streamName(id)}/`;
}

/** `digests/<source>/<account>/<stream>/` */
export function digestPrefix(id: StreamId): string {
  return `digests/${streamName(id)}/`;
}

/** `digests/<source>/<account>/<stream>/<n>-<load id>.jsonl.gz` */
export function digestKey(id: StreamId, n: number, loadId: string): string {
  return `${digestPrefix(id)}${sequence(n)}-${loadId}.jsonl.gz`;
}

/** One shard of settled rows: `digests/<source>/<account>/<stream>/<n>-<load id>-<part>.rows`; `part` counts from 1 within the commit. */
export function shardKey(id: StreamId, n: number, loadId: string, part: number): string {
  return `${digestPrefix(id)}${sequence(n)}-${loadId}-${String(part).padStart(4, '0')}.rows`;
}

/** What a full scan in progress has shown: `digests/<source>/<account>/<stream>/<n>-<load id>.scan.gz` */
export function scanNotesKey(id: StreamId, n: number, loadId: string): string {
  return `${digestPrefix(id)}${sequence(n)}-${loadId}.scan.gz`;
}

/** One object of an agenda's log: `digests/<source>/<account>/<stream>/<n>-<load id>.agenda.gz` */
export function agendaKey(id: StreamId, n: number, loadId: string): string {
  return `${digestPrefix(id)}${sequence(n)}-${loadId}.agenda.gz`;
}

/** One segment of an agenda: `digests/<source>/<account>/<stream>/<n>-<load id>-<part>.due`; `part` counts from 1 within the run. */
export function segmentKey(id: StreamId, n: number, loadId: string, part: number): string {
  return `${digestPrefix(id)}${sequence(n)}-${loadId}-${String(part).padStart(4, '0')}.due`;
}

/** Names of the records that a commit changed: `digests/<source>/<account>/<stream>/<n>-<load id>.names.gz` */
export function namesKey(id: StreamId, n: number, loadId: string): string {
  return `${digestPrefix(id)}${sequence(n)}-${loadId}.names.gz`;
}

/** The number of the commit that a part of a digest was written for, by its key. Infinite for any other key. */
export function digestNumber(key: string): number {
  const digits = new RegExp(`/(\\d{${SEQUENCE_DIGITS}})-[^/]+$`).exec(key)?.[1];
  return digits === undefined ? Number.POSITIVE_INFINITY : Number(digits);
}

/** `raw/<source>/<account>/<stream>/` */
export function rawRoot(id: StreamId): string {
  return `raw/${streamName(id)}/`;
}

/** `raw/<source>/<account>/<stream>/<day>/`; `day` is the UTC day of the run's scheduled time, `YYYY-MM-DD`. */
export function rawPrefix(id: StreamId, day: string): string {
  return `${rawRoot(id)}${day}/`;
}

/** `<load id>.<n>`: how the names of raw and staged objects begin that are written for commit `n`. */
export function copyName({ n, loadId }: CommitName): string {
  return `${loadId}.${sequence(n)}`;
}

/** Stands for a stream in the names of what a rotation of the hash key stages, and no commit names. */
export const ROTATION = 'rotation';

const COPY_NUMBER = new RegExp(`\\.(\\d{${SEQUENCE_DIGITS}})-\\d+\\.(?:pages\\.(?:gz|zst)|parquet)$`);

/** The number of the commit that a raw or staged object was written for; undefined if its name, of an earlier version, does not say. */
export function copyNumber(key: string): number | undefined {
  const digits = COPY_NUMBER.exec(key)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** How an object of raw pages is compressed, as the end of its key says: with gzip or zstd. */
export type RawFormat = 'gz' | 'zst';

/**
 * What tells the raw or staged objects of a stream apart: the UTC day of the run's scheduled time (`YYYY-MM-DD`), see {@link copyName}, and
 * a number that counts from 1 within the commit.
 */
type CopyPlace = { readonly day: string; readonly name: string; readonly part: number };

/** One object of raw pages. */
export function rawKey(id: StreamId, { day, name, part }: CopyPlace, format: RawFormat): string {
  return `${rawPrefix(id, day)}${name}-${String(part).padStart(4, '0')}.pages.${format}`;
}

/** `staging/<table>/acct=<account>/` */
export function stagedRoot(table: string, account: string): string {
  return `staging/${table}/acct=${account}/`;
}

/** `staging/<table>/acct=<account>/day=<day>/`; `day` is the UTC day of the run's scheduled time, `YYYY-MM-DD`. */
export function stagedPrefix(table: string, account: string, day: string): string {
  return `${stagedRoot(table, account)}day=${day}/`;
}

/** One staged file. */
export function stagedKey(table: string, account: string, { day, name, part }: CopyPlace): string {
  return `${stagedPrefix(table, account, day)}${name}-${String(part).padStart(4, '0')}.parquet`;
}

/** `leases/<source>/<account>/` */
export function leasePrefix(source: string, account: string): string {
  return `leases/${source}/${account}/`;
}

/** Which records were erased. */
export const ERASURES_PREFIX = 'erasures/';

/** `erasures/<source>/<account>/`: which records were erased, as keyed hashes. */
export function erasurePrefix({ source, account }: Pick<StreamId, 'source' | 'account'>): string {
  return `${ERASURES_PREFIX}${source}/${account}/`;
}

/** `confirmations/<source>/<account>/<stream>/`: held removals that somebody confirmed. */
export function confirmationPrefix(id: StreamId): string {
  return `confirmations/${streamName(id)}/`;
}

export const PROGRESS_PREFIX = 'progress/';

/** How far one warehouse has loaded one stream: `progress/<warehouse>/<source>/<account>/<stream>.json`. */
export function progressKey(warehouse: string, id: StreamId): string {
  return `${PROGRESS_PREFIX}${warehouse}/${streamName(id)}.json`;
}

/** Since when every warehouse has loaded which commits, and up to which of them staged files were deleted. */
export const STAGING_KEY = `${PROGRESS_PREFIX}staging.json`;

/** When each table was last compacted. */
export const UPKEEP_KEY = `${PROGRESS_PREFIX}upkeep.json`;

/** Objects that no commit named when maintenance last looked. */
export const ORPHANS_KEY = `${PROGRESS_PREFIX}orphans.json`;

/** `<source>-<stream>-<yyyymmddThhmmssZ>-<12 random hex digits>`. It identifies one attempt and contains no record data. */
export function newLoadId({ source, stream }: StreamId, at: number, random: () => number): string {
  const when = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${source}-${stream}-${when}-${randomHex(12, random)}`;
}

/** So many random lower-case hex digits. @param random uniform in [0, 1) */
export function randomHex(digits: number, random: () => number): string {
  return Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
}

/**
 * Creates an object whose key is unique to this attempt. A conflict with identical bytes counts as success: it is our own write,
 * whose answer was lost and which was then repeated.
 * @throws StorageError if another object has the key
 */
export async function createObject(store: Store, key: string, body: Uint8Array): Promise<void> {
  if (await store.put(key, body)) return;
  const stored = await store.get(key);
  if (stored && Buffer.compare(stored, body) === 0) return;
  throw new StorageError(
    `${key} in ${store.name} exists already; expected a new key. Run again: each run uses new keys`,
  );
}

/**
 * Parses a small JSON object that Callhouse wrote itself.
 * @returns undefined if the bytes are not UTF-8 or not JSON; the caller decides what that means
 */
export function parseStored(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** True if some key begins with `prefix` and is greater than `after`. */
export async function hasObjects(store: Store, prefix: string, after?: string): Promise<boolean> {
  for await (const _ of store.list(prefix, { after })) return true;
  return false;
}

/** Bytes of a small JSON object. */
export function storedJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** How large objects are compressed: gzip in Node's thread pool, so that pages are compressed while the next ones are read. */
export const gzipCodec: Codec = {
  compress: (bytes) => compress(bytes, { level: 1, chunkSize: Math.max(1024, bytes.byteLength) }),
  expand: (bytes) => expand(bytes),
  expandInPieces(bytes) {
    const expanding = createGunzip({ chunkSize: 256 * 1024 });
    expanding.end(bytes);
    return expanding;
  },
};
