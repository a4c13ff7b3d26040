import { describe, expect, test } from 'vitest';
import type { Commit } from '../../../functions/lake/commit.ts';
import { commitKey } from '../../../functions/lake/objects.ts';
import { freshnessMinutes } from '../../../functions/maintain/freshness.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';

const AT = Date.parse('2026-11-21T09:00:00Z');
const MINUTE = 60_000;

function storeWith(streams: Readonly<Record<string, readonly (readonly [Commit['status'], number])[]>>) {
  const store = memoryStore();
  for (const [stream, commits] of Object.entries(streams)) {
    for (const [index, [status, minutes]] of commits.entries()) {
      const id = { source: 'kalem', account: 'default', stream };
      const time = new Date(AT - minutes * MINUTE).toISOString();
      const commit = {
        version: 1,
        n: index + 1,
        loadId: 'a',
        runId: 'r',
        ...id,
        at: time,
        startedAt: time,
        endedAt: time,
        status,
      };
      const lists = {
        raw: [],
        staged: [],
        digests: [],
        scans: [],
        rejects: [],
        state: {},
        windowFrom: null,
        windowTo: null,
      };
      const counts = { requests: 0, records: 0, vendorTotal: null, changed: 0, unchanged: 0, deleted: 0, rejected: 0 };
      store.objects.set(commitKey(id, index + 1), Buffer.from(JSON.stringify({ ...commit, ...lists, counts })));
    }
  }
  return store;
}
const ask = (...args: Parameters<typeof storeWith>) =>
  freshnessMinutes({ source: 'kalem', account: 'default', streams: ['calls', 'logs'] }, AT, storeWith(...args));

describe('freshnessMinutes', () => {
  test.each([
    ['is the age of the oldest stream', { calls: [['ok', 15]], logs: [['ok', 45]] }, 45],
    [
      'skips runs that were not complete',
      {
        calls: [
          ['ok', 60],
          ['partial', 30],
          ['failed', 15],
        ],
      },
      60,
    ],
    [
      'counts from the first run if none was complete yet',
      {
        calls: [
          ['partial', 30],
          ['partial', 15],
        ],
      },
      30,
    ],
    ['is never negative', { calls: [['ok', -5]] }, 0],
  ] as const)('%s', async (_, streams, minutes) => {
    expect(await ask(streams)).toBe(minutes);
  });

  test('is undefined if no stream ever ran', async () => {
    expect(await ask({})).toBeUndefined();
  });
});
