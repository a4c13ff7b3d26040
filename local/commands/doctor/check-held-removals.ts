import { HeldRemovalsError } from '../../../functions/errors.ts';
import { readLastCommit, readState } from '../../../functions/lake/commit-log.ts';
import type { Store } from '../../../functions/ports.ts';
import type { Held } from '../confirm-removals/describe-held.ts';
import { streamsIn } from './read-streams.ts';

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
