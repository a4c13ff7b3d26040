import { countKeptText, putBackText, setAsideText } from '../../schemas/derive/set-aside.ts';
import type { Table } from '../../schemas/table.ts';
import type { Commit } from '../lake/commit.ts';
import { NO_PROGRESS } from '../lake/load-progress.ts';
import { progressKey, type StreamId, storedJson } from '../lake/objects.ts';
import { load } from '../load/load.ts';
import { type LoadPlan, type LoadPorts, tablesOfStreams } from '../load/plan.ts';
import type { LoadResult } from '../results.ts';

/** A stream to load again. */
export interface StreamToReload {
  readonly id: StreamId;
  readonly tables: readonly Table[];
  /** Numbers of commits whose rows in the warehouse stay as they are. */
  readonly unread: readonly number[];
}

/** What a reload did. */
export interface Reloaded {
  readonly load: LoadResult;
  /** Rows that no commit names, or whose staged files are gone, by table: they stay as they were. */
  readonly kept: Readonly<Record<string, number>>;
}

/** True if the rows of a commit are loaded as they are staged now. */
function isReadBy(streams: readonly StreamToReload[], { source, account, stream, n }: Commit): boolean {
  return streams.some(
    ({ id, unread }) => id.source === source && id.account === account && id.stream === stream && !unread.includes(n),
  );
}

const TWINS = ['phi', 'safe'] as const;

/**
 * Prepares the warehouse for loading every commit again. No row is removed. Once this is done, any load can continue, so that a kill
 * costs nothing.
 */
export async function setAside(
  plan: LoadPlan,
  streams: readonly StreamToReload[],
  { store, engine }: LoadPorts,
): Promise<void> {
  const { databases } = plan;
  await engine.prepare(tablesOfStreams(plan.streams));
  await engine.atomically(async () => {
    for (const { id, tables, unread } of streams)
      for (const table of tables)
        for (const twin of TWINS)
          await engine.execute(setAsideText({ table, twin, account: id.account, databases }, unread));
  });
  const warehouse = await engine.identity();
  for (const { id } of streams) await store.put(progressKey(warehouse, id), storedJson(NO_PROGRESS), { replace: true });
}

/** Loads every commit again, and puts back what no commit names. After a failure, nothing is put back: run it again. */
export async function reload(plan: LoadPlan, streams: readonly StreamToReload[], ports: LoadPorts): Promise<Reloaded> {
  const { engine } = ports;
  const { databases } = plan;
  const result = await load({ ...plan, isRewritten: (commit) => isReadBy(streams, commit) }, ports);
  const kept: Record<string, number> = {};
  if (result.exitCode !== 0) return { load: result, kept };
  for (const { id, tables, unread } of streams) {
    for (const table of tables) {
      const rows = { table, account: id.account, databases };
      const counted = await engine.query(countKeptText({ ...rows, twin: 'safe' }, unread));
      const count = Number(counted.rows[0]?.[0] ?? 0);
      if (count > 0) kept[table.name] = (kept[table.name] ?? 0) + count;
      await engine.atomically(async () => {
        for (const twin of TWINS) await engine.execute(putBackText({ ...rows, twin }));
      });
    }
  }
  // Every row was written again: what earlier versions held must not stay in the file.
  await engine.eraseFreedBlocks?.();
  return { load: result, kept };
}
