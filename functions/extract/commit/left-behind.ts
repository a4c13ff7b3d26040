import { StateError } from '../../errors.ts';
import { readCommit } from '../../lake/commit-log.ts';
import { commitKey, copyNumber } from '../../lake/objects.ts';
import { copiesOf } from '../../purge/purge-copies.ts';
import type { StreamSession } from '../session/session.ts';

/** Looks at copies that were written for one of the last so many commits. Maintenance deletes older ones. */
const COMMITS = 256;
/** Number of commits read at the same time. */
const AT_ONCE = 16;

/**
 * Lists raw and staged objects that an earlier run may have left behind, by the number of the commit they were written for. It is called
 * before this run's first commit. After that commit, no run that began earlier can commit any more, so objects that no commit names never
 * count.
 */
export async function listCopies({ ports, progress, ...of }: StreamSession): Promise<ReadonlyMap<number, string[]>> {
  const { n: next } = progress.next();
  const copies = new Map<number, string[]>();
  for await (const { key } of copiesOf(of, ports.store)) {
    const n = copyNumber(key);
    if (n === undefined || n > next || n <= next - COMMITS) continue;
    copies.set(n, [...(copies.get(n) ?? []), key]);
  }
  return copies;
}

/** Deletes the listed copies that no commit names, and their earlier versions. It is called after this run's first commit. */
export async function deleteUnnamed(session: StreamSession, copies: ReadonlyMap<number, string[]>): Promise<void> {
  const { store } = session.ports;
  const waiting = [...copies];
  while (waiting.length > 0) {
    const unnamed = await Promise.all(waiting.splice(0, AT_ONCE).map((some) => unnamedOf(session, ...some)));
    for (const key of unnamed.flat()) {
      await store.delete(key);
      await store.forgetVersions?.(key);
    }
  }
}

/** Copies that the commit does not name; none if there is no such commit, or it cannot be read, because then it is not known what it names. */
async function unnamedOf({ id, ports }: StreamSession, n: number, keys: readonly string[]): Promise<readonly string[]> {
  try {
    const { raw, staged } = await readCommit(ports.store, commitKey(id, n), id);
    const named = new Set([...raw, ...staged.map(({ key }) => key)]);
    return keys.filter((key) => !named.has(key));
  } catch (error) {
    if (error instanceof StateError) return [];
    throw error;
  }
}
