import { expect, test } from 'vitest';
import { readLastCommit, readState } from '../../../../functions/lake/commit-log.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { foldSource, rowsOf } from '../../../helpers/fold-staged.ts';
import { KISMET_ENV, scriptedKismet } from '../../../helpers/kismet.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { runSource } from '../../../helpers/run-source.ts';

const AT = Date.parse('2026-11-01T09:00:00Z');
const HOUR_MS = 3_600_000;
const CALLS = { source: 'kismet', account: 'default', stream: 'calls' };

/** So many calls of a clinician, an hour apart. */
const callsOf = (user: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    id: user * 1000 + n,
    created_at: new Date(AT - (n + 1) * HOUR_MS).toISOString(),
  }));

/** A clinic of two clinicians, of whom each loses some of its calls before two further scans. */
async function afterLoss(counts: readonly [number, number], lost: readonly [number, number]) {
  const calls: Record<number, unknown[]> = { 101: callsOf(101, counts[0]), 102: callsOf(102, counts[1]) };
  const { url } = await scriptedKismet([101, 102], calls as Record<number, object[]>);
  const store = memoryStore();
  const run = (hours: number) => {
    const at = new Date(AT + hours * HOUR_MS);
    return runSource('kismet', { at, url }, makePorts({ store, env: KISMET_ENV, clock: { ms: at.getTime() } }));
  };
  await run(0);
  calls[101]?.splice(0, lost[0]);
  calls[102]?.splice(0, lost[1]);
  await run(73);
  const { exitCode, streams } = await run(75);
  const rows = [...rowsOf(await foldSource(store, 'kismet'), 'kismet_calls').values()];
  const deleted = [101n, 102n].map(
    (user) => rows.filter((row) => row['organization_user_id'] === user && row['_deleted_at'] !== null).length,
  );
  const { held } = readState(await readLastCommit(store, CALLS), CALLS);
  const error = streams.find(({ stream }) => stream === 'calls')?.error;
  return { exitCode, error, deleted, held: held && { count: held.count, groups: held.groups } };
}

test.each<
  [says: string, counts: [number, number], lost: [number, number], deleted: [number, number], groups: string[]]
>([
  ['all of five calls of one of two lists', [5, 60], [5, 1], [0, 1], ['101']],
  ['all of four calls of one', [4, 60], [4, 1], [4, 1], []],
  ['four of five calls of one', [5, 60], [4, 1], [4, 1], []],
  ['26 of 100 calls of one, which is less than a tenth of all', [100, 300], [26, 1], [0, 1], ['101']],
  ['25 of 100 calls of one', [100, 300], [25, 1], [25, 1], []],
  [
    'so many of both that the stream loses too many, though none of the lists does',
    [60, 60],
    [14, 13],
    [0, 0],
    ['101', '102'],
  ],
])('removals are held by list, and by stream: %s', async (_says, counts, lost, deleted, groups) => {
  const result = await afterLoss(counts, lost);
  expect(result.deleted).toEqual(deleted);
  const count = lost.reduce((sum, one, n) => sum + one - (deleted[n] ?? 0), 0);
  expect(result.held).toEqual(groups.length === 0 ? undefined : { count, groups });
  expect(result.exitCode).toBe(groups.length === 0 ? 0 : 4);
  if (groups.length > 0) expect(result.error).toContain(`${count} records are missing from two complete scans`);
});
