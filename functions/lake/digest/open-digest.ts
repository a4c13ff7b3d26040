import { AlreadyRunningError, StateError } from '../../errors.ts';
import type { Store } from '../../ports.ts';
import { LOST_STATE_REMEDY } from '../commit-log.ts';
import { type Digest, newDigest } from '../digest.ts';
import { type DigestPorts, decodeLine, NewerDigestError, readLines } from '../digest-objects.ts';
import type { StreamId } from '../objects.ts';
import { cursorCodec, entryCodec, firstKeyCodec } from './codecs.ts';
import type { DigestCounts, DigestEntry, FirstKey, PartitionCursor } from './digest-entry.ts';
import type { DigestChange, DigestRoot } from './digest-parts.ts';
import { openSettledRows } from './settled-rows.ts';
import type { DescribeTrouble, ShardTrouble } from './shard-reader.ts';

/** Which stream's digest it is, and whether it is still the one to read. */
export interface DigestOwner {
  readonly id: StreamId;
  /** True if another run has committed since: it may delete what its commit replaces. @default false, as nobody else commits under a held lease */
  readonly isOvertaken?: () => Promise<boolean>;
}

/**
 * Opens a digest: reads its log, oldest object first, in which later lines win. It reads no settled row.
 * @throws StateError if an object is missing or damaged. It is never taken as empty, because every row would count as new
 * @throws AlreadyRunningError if an object is missing because another run has committed since
 */
export async function openDigest(ports: DigestPorts, keys: readonly string[], owner: DigestOwner): Promise<Digest> {
  const describe = describeTrouble(ports.store, owner);
  const log = newLog();
  for (const key of keys) {
    const body = await ports.store.get(key);
    if (!body) throw await describe(key, 'missing');
    try {
      await readLines(ports.codec.expandInPieces(body), (text) => log.take(decodeLine(text)));
    } catch (error) {
      throw await describe(key, error instanceof NewerDigestError ? 'of a newer format' : 'damaged');
    }
  }
  const digest = newDigest(log.begin());
  const root = log.root();
  if (root) attachSettled(digest, root, { store: ports.store, describe });
  return digest;
}

/** What the lines of a log say together. */
function newLog() {
  const entries = new Map<string, DigestEntry>();
  const cursors = new Map<string, PartitionCursor>();
  const firstKeys = new Map<string, FirstKey>();
  let root: DigestRoot | undefined;
  let counts: DigestCounts | undefined;
  return {
    take(change: DigestChange) {
      if (change.kind === 'entry') entries.set(change.key, change.entry);
      else if (change.kind === 'cursor') cursors.set(change.partition, change.cursor);
      else if (change.kind === 'first key') firstKeys.set(change.by, change.first);
      else if (change.kind === 'root') root = change.root;
      else counts = change.counts;
    },
    root: () => root,
    begin() {
      // Until rows are settled, the entries say which key came first.
      for (const [key, { alias, firstSeenAt }] of root ? [] : entries)
        if (alias !== undefined) firstKeys.set(alias, { key, firstSeenAt });
      return { entries, cursors, firstKeys, counts: root && counts };
    },
  };
}

/** Where settled rows are stored, and how their troubles are reported. */
export interface SettledPorts {
  readonly store: Store;
  readonly describe: DescribeTrouble;
}

/** Gives a digest its settled rows. */
export function attachSettled({ parts }: Digest, root: DigestRoot, ports: SettledPorts): void {
  const { entries, cursors, firstKeys } = parts;
  entries.settled = openSettledRows({ ...ports, codec: entryCodec, shards: root.entries });
  cursors.settled = openSettledRows({ ...ports, codec: cursorCodec, shards: root.cursors });
  firstKeys.settled = openSettledRows({ ...ports, codec: firstKeyCodec, shards: root.firstKeys });
  entries.next = root.next.entries;
  cursors.next = root.next.cursors;
  firstKeys.next = root.next.firstKeys;
}

/** Says what to do about a part of a digest that cannot be read. */
export function describeTrouble(
  { name }: Store,
  { id, isOvertaken = async () => false }: DigestOwner,
): DescribeTrouble {
  return async (key: string, trouble: ShardTrouble) => {
    if (trouble === 'damaged') return new StateError(`${key} in ${name} is damaged; ${LOST_STATE_REMEDY}`, id);
    if (trouble === 'of a newer format')
      return new StateError(`${key} in ${name} has a newer format; update Callhouse, nothing was changed`, id);
    if (!(await isOvertaken()))
      return new StateError(`${key} is missing in ${name}, but a commit names it; ${LOST_STATE_REMEDY}`, id);
    return new AlreadyRunningError(
      'another run committed at the same time; this run stopped, and the other continues',
      id,
    );
  };
}
