import { bucketOf, findHash, HASH_END, type Hash64, hash64, type Probes, type ShardRef } from './shard.ts';
import { doAll, type ShardReader } from './shard-reader.ts';

/** What is known of a shard's rows without reading them, and what a scan has shown of each. */
export interface ProbedShard {
  readonly probes: Probes;
  readonly marks: Uint8Array;
}

/** Where the row of a name is, if there is one. */
export interface RowPlace {
  readonly ref: ShardRef;
  readonly bucket: number;
  /** With probes: the shard's, and the place in it; -1 if there is no such row. */
  readonly own: ProbedShard | undefined;
  readonly at: number;
}

/** The shards of one kind of rows. Their ranges together are all hashes. */
export interface ShardSet {
  /** In the order of their ranges; empty until rows were settled. */
  readonly refs: () => readonly ShardRef[];
  placeOf(name: string): RowPlace;
  /** The shard whose range has this hash. */
  at(high: number): ShardRef;
  /** Reads hash and fingerprint of every row: 16 bytes each. */
  openProbes(): Promise<void>;
  closeProbes(): void;
  readonly hasProbes: () => boolean;
  /** With probes: the fingerprint of a name's row; undefined if there is none. */
  printOf(name: string): Hash64 | undefined;
  /** With probes: notes what a scan has shown of the row. A greater mark stays. */
  mark(name: string, mark: number): void;
  readonly markOf: (name: string) => number;
  /** With probes: how many rows have this mark. */
  countMarks(mark: number): number;
  /** With probes: forgets all marks. */
  clearMarks(): void;
  /** With probes: replaces one mark by another one. */
  lowerMarks(from: number, to: number): void;
  readonly probed: (ref: ShardRef) => ProbedShard | undefined;
  /** Replaces shards by those that rows were merged into. @param probed those of the new ones, if probes are open */
  replace(after: readonly ShardRef[], probed: ReadonlyMap<ShardRef, ProbedShard>): void;
}

/** Shards as a digest's root names them; nothing is read. */
export function newShardSet(begin: readonly ShardRef[], reader: ShardReader): ShardSet {
  let refs = begin;
  let probed: Map<ShardRef, ProbedShard> | undefined;
  const placeOf = (name: string): RowPlace => {
    const wanted = hash64(name);
    const ref = shardAt(refs, wanted.high);
    const own = probed?.get(ref);
    return { ref, own, at: own ? findHash(own.probes, ref, wanted) : -1, bucket: bucketOf(wanted.high, ref) };
  };
  return {
    refs: () => refs,
    placeOf,
    at: (high) => shardAt(refs, high),
    async openProbes() {
      if (probed) return;
      const opened = new Map<ShardRef, ProbedShard>();
      const open = (ref: ShardRef) => async () => {
        opened.set(ref, { probes: await reader.probes(ref), marks: new Uint8Array(ref.rows) });
      };
      await doAll(refs.filter(({ rows }) => rows > 0).map(open)).catch(reader.report);
      probed = opened;
    },
    closeProbes() {
      probed = undefined;
    },
    hasProbes: () => probed !== undefined,
    printOf(name) {
      const { own, at } = placeOf(name);
      return own && at >= 0 ? printAt(own.probes, at) : undefined;
    },
    mark(name, mark) {
      const { own, at } = placeOf(name);
      // Names of one hash are all marked: that proves less, never more.
      for (let n = at; own && n >= 0 && isSameHash(own.probes, n, at); n += 1)
        own.marks[n] = Math.max(mark, own.marks[n] ?? 0);
    },
    markOf(name) {
      const { own, at } = placeOf(name);
      return (at >= 0 ? own?.marks[at] : undefined) ?? 0;
    },
    countMarks(mark) {
      let count = 0;
      for (const { marks } of probed?.values() ?? []) for (const own of marks) if (own === mark) count += 1;
      return count;
    },
    clearMarks() {
      for (const { marks } of probed?.values() ?? []) marks.fill(0);
    },
    lowerMarks(from, to) {
      for (const { marks } of probed?.values() ?? [])
        for (let n = marks.indexOf(from); n >= 0; n = marks.indexOf(from, n + 1)) marks[n] = to;
    },
    probed: (ref) => probed?.get(ref),
    replace(after, newlyProbed) {
      const kept = new Set(after);
      const dropped = refs.filter((ref) => !kept.has(ref));
      for (const ref of dropped) probed?.delete(ref);
      for (const [ref, own] of newlyProbed) probed?.set(ref, own);
      reader.forget(dropped.map(({ key }) => key));
      refs = after;
    },
  };
}

/** The fingerprint of row `n`. */
export function printAt({ printHigh, printLow }: Probes, n: number): Hash64 {
  return { high: printHigh[n] ?? 0, low: printLow[n] ?? 0 };
}

function isSameHash({ high, low }: Probes, n: number, other: number): boolean {
  return n < high.length && high[n] === high[other] && low[n] === low[other];
}

const NO_SHARD: ShardRef = { from: 0, to: HASH_END, rows: 0, key: '' };

function shardAt(refs: readonly ShardRef[], high: number): ShardRef {
  let [least, most] = [0, refs.length];
  while (most - least > 1) {
    const middle = (least + most) >>> 1;
    if ((refs[middle]?.from ?? HASH_END) <= high) least = middle;
    else most = middle;
  }
  return refs[least] ?? NO_SHARD;
}
