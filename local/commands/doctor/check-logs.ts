import { StateError } from '../../../functions/errors.ts';
import { readLastCommit } from '../../../functions/lake/commit-log.ts';
import { commitNumber, commitPrefix, type StreamId } from '../../../functions/lake/objects.ts';
import type { Store } from '../../../functions/ports.ts';
import { nameOf } from '../run/describe-run.ts';
import { missingCommits } from '../status/log-fault.ts';
import { streamsIn } from './read-streams.ts';

/**
 * Checks that no commit is missing in the lake, and that the lake is not older than its warehouse.
 * @param look returns what is wrong with a log, as the warehouse tells
 * @throws StateError
 */
export async function checkLogs(
  store: Store,
  look: (ids: readonly StreamId[]) => Promise<{ readonly faultOf?: (id: StreamId) => string | undefined }>,
): Promise<void> {
  const ids: StreamId[] = [];
  for await (const id of streamsIn(store)) ids.push(id);
  const { faultOf } = await look(ids);
  const faults: string[] = [];
  for (const id of ids) {
    const numbers: number[] = [];
    for await (const key of store.list(commitPrefix(id))) numbers.push(...[commitNumber(key) ?? []].flat());
    const fault = missingCommits(numbers, await readLastCommit(store, id)) ?? faultOf?.(id);
    if (fault !== undefined) faults.push(`${nameOf(id.source, id.account, id.stream)}: ${fault}`);
  }
  if (faults.length > 0) throw new StateError(faults.join('. '));
}
