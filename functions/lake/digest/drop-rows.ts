import type { Digest } from '../digest.ts';
import type { DigestParts, RowsPart } from './digest-parts.ts';
import { mergeShard } from './merge-shard.ts';
import { storeShards } from './settle.ts';
import type { ShardRef } from './shard.ts';
import type { ProbedShard } from './shard-set.ts';

/** Names of rows, by their kind. */
export type DroppedNames = { readonly [K in keyof DigestParts]: ReadonlySet<string> };

/**
 * Removes rows from a digest, from memory and from every shard that holds one. The new shards count once a commit names the digest's
 * next log object, which must hold all that is in memory, and the root.
 * @param put stores a new shard and returns its key
 * @returns true if there was such a row
 */
export async function dropRows(
  digest: Digest,
  names: DroppedNames,
  put: (bytes: Buffer) => Promise<string>,
): Promise<boolean> {
  const { entries, cursors, firstKeys } = digest.parts;
  await entries.load(names.entries);
  const known = [...names.entries].filter((key) => entries.get(key) !== undefined);
  for (const key of known) digest.forget(key);
  const found = [
    known.length > 0,
    await dropSettled(entries, names.entries, put),
    dropRecent(cursors, names.cursors),
    await dropSettled(cursors, names.cursors, put),
    dropRecent(firstKeys, names.firstKeys),
    await dropSettled(firstKeys, names.firstKeys, put),
  ];
  return found.includes(true);
}

/** @returns true if there was such a row in memory */
function dropRecent<V>({ recent, touched }: RowsPart<V>, names: ReadonlySet<string>): boolean {
  for (const name of names) touched.delete(name);
  return [...names].map((name) => recent.delete(name)).includes(true);
}

/** @returns true if a shard was written again */
async function dropSettled<V>(
  { settled }: RowsPart<V>,
  names: ReadonlySet<string>,
  put: (bytes: Buffer) => Promise<string>,
): Promise<boolean> {
  if (!settled) return false;
  const { shards, reader } = settled;
  const byShard = new Map<ShardRef, string[]>();
  for (const name of names) {
    settled.forget(name);
    const { ref } = shards.placeOf(name);
    if (ref.rows > 0) byShard.set(ref, [...(byShard.get(ref) ?? []), name]);
  }
  const after = new Map<ShardRef, readonly ShardRef[]>();
  const probed = new Map<ShardRef, ProbedShard>();
  for (const [ref, dropped] of byShard) {
    const bytes = await reader.all(ref).catch(reader.report);
    const before = { ref, bytes, dropped, marks: shards.probed(ref)?.marks };
    const merged = await reader.decode(ref, () => mergeShard(before, [], ref.rows));
    if (merged[0]?.rows === ref.rows) continue;
    after.set(ref, await storeShards(merged, { put }, shards.hasProbes() ? probed : undefined));
  }
  shards.replace(
    shards.refs().flatMap((ref) => after.get(ref) ?? [ref]),
    probed,
  );
  return after.size > 0;
}
