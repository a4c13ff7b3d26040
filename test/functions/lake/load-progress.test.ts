import { describe, expect, test } from 'vitest';
import { loadedTo, NO_PROGRESS, readProgress, writeProgress } from '../../../functions/lake/load-progress.ts';
import { progressKey } from '../../../functions/lake/objects.ts';
import type { Store } from '../../../functions/ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { DIGEST_ID as ID } from '../../helpers/settled-digest.ts';

const at = (n: number, more: object = {}) => ({ version: 1 as const, n, ...more });

describe('how far a stream is loaded', () => {
  test.each([
    { says: 'a later commit replaces an earlier one', writes: [at(3, { loadId: 'c' }), at(4)], kept: at(4) },
    { says: 'an earlier one changes nothing', writes: [at(4, { loadId: 'd' }), at(3)], kept: at(4, { loadId: 'd' }) },
    {
      says: 'each table of versions only grows',
      writes: [at(4, { versions: { a: 4, b: 2 } }), at(5, { versions: { a: 3, b: 5, c: 1 } })],
      kept: at(5, { versions: { a: 4, b: 5, c: 1 } }),
    },
    {
      says: 'tables of versions stay that the last write does not name',
      writes: [at(4, { versions: { a: 4 } }), at(5)],
      kept: at(5, { versions: { a: 4 } }),
    },
    {
      says: 'versions grow though the commit is earlier',
      writes: [at(5, { versions: { a: 1 } }), at(4, { versions: { a: 4 } })],
      kept: at(5, { versions: { a: 4 } }),
    },
  ])('is kept: $says', async ({ writes, kept }) => {
    const store = memoryStore();
    for (const progress of writes) await writeProgress(store, 'duckdb', ID, progress);
    expect(await readProgress(store, 'duckdb', ID, () => {})).toEqual(kept);
  });

  test('is written only if it grows', async () => {
    const store = memoryStore();
    let puts = 0;
    const counting: Store = {
      ...store,
      put(...given) {
        puts += 1;
        return store.put(...given);
      },
    };
    await writeProgress(counting, 'duckdb', ID, at(4, { versions: { a: 4 } }));
    for (const same of [at(4), at(3), at(4, { versions: { a: 2 } })]) await writeProgress(counting, 'duckdb', ID, same);
    expect(puts).toBe(1);
  });

  test('is nothing if nobody knows, with a warning if the object cannot be read', async () => {
    const store = memoryStore();
    const warnings: string[] = [];
    const read = () => readProgress(store, 'duckdb', ID, (level, text) => void warnings.push(`${level}: ${text}`));
    expect(await read()).toEqual(NO_PROGRESS);
    expect(warnings).toEqual([]);
    for (const text of ['', '{"version":2,"n":5}', '{"version":1,"n":-1}', '{"version":1,"n":0.5}']) {
      await store.put(progressKey('duckdb', ID), Buffer.from(text), { replace: true });
      expect(await read()).toEqual(NO_PROGRESS);
    }
    expect(warnings).toHaveLength(4);
    expect(warnings[0]).toMatch(/^warn: the progress object cannot be read/);
  });

  test.each([
    { progress: at(5), tables: [], to: 5 },
    { progress: at(5), tables: ['a'], to: 0 },
    { progress: at(5, { versions: { a: 3, b: 9 } }), tables: ['a', 'b'], to: 3 },
    { progress: at(5, { versions: { b: 9 } }), tables: ['b'], to: 5 },
  ])('by $progress with versions of $tables is $to', ({ progress, tables, to }) => {
    expect(loadedTo(progress, tables)).toBe(to);
  });
});
