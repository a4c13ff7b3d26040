import { expect, test } from 'vitest';
import { AlreadyRunningError } from '../../../functions/errors.ts';
import { openCommitLog, readLastCommit } from '../../../functions/lake/commit-log.ts';
import { fenceLogs } from '../../../functions/lake/fence-logs.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { emptyCommit } from '../../helpers/empty-commit.ts';
import { putSmallCommit } from '../../helpers/small-commit.ts';

const AT = new Date('2026-11-01T09:00:00Z');
const NOW = Date.parse('2026-11-01T10:00:00Z');
const idOf = (source: string, account: string, stream: string) => ({ source, account, stream });

test('no run that opened a log of the account before can commit to it any more', async () => {
  const store = memoryStore();
  const [calls, logs] = [idOf('kismet', 'default', 'calls'), idOf('kismet', 'default', 'audit_logs')];
  const others = [idOf('kismet', 'north', 'calls'), idOf('zudu', 'default', 'calls')];
  for (const id of [calls, logs, ...others]) await putSmallCommit(store, id, 1, AT);
  const opened = await Promise.all([calls, logs, ...others].map((id) => openCommitLog(store, id, 64)));
  await fenceLogs('kismet', 'default', { store, now: () => NOW, random: () => 0.5 });
  const appended = opened.map((log, n) => log.append(emptyCommit([calls, logs, ...others][n] ?? calls, 2, AT)));
  const ended = await Promise.allSettled(appended);
  expect(ended.map((end) => end.status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled']);
  expect(ended[0]).toMatchObject({ reason: expect.any(AlreadyRunningError) });
});

test('what the stream knows stays, and nothing is loaded', async () => {
  const store = memoryStore();
  const id = idOf('zudu', 'default', 'calls');
  await putSmallCommit(store, id, 1, AT);
  const before = await readLastCommit(store, id);
  await fenceLogs('zudu', 'default', { store, now: () => NOW, random: () => 0.5 });
  const { staged, raw, counts, digests, state, at, n, backfill, endedAt } = (await readLastCommit(store, id)) ?? {};
  expect({ staged, raw, digests, state, at, n, backfill }).toEqual({
    ...{ staged: [], raw: [], n: 2, backfill: true },
    ...{ digests: before?.digests, state: before?.state, at: AT.toISOString() },
  });
  expect(endedAt).toBe(new Date(NOW).toISOString());
  expect(counts).toMatchObject({ changed: 0, records: 0 });
});
