import { expect, test } from 'vitest';
import { purgeCommits } from '../../../functions/erase/purge-commits.ts';
import { commitKey } from '../../../functions/lake/objects.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import { hyparquetWriter } from '../../../functions/parquet/hyparquet.ts';
import solum from '../../../functions/sources/solum.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { putSmallCommit } from '../../helpers/small-commit.ts';

const ID = { source: 'solum', account: 'default', stream: 'calls' };
const stream = solum.streams['calls'];

/** The state of a commit after a call was erased. */
async function purged(state: object): Promise<unknown> {
  const store = memoryStore();
  await putSmallCommit(store, ID, 1, new Date('2026-11-01T09:00:00Z'), []);
  const key = commitKey(ID, 1);
  const commit = () => JSON.parse(Buffer.from(store.objects.get(key) ?? []).toString('utf8'));
  await store.put(key, Buffer.from(JSON.stringify({ ...commit(), state })), { replace: true });
  if (!stream) throw new Error('Solum has no calls');
  const none = {
    matches: [],
    held: { keyPart: () => (text: string) => text },
    partitions: new Set<string>(),
    traces: ['gone'],
  };
  const erased = { ...none, id: ID, stream, texts: new Set(['gone']), namesOf: () => [], isErased: () => false };
  await purgeCommits(erased, async () => {}, { ...nodePorts, store, parquet: hyparquetWriter() });
  return commit().state;
}

test.each([
  ['a token of a read', { resume: { kind: 'window', partition: 'x', page: 2, token: 'after-gone' } }],
  ['the partition of a read', { resume: { kind: 'newest', partition: 'gone', page: 2 } }],
  [
    'a token of a full scan',
    { scan: { done: {}, position: { partition: 'x', page: 2, size: 5, token: 'after-gone' } } },
  ],
  ['the partition of a full scan', { scan: { done: {}, position: { partition: 'gone', page: 2, size: 5 } } }],
])('%s is not kept in a commit, because it may name an erased record', async (_what, place) => {
  expect(await purged({ order: 'started_at', ...place, tiers: {} })).toEqual({ order: 'started_at', tiers: {} });
});

test('other places are kept, without erased ids', async () => {
  const state = {
    resume: { kind: 'newest', partition: 'x', page: 2 },
    scan: { done: { x: 'all', gone: 'all' }, failed: ['gone', 'y'], position: { partition: 'y', page: 1, size: 5 } },
  };
  const scan = { done: { x: 'all' }, failed: ['y'], position: { partition: 'y', page: 1, size: 5 } };
  expect(await purged(state)).toEqual({ ...state, scan });
});
