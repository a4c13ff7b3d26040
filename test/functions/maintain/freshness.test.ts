import { describe, expect, test } from 'vitest';
import type { Commit } from '../../../functions/lake/commit.ts';
import { commitKey } from '../../../functions/lake/objects.ts';
import { freshnessMinutes } from '../../../functions/maintain/freshness.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { emptyCommit } from '../../helpers/empty-commit.ts';

const AT = Date.parse('2026-11-21T09:00:00Z');
const MINUTE = 60_000;

function storeWith(streams: Readonly<Record<string, readonly (readonly [Commit['status'], number])[]>>) {
  const store = memoryStore();
  for (const [stream, commits] of Object.entries(streams)) {
    for (const [index, [status, minutes]] of commits.entries()) {
      const id = { source: 'kalem', account: 'default', stream };
      const commit = emptyCommit(id, index + 1, new Date(AT - minutes * MINUTE), { status });
      store.objects.set(commitKey(id, index + 1), Buffer.from(JSON.stringify(commit)));
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
