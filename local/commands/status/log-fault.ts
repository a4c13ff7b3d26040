import { SqlError } from '../../../functions/errors.ts';
import type { Commit } from '../../../functions/lake/commit.ts';
import { beginOf, hasCommitAfter, LOST_STATE_REMEDY } from '../../../functions/lake/commit-log.ts';
import type { LoadProgress } from '../../../functions/lake/load-progress.ts';
import type { StreamId } from '../../../functions/lake/objects.ts';
import { readHeldRows } from '../../../functions/load/foreign-rows.ts';
import { streamsToLoad } from '../../../functions/load/plan.ts';
import type { Engine, Store } from '../../../functions/ports.ts';
import type { StoredSource } from '../../../functions/source/source.ts';
import { DATABASES } from '../../../schemas/derive/databases.ts';

/**
 * What is missing in a log.
 * @param numbers of its commits, in order
 * @param last the last commit
 * @returns undefined if nothing is missing that can be known
 */
export function missingCommits(numbers: readonly number[], last: Commit | undefined): string | undefined {
  const [first = 1] = numbers;
  const before = [(last && beginOf(last)) ?? first, ...numbers.map((n) => n + 1)];
  const gap = numbers.findIndex((n, at) => n > (before[at] ?? n));
  if (gap < 0) return undefined;
  const [from, to] = [before[gap] ?? 0, (numbers[gap] ?? 0) - 1];
  const which = from === to ? `commit ${from} is` : `commits ${from} to ${to} are`;
  return `${which} missing in the lake; ${LOST_STATE_REMEDY}`;
}

/**
 * What the load says of a lake that is older than its warehouse.
 * @returns undefined if it is not, or if the warehouse does not have the stream's tables yet
 */
export async function olderThanWarehouse(
  id: StreamId,
  progress: LoadProgress,
  { engine, store, sources, warehouse }: LookPlace,
): Promise<string | undefined> {
  const stream = streamsToLoad(sources).find((one) => one.source === id.source && one.stream === id.stream);
  if (!stream || !(await hasCommitAfter(store, id, 0))) return undefined;
  const one = { id, stream, progress };
  try {
    const { faultOf } = await readHeldRows([one], { id: warehouse, databases: DATABASES }, { store, engine });
    return (await faultOf(one))?.reason;
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

/** A lake, and the warehouse that it is compared with. */
interface LookPlace {
  readonly engine: Engine;
  readonly store: Store;
  readonly sources: readonly StoredSource[];
  /** Identity of the warehouse. */
  readonly warehouse: string;
}
