import { type LoadResult, worstOf } from '../../../functions/results.ts';

/** Loads sources while others are still read, one load at a time. */
export interface LoadInTurn {
  /** Loads the source as soon as no other load is in progress. */
  add(source: string): void;
  /** Loads all sources that were not loaded yet, or not without an error. @throws what is not an expected failure */
  finish(): Promise<LoadResult>;
}

/** What is loaded, and how. */
export interface LoadInTurnOptions {
  /** All sources of the warehouse, those that were not read included: earlier runs may have left commits. */
  readonly sources: readonly string[];
  readonly load: (sources: readonly string[], turn: LoadTurn) => Promise<LoadResult>;
}

/** Where a load is among those of a run. */
export interface LoadTurn {
  /** True if no load follows. */
  readonly isLast: boolean;
  /** True if an earlier one loaded a commit. */
  readonly hasLoaded: boolean;
}

/** Begins without a load. The result is the sum of all loads; the error of an earlier load does not count if the last one succeeds, but faults that a check found do. */
export function loadInTurn({ sources, load }: LoadInTurnOptions): LoadInTurn {
  const loaded = new Set<string>();
  const waiting = new Set<string>();
  const results: LoadResult[] = [];
  let working: Promise<void> | undefined;

  const hasLoaded = () => results.some(({ commits }) => commits > 0);

  async function loadWaiting(): Promise<void> {
    while (waiting.size > 0) {
      const turn = sources.filter((source) => waiting.delete(source));
      const result = await load(turn, { isLast: false, hasLoaded: hasLoaded() });
      results.push(result);
      if (result.exitCode === 0 || (result.faults && !result.error)) for (const source of turn) loaded.add(source);
    }
    working = undefined;
  }

  return {
    add(source) {
      waiting.add(source);
      working ??= loadWaiting();
      // It is awaited at the end.
      working.catch(() => {});
    },
    async finish() {
      await working;
      const last = await load(
        sources.filter((source) => !loaded.has(source)),
        { isLast: true, hasLoaded: hasLoaded() },
      );
      return sumOf([...results, last], last);
    },
  };
}

/** Tables in the order of their names: the order of the loads depends on the vendors' speed. */
function sumOf(results: readonly LoadResult[], last: LoadResult): LoadResult {
  const changed: Record<string, number> = {};
  for (const result of results)
    for (const [table, rows] of Object.entries(result.changed)) changed[table] = (changed[table] ?? 0) + rows;
  const faults = results.flatMap((result) => result.faults ?? []);
  return {
    ...last,
    ...(faults.length > 0 && { faults, exitCode: worstOf([4, last.exitCode]) }),
    commits: results.reduce((sum, { commits }) => sum + commits, 0),
    changed: Object.fromEntries(Object.entries(changed).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
