import { expect, test } from 'vitest';
import type { Commit } from '../../../../functions/lake/commit.ts';
import { readState } from '../../../../functions/lake/commit-log.ts';
import type { StreamState } from '../../../../functions/lake/stream-state.ts';
import type { Store } from '../../../../functions/ports.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { commitsOf } from '../../../helpers/fold-staged.ts';
import { readRows } from '../../../helpers/read-parquet.ts';
import { runFor } from '../../../helpers/run-source.ts';
import { type SolumCall, solumCall, solumServer } from '../../../helpers/solum-server.ts';

/** `SCAN_RECORDS=200000 npx vitest run test/functions/extract/reads/long-scan.test.ts` tries a list of that length. */
const RECORDS = Number(process.env['SCAN_RECORDS'] ?? 3000);
const PAGE_SIZE = Math.min(50, RECORDS / 200);
/** A tenth of the list, and what is new. */
const REQUESTS = RECORDS / PAGE_SIZE / 10 + 2;
/** Between two calls of four years of history, minutes. What is new since an hour or a few days needs few pages then. */
const EVERY_MINUTES = Math.floor((4 * 365 * 24 * 60) / RECORDS);
const MOST_RUNS = 500;
/** Most of the digest is in shards, as that of a longer list. */
const TUNING = { recentRows: 128, mostRecentRows: 1024, shardRows: 256 };
const HOUR_MS = 3_600_000;
const AT = Date.parse('2026-11-01T09:00:00Z');
const SOLUM = { source: 'solum', account: 'default', stream: 'calls' };

test('a list of which a run reads a tenth is scanned within 12 runs, and its removals are proved by the third scan', async () => {
  const calls = Array.from({ length: RECORDS }, (_, n) => solumCall(`old-${n}`, (n + 1) * EVERY_MINUTES));
  const { url } = await solumServer(calls);
  const store = memoryStore();
  const table = newTable(store);
  const scans = newScans();
  const gone = new Set<string>();
  for (let hour = 0, run = 0; run < MOST_RUNS; run += 1, hour += scans.isBegun() ? 1 : 6) {
    calls.unshift(solumCall(`new-${hour}`, -60 * hour));
    if (scans.ended().length === 1 && gone.size === 0) removeSome(calls, gone);
    const options = { at: new Date(AT + hour * HOUR_MS), url, pageSize: PAGE_SIZE, tuning: TUNING };
    await runFor(REQUESTS, 'solum', options, store, { SOLUM_API_KEY: 'key' });
    const last = await table.update();
    scans.see(run, readState(last, SOLUM));
    expect({ hour, isIn: table.isLive(`new-${hour}`) }).toEqual({ hour, isIn: true });
    if (gone.size > 0 && [...gone].every((id) => !table.isLive(id))) break;
  }
  expect(gone.size).toBeGreaterThan(20);
  expect(scans.ended().length).toBeLessThanOrEqual(1 + 5);
  expect(Math.max(...scans.ended())).toBeLessThanOrEqual(12);
  expect(Math.min(...scans.ended())).toBeGreaterThan(9);
  // The third scan that began after them ended in this run.
  const third = scans.endOf(1 + 3) ?? MOST_RUNS;
  const late = [...gone].filter((id) => (table.markedIn(id) ?? MOST_RUNS) > third);
  expect(late.length).toBeLessThanOrEqual(gone.size / 10);
  expect([...table.marked()].filter((id) => !gone.has(id))).toEqual([]);
  expect(calls.filter(({ id }) => !table.isLive(id))).toEqual([]);
});

/** Removes every fortieth call: some of them are on the edge of a page. */
function removeSome(calls: SolumCall[], gone: Set<string>): void {
  for (let n = calls.length - 1; n >= 0; n -= 40) {
    const [call] = calls.splice(n, 1);
    if (call) gone.add(call.id);
  }
}

/** The staged rows of all commits so far, and in which commit a row was marked removed. */
function newTable(store: Store) {
  const live = new Set<string>();
  const marked = new Map<string, number>();
  let seen = 0;
  let runs = -1;
  return {
    isLive: (id: string) => live.has(id),
    marked: () => marked.keys(),
    /** Number of the run that marked it. */
    markedIn: (id: string) => marked.get(id),
    async update(): Promise<Commit> {
      runs += 1;
      const commits = await commitsOf(store, SOLUM);
      for (const { key } of commits.slice(seen).flatMap(({ staged }) => staged))
        for (const row of await readRows((await store.get(key)) ?? new Uint8Array())) {
          const id = String(row['id']);
          if (row['_op'] === 'upsert') live.add(id);
          else if (live.delete(id)) marked.set(id, runs);
        }
      seen = commits.length;
      const last = commits.at(-1);
      if (!last) throw new Error('no run has committed');
      return last;
    },
  };
}

/** Counts the runs that each full scan takes. */
function newScans() {
  const ends: number[] = [];
  const lengths: number[] = [];
  let begun: number | undefined;
  let ranAt: number | undefined;
  return {
    see(run: number, { scan, sweptAt }: StreamState) {
      if (scan) begun ??= run;
      if (sweptAt === undefined || sweptAt === ranAt) return;
      ranAt = sweptAt;
      lengths.push(run - (begun ?? run) + 1);
      ends.push(run);
      begun = undefined;
    },
    isBegun: () => begun !== undefined,
    /** Runs that each scan took that has ended. */
    ended: (): readonly number[] => lengths,
    /** The run in which a scan ended, from 1 on. */
    endOf: (scan: number) => ends[scan - 1],
  };
}
