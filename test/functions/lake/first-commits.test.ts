import { expect, test } from 'vitest';
import { readCommitsAfter } from '../../../functions/lake/commit-log.ts';
import { commitKey } from '../../../functions/lake/objects.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { emptyCommit } from '../../helpers/empty-commit.ts';

const ID = { source: 'solum', account: 'default', stream: 'calls' };
const AT = new Date('2026-11-01T09:00:00Z');

test('the first commits of a log are missed, whatever the next one names', async () => {
  const store = memoryStore();
  const { objects } = store;
  const commit = (n: number, state: { began?: number }) =>
    store.put(commitKey(ID, n), Buffer.from(JSON.stringify(emptyCommit(ID, n, AT, { state }))));
  await commit(3, { began: 1 });
  const read = async (after: number) => {
    const numbers: number[] = [];
    for await (const { n } of readCommitsAfter(store, ID, after)) numbers.push(n);
    return numbers;
  };
  await expect(read(0)).rejects.toThrow(`${commitKey(ID, 2)} is missing in memory`);
  await expect(read(1)).rejects.toThrow('is missing in memory');
  expect(await read(2)).toEqual([3]);
  objects.clear();
  await commit(3, { began: 3 });
  expect(await read(0), 'a log that was begun again above the rows of the one before').toEqual([3]);
  objects.clear();
  await commit(3, {});
  expect(await read(0), 'a log of an earlier version').toEqual([3]);
});
