import type { Store } from '../../ports.ts';
import { beginOfLine, bucketsIn } from './merge-shard.ts';
import { bucketOf, bucketsOf, HASH_END, type Hash64, hash64, type ShardRef } from './shard.ts';
import { type DescribeTrouble, doAll, MissingShard, type ShardReader, shardReader } from './shard-reader.ts';
import { newShardSet, printAt, type ShardSet } from './shard-set.ts';

/** How the values of one kind of rows are stored, and compared without being read. */
export interface RowCodec<V> {
  encode(value: V): unknown;
  decode(stored: unknown): V;
  /** The fingerprint of a row, which an unchanged record has too; see `fingerprint.ts`. */
  fingerprint(value: V): Hash64;
  /** A greater number for rows that are more likely to be read again soon. */
  recency(value: V): number;
  /** Rows that are settled during a run stay loaded, because the run may ask for any of those that it began with. */
  readonly staysLoaded: boolean;
}

/** True for rows that are wanted. @param mark 0 for a row that the present scan has not shown */
export type RowTest = (print: Hash64, mark: number) => boolean;

/** A name and its value. */
export type Row<V> = readonly [string, V];

/** Rows of one kind that are settled in shards. A row is read when it is asked for. */
export interface SettledRows<V> {
  readonly codec: RowCodec<V>;
  readonly shards: ShardSet;
  readonly reader: ShardReader;
  /**
   * Reads the rows of these names. With probes, nothing is read for a name that has no row; they are opened once so many rows
   * were looked up that they cost less.
   */
  load(names: Iterable<string>): Promise<void>;
  /** The row of a name; undefined if there is none. @throws Error if it was not loaded, which is a bug */
  get(name: string): V | undefined;
  readonly isLoaded: (name: string) => boolean;
  /** Notes a row as if it had been loaded. */
  keep(name: string, value: V | undefined): void;
  /** Forgets the row of a name, or all rows if more than `most` are loaded. */
  forget(name: string): void;
  forgetMany(most: number): void;
  /** All rows, or with probes those that pass a test; those of one shard at a time. @param from the hash to begin with, or before @default 0 */
  rows(test?: RowTest, from?: number): AsyncGenerator<RowsUpTo<V>>;
}

/** Rows, and the hash up to which all settled rows are among them and those before. */
export interface RowsUpTo<V> {
  readonly rows: readonly Row<V>[];
  readonly upTo: number;
}

/** Where settled rows are. */
export interface SettledOptions<V> {
  readonly store: Store;
  readonly codec: RowCodec<V>;
  readonly shards: readonly ShardRef[];
  readonly describe: DescribeTrouble;
}

/** Opens settled rows; nothing is read. */
export function openSettledRows<V>({ store, codec, describe, ...options }: SettledOptions<V>): SettledRows<V> {
  const reader = shardReader(store, describe);
  const shards = newShardSet(options.shards, reader);
  const loaded = new Map<string, V | undefined>();
  let lookedUp = 0;
  // Where nothing was settled before, all that is settled since is loaded.
  let isComplete = codec.staysLoaded && options.shards.length === 0;
  const settled = { codec, shards, reader, loaded };
  return {
    codec,
    shards,
    reader,
    async load(names) {
      const wanted = [...names].filter((name) => !loaded.has(name));
      lookedUp += wanted.length;
      if (lookedUp > MOST_LOOKUPS + LOOKUPS_PER_SHARD * shards.refs().length) await shards.openProbes();
      // A shard may have been merged into another one meanwhile: then there is a new place to look.
      for (;;) {
        try {
          return await doAll(lookups(settled, wanted));
        } catch (error) {
          if (!(error instanceof MissingShard) || shards.refs().includes(error.ref)) await reader.report(error);
        }
      }
    },
    get(name) {
      const isUnknown = shards.refs().length > 0 && !loaded.has(name);
      if (isUnknown && !isComplete) throw new Error('a row of the digest is used that was not loaded');
      return loaded.get(name);
    },
    isLoaded: (name) => loaded.has(name),
    keep: (name, value) => void loaded.set(name, value),
    forget: (name) => void loaded.delete(name),
    forgetMany(most) {
      if (loaded.size <= most) return;
      loaded.clear();
      isComplete = false;
    },
    async *rows(test, begin = 0) {
      // Shards may be split while their rows are looked at: what follows is found by its hash.
      for (let from = begin; from < HASH_END; ) {
        const ref = shards.at(from);
        const batch = ref.rows > 0 ? await rowsOf(settled, ref, test).catch(reader.report) : [];
        from = ref.to;
        if (batch.length > 0) yield { rows: batch, upTo: from };
      }
    },
  };
}

interface Settled<V> {
  readonly codec: RowCodec<V>;
  readonly shards: ShardSet;
  readonly reader: ShardReader;
  readonly loaded: Map<string, V | undefined>;
}

/** Rows that a run looks up before it reads all probes; each takes one or two requests, and the probes one a shard. */
const MOST_LOOKUPS = 1000;
const LOOKUPS_PER_SHARD = 8;

/** A shard is read completely if this many buckets of it are wanted, and at least half of them. */
const MANY_BUCKETS = 64;

/** What is to be read for names that are not loaded: of each shard the buckets that they are in. */
function lookups<V>(settled: Settled<V>, names: readonly string[]): readonly (() => Promise<void>)[] {
  const { shards, loaded } = settled;
  const wanted = new Map<ShardRef, Map<number, string[]>>();
  for (const name of names) {
    if (loaded.has(name)) continue;
    const { ref, own, at, bucket } = shards.placeOf(name);
    if (ref.rows === 0 || (own && at < 0)) {
      loaded.set(name, undefined);
      continue;
    }
    const buckets = wanted.get(ref) ?? new Map<number, string[]>();
    wanted.set(ref, buckets.set(bucket, [...(buckets.get(bucket) ?? []), name]));
  }
  return [...wanted].flatMap(([ref, buckets]) => {
    const isMost = buckets.size >= MANY_BUCKETS && buckets.size * 2 >= bucketsOf(ref.rows);
    if (isMost) return [() => loadFromAll(settled, ref, [...buckets.values()].flat())];
    return [...buckets].map(
      ([bucket, own]) =>
        () =>
          loadFromBucket(settled, ref, { bucket, names: own }),
    );
  });
}

async function loadFromBucket<V>(
  { codec, reader, loaded }: Settled<V>,
  ref: ShardRef,
  { bucket, names }: { readonly bucket: number; readonly names: readonly string[] },
): Promise<void> {
  const text = textOf(await reader.bucket(ref, bucket));
  await reader.decode(ref, () => {
    for (const name of names) {
      const line = lineOf(text, name);
      loaded.set(name, line === undefined ? undefined : codec.decode(JSON.parse(line)[1]));
    }
  });
}

/** The line of a name; undefined if there is none. */
function lineOf(text: string, name: string): string | undefined {
  const begin = beginOfLine(name);
  const at = text.startsWith(begin) ? 0 : text.indexOf(`\n${begin}`) + 1;
  return at > 0 || text.startsWith(begin) ? text.slice(at, text.indexOf('\n', at)) : undefined;
}

async function loadFromAll<V>(settled: Settled<V>, ref: ShardRef, names: readonly string[]): Promise<void> {
  const wanted = new Set(names);
  const rows = await readRows(settled, ref, (name) => wanted.has(name));
  for (const name of names) settled.loaded.set(name, undefined);
  for (const [name, value] of rows) settled.loaded.set(name, value);
}

/** The rows of a shard that pass the test. If they are few, only their buckets are read. */
async function rowsOf<V>(settled: Settled<V>, ref: ShardRef, test: RowTest | undefined): Promise<readonly Row<V>[]> {
  const own = settled.shards.probed(ref);
  if (!test || !own) return readRows(settled, ref, () => true);
  const { probes, marks } = own;
  const wanted = new Set<string>();
  const buckets = new Set<number>();
  for (let n = 0; n < ref.rows; n += 1) {
    if (!test(printAt(probes, n), marks[n] ?? 0)) continue;
    wanted.add(`${probes.high[n]}/${probes.low[n]}`);
    buckets.add(bucketOf(probes.high[n] ?? 0, ref));
  }
  const isWanted = (name: string) => {
    const { high, low } = hash64(name);
    return wanted.has(`${high}/${low}`);
  };
  if (buckets.size >= MANY_BUCKETS) return readRows(settled, ref, isWanted);
  const rows: Row<V>[] = [];
  const read = (bucket: number) => async () => {
    const lines = await settled.reader.bucket(ref, bucket);
    rows.push(...(await settled.reader.decode(ref, () => [...rowsIn(settled.codec, lines, isWanted)])));
  };
  await doAll([...buckets].map(read));
  return rows;
}

async function readRows<V>(
  { codec, reader }: Settled<V>,
  ref: ShardRef,
  isWanted: (name: string) => boolean,
): Promise<readonly Row<V>[]> {
  const bytes = await reader.all(ref);
  return reader.decode(ref, () =>
    [...bucketsIn(bytes, ref.rows)].flatMap(({ text }) => [...rowsIn(codec, text, isWanted)]),
  );
}

function* rowsIn<V>(
  { decode }: RowCodec<V>,
  lines: Uint8Array,
  isWanted: (name: string) => boolean,
): Generator<Row<V>> {
  for (const line of textOf(lines).split('\n')) {
    const name = line === '' ? undefined : nameOf(line);
    if (name !== undefined && isWanted(name)) yield [name, decode(JSON.parse(line)[1])];
  }
}

/** The name that a line begins with. Names without a special character are cut out: that takes a tenth of the time. */
function nameOf(line: string): string {
  const name = line.slice(2, line.indexOf('",'));
  return name.includes('\\') ? JSON.parse(line)[0] : name;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
