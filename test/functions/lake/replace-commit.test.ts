import { expect, test } from 'vitest';
import { AlreadyRunningError } from '../../../functions/errors.ts';
import { readLastCommit } from '../../../functions/lake/commit-log.ts';
import { commitKey } from '../../../functions/lake/objects.ts';
import { replaceCommit } from '../../../functions/lake/replace-commit.ts';
import type { Store } from '../../../functions/ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { emptyCommit } from '../../helpers/empty-commit.ts';
import { putSmallCommit } from '../../helpers/small-commit.ts';

const ID = { source: 'zudu', account: 'default', stream: 'calls' };
const AT = new Date('2026-11-01T09:00:00Z');

async function oneCommit() {
  const store = memoryStore();
  await putSmallCommit(store, ID, 1, AT);
  const read = () => readLastCommit(store, ID);
  const commit = (await read()) ?? emptyCommit(ID, 1, AT);
  return { store, read, commit, purged: { ...commit, state: { order: 'none' } } };
}

test('a commit is written again', async () => {
  const { store, read, commit, purged } = await oneCommit();
  await replaceCommit(store, commit, purged);
  expect(await read()).toEqual(purged);
});

test('a commit that another process has changed or deleted since it was read stays as it is', async () => {
  const { store, read, commit, purged } = await oneCommit();
  const theirs = { ...commit, staged: [] };
  await replaceCommit(store, commit, theirs);
  const replacing = replaceCommit(store, commit, purged);
  await expect(replacing).rejects.toThrow(AlreadyRunningError);
  await expect(replacing).rejects.toMatchObject({ context: ID });
  expect(await read()).toEqual(theirs);
  await store.delete(commitKey(ID, 1));
  await expect(replaceCommit(store, theirs, purged)).rejects.toThrow(AlreadyRunningError);
  expect(await read()).toBeUndefined();
});

test('a commit that changes between being compared and being written stays as it is', async () => {
  const { store, read, commit, purged } = await oneCommit();
  const theirs = { ...commit, staged: [] };
  const slow: Store = {
    ...store,
    async put(key, body, options) {
      await replaceCommit(store, commit, theirs);
      return store.put(key, body, options);
    },
  };
  await expect(replaceCommit(slow, commit, purged)).rejects.toThrow(AlreadyRunningError);
  expect(await read()).toEqual(theirs);
});
