import type { ByteRange, Store } from '../../ports.ts';
import { indexBytes, probeBytes, readBucket, readIndex, readProbes, ShardFault, type ShardRef } from './shard.ts';

/** Requests for parts of shards that are made at the same time. */
const AT_ONCE = 16;

/** What was found where a shard is expected. */
export type ShardTrouble = 'missing' | 'damaged' | 'of a newer format';

/** Makes the error that a shard's trouble is reported with. */
export type DescribeTrouble = (key: string, trouble: ShardTrouble) => Promise<Error>;

/** A shard does not exist. */
export class MissingShard extends Error {
  override readonly name = 'MissingShard';
  readonly ref: ShardRef;

  constructor(ref: ShardRef) {
    super(ref.key);
    this.ref = ref;
  }
}

/** Reads parts of shards. Reading throws {@link MissingShard}, or what describes a damaged one. */
export interface ShardReader {
  /** Lines of one bucket. */
  bucket(ref: ShardRef, bucket: number): Promise<Uint8Array>;
  probes(ref: ShardRef): ReturnType<typeof decodedProbes>;
  all(ref: ShardRef): Promise<Uint8Array>;
  /** Throws a failure again; of a missing shard, what describes it. */
  report(error: unknown): Promise<never>;
  /** Decodes what was read of a shard. */
  decode<T>(ref: ShardRef, work: () => T): Promise<T>;
  /** Forgets the indexes of shards that are no more. */
  forget(keys: readonly string[]): void;
}

/** A reader that keeps the index of each shard that it has read from. */
export function shardReader(store: Store, describe: DescribeTrouble): ShardReader {
  const indexes = new Map<string, Promise<Uint32Array>>();

  async function read(ref: ShardRef, range?: ByteRange): Promise<Uint8Array> {
    const bytes = await store.get(ref.key, range);
    if (!bytes) throw new MissingShard(ref);
    return bytes;
  }

  async function decode<T>({ key }: ShardRef, work: () => T): Promise<T> {
    try {
      return work();
    } catch (error) {
      const isNewer = error instanceof ShardFault && error.isNewer;
      if (error instanceof ShardFault || error instanceof SyntaxError)
        throw await describe(key, isNewer ? 'of a newer format' : 'damaged');
      throw error;
    }
  }

  async function readIndexOf(ref: ShardRef): Promise<Uint32Array> {
    const bytes = await read(ref, { from: 0, to: indexBytes(ref.rows) });
    return decode(ref, () => readIndex(bytes, ref.rows));
  }

  return {
    decode,
    async bucket(ref, bucket) {
      const index = indexes.get(ref.key) ?? readIndexOf(ref);
      indexes.set(ref.key, index);
      const [from = 0, to = 0] = (await index).subarray(bucket, bucket + 2);
      if (from === to) return new Uint8Array();
      const text = probeBytes(ref.rows);
      const bytes = await read(ref, { from: text + from, to: text + to });
      return decode(ref, () => readBucket(bytes));
    },
    probes: async (ref) => decodedProbes(ref, await read(ref, { from: 0, to: probeBytes(ref.rows) }), decode),
    all: (ref) => read(ref),
    async report(error) {
      throw error instanceof MissingShard ? await describe(error.ref.key, 'missing') : error;
    },
    forget(keys) {
      for (const key of keys) indexes.delete(key);
    },
  };
}

function decodedProbes(ref: ShardRef, bytes: Uint8Array, decode: ShardReader['decode']) {
  return decode(ref, () => readProbes(bytes, ref.rows));
}

/** Does all work, several at the same time. Fails with the first failure, once what was begun has ended. */
export async function doAll(work: readonly (() => Promise<void>)[], atOnce = AT_ONCE): Promise<void> {
  const left = work[Symbol.iterator]();
  const workers = Array.from({ length: Math.min(atOnce, work.length) }, async () => {
    for (const begin of left) await begin();
  });
  const ended = await Promise.allSettled(workers);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}
