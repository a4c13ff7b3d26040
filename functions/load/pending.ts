import { StateError } from '../errors.ts';
import type { Commit } from '../lake/commit.ts';
import { readCommitsAfter } from '../lake/commit-log.ts';
import { commitKey, type StreamId } from '../lake/objects.ts';
import type { Store } from '../ports.ts';
import type { StreamToLoad } from './plan.ts';

/**
 * Reads the commits of a stream after number `after`, in order.
 * @throws StateError that names a commit that cannot be read, or that contains rows of a table that this version does not know
 */
export async function* pendingCommits(
  store: Store,
  id: StreamId,
  { tables }: StreamToLoad,
  after: number,
): AsyncGenerator<Commit> {
  for await (const commit of readCommitsAfter(store, id, after)) {
    const stray = commit.staged.find((file) => !tables.some(({ name }) => name === file.table));
    if (stray)
      throw new StateError(
        `commit ${commitKey(id, commit.n)} names table ${stray.table}, which this version does not have; update Callhouse`,
        id,
      );
    yield commit;
  }
}
