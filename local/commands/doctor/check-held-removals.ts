import { HeldRemovalsError } from '../../../functions/errors.ts';
import { readLastCommit } from '../../../functions/lake/commit-log.ts';
import type { StreamId } from '../../../functions/lake/objects.ts';
import { readState } from '../../../functions/lake/stream-state.ts';
import type { Store } from '../../../functions/ports.ts';
import { foldersIn } from '../../lake/store-folders.ts';
import type { Held } from '../confirm-removals/describe-held.ts';

/**
 * Checks that no removal of the lake waits for a confirmation.
 * @param describe says how many removals of a stream are held, and what to do
 * @throws HeldRemovalsError
 */
export async function checkHeldRemovals(store: Store, describe: (held: Held) => string): Promise<void> {
  const lines: string[] = [];
  for await (const id of streamsIn(store)) {
    const { held } = readState(await readLastCommit(store, id), id);
    if (held) lines.push(describe({ ...id, count: held.count, since: new Date(held.scan).toISOString() }));
  }
  if (lines.length > 0) throw new HeldRemovalsError(lines.join('; '));
}

/** Every stream that has commits. */
async function* streamsIn(store: Store): AsyncGenerator<StreamId> {
  for (const source of await foldersIn(store, 'commits/')) {
    for (const account of await foldersIn(store, `commits/${source}/`)) {
      for (const stream of await foldersIn(store, `commits/${source}/${account}/`)) yield { source, account, stream };
    }
  }
}
