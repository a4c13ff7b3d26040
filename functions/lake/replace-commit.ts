import { isDeepStrictEqual } from 'node:util';
import { AlreadyRunningError } from '../errors.ts';
import type { Store } from '../ports.ts';
import { type Commit, commitSchema } from './commit.ts';
import { sealedJson } from './commit-log.ts';
import { commitKey, parseStored } from './objects.ts';

/**
 * Writes a commit again.
 * @param before the commit as it was read
 * @throws AlreadyRunningError if another process has changed it since
 */
export async function replaceCommit(store: Store, before: Commit, after: Commit): Promise<void> {
  const key = commitKey(before, before.n);
  const body = await store.get(key);
  const isSame = body && isDeepStrictEqual(commitSchema.safeParse(parseStored(body)).data, before);
  if (!isSame || !(await store.put(key, sealedJson(after), { replace: body })))
    throw new AlreadyRunningError('another run changes the same commits', {
      source: before.source,
      account: before.account,
      stream: before.stream,
    });
}
