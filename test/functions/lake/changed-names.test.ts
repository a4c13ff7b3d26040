import { describe, expect, test } from 'vitest';
import { changedAfter, saveChangedNames } from '../../../functions/lake/changed-names.ts';
import { namesKey } from '../../../functions/lake/objects.ts';
import type { ChangedNames } from '../../../functions/lake/stream-state.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { DIGEST_ID as ID } from '../../helpers/settled-digest.ts';

const ports = () => ({ ...nodePorts, store: memoryStore() });

/** Saves the names of these commits, the first of which has number 5. */
async function saved(commits: readonly (readonly string[])[]) {
  const own = ports();
  let changed: ChangedNames | undefined;
  const superseded: string[] = [];
  for (const [index, names] of commits.entries()) {
    const commit = { id: ID, n: index + 5, loadId: 'load', before: changed };
    const result = await saveChangedNames(own, new Set(names), commit);
    changed = result.changed;
    superseded.push(...result.superseded);
  }
  return { ...own, changed, superseded };
}

const namesAfter = async ({ changed, ...own }: Awaited<ReturnType<typeof saved>>, n: number, most = 9) => {
  const names = await changedAfter(own, changed, { n, most });
  return names && [...names].sort();
};

describe('names of changed records', () => {
  test('are known since the commit before the first that kept them', async () => {
    const kept = await saved([['a'], ['b', 'a'], ['c']]);
    expect(kept.changed).toEqual({ after: 4, keys: [5, 6, 7].map((n) => namesKey(ID, n, 'load')), log: 'load' });
    expect(await namesAfter(kept, 4)).toEqual(['a', 'b', 'c']);
    expect(await namesAfter(kept, 5)).toEqual(['a', 'b', 'c']);
    expect(await namesAfter(kept, 6)).toEqual(['c']);
    expect(await namesAfter(kept, 7)).toEqual([]);
    expect(await namesAfter(kept, 3)).toBeUndefined();
  });

  test('of a commit that changes nothing need no object', async () => {
    expect(await saved([[]])).toMatchObject({ changed: { after: 4, keys: [] }, superseded: [] });
    const kept = await saved([['a'], []]);
    expect(kept.store.objects.size).toBe(1);
    expect(await namesAfter(kept, 4)).toEqual(['a']);
  });

  test('are not known if no commit kept any, or if there are too many', async () => {
    expect(await changedAfter(ports(), undefined, { n: 1, most: 9 })).toBeUndefined();
    const kept = await saved([['a', 'b'], ['c']]);
    expect(await namesAfter(kept, 4, 3)).toEqual(['a', 'b', 'c']);
    expect(await namesAfter(kept, 4, 2)).toBeUndefined();
  });

  test.each([
    { says: 'missing', body: undefined },
    { says: 'damaged', body: Buffer.from('x') },
  ])('are not known if an object that has some is $says', async ({ body }) => {
    const kept = await saved([['a'], ['b']]);
    const key = namesKey(ID, 5, 'load');
    if (body) kept.store.objects.set(key, body);
    else kept.store.objects.delete(key);
    expect(await namesAfter(kept, 4)).toBeUndefined();
    expect(await namesAfter(kept, 5)).toEqual(['b']);
  });

  test('are kept of 64 commits; those before are named so that they can be deleted', async () => {
    const kept = await saved(Array.from({ length: 66 }, (_, n) => [`r${n}`]));
    expect(kept.superseded).toEqual([5, 6].map((n) => namesKey(ID, n, 'load')));
    expect(kept.changed?.keys).toHaveLength(64);
    expect(await namesAfter(kept, 5, 99)).toBeUndefined();
    expect(await namesAfter(kept, 6, 99)).toHaveLength(64);
  });
});
