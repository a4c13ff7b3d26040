import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, StorageError } from '../../../functions/errors.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { dataDirAt } from '../../../local/settings/data-dir.ts';
import { findHashKey, hashKeyStores, readHashKey } from '../../../local/settings/hash-key.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

async function emptyDataDir() {
  const dir = dataDirAt(await temporaryFolder());
  return { path: join(dir.path, 'hash.key'), dir, stores: hashKeyStores(dir, fsStore(dir.lake)) };
}

describe('findHashKey', () => {
  test('several first runs create one key, readable for its owner alone', async () => {
    const { path, stores } = await emptyDataDir();
    const keys = await Promise.all([1, 2, 3].map(() => findHashKey(stores, {})));
    expect(new Set(keys)).toEqual(new Set([(await readFile(path, 'utf8')).trim()]));
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test.each(['sixteen letters!', 'short'])('takes the key of the environment and creates none: %s', async (key) => {
    const { path, stores } = await emptyDataDir();
    expect(await findHashKey(stores, { CALLHOUSE_HASH_KEY: key })).toBe(key);
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  test.each([
    ['', 'found 0'],
    ['\n', 'found 0'],
    ['fifteen letters\n', 'found 15'],
  ])('refuses a file that holds no key, and keeps it: %j', async (text, found) => {
    const { path, stores } = await emptyDataDir();
    await writeFile(path, text);
    const failure = findHashKey(stores, {});
    await expect(failure).rejects.toBeInstanceOf(StorageError);
    await expect(failure).rejects.toThrow(`expected at least 16 characters, ${found}; restore it`);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('accepts a key of 16 characters', async () => {
    const { path, stores } = await emptyDataDir();
    await writeFile(path, 'sixteen letters!\n');
    expect(await findHashKey(stores, {})).toBe('sixteen letters!');
  });

  test('creates no second key for a lake that has commits', async () => {
    const { path, stores } = await emptyDataDir();
    await stores.lake.put('commits/kalem/default/calls/000000000001.json', Buffer.from('{}'));
    const failure = findHashKey(stores, {});
    await expect(failure).rejects.toBeInstanceOf(ConfigError);
    await expect(failure).rejects.toThrow('set CALLHOUSE_HASH_KEY to the key');
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  test('a key that cannot be read back is an error', async () => {
    const { path, stores } = await emptyDataDir();
    await mkdir(path);
    await expect(findHashKey(stores, {})).rejects.toThrow('cannot be read back');
  });
});

describe('readHashKey', () => {
  test('creates nothing before the first run', async () => {
    const { path, stores } = await emptyDataDir();
    expect(await readHashKey(stores, {})).toBeUndefined();
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });
});

describe('hashKeyStores', () => {
  test('keeps the key of a bucket in the bucket', () => {
    const bucket = fsStore('/bucket');
    expect(hashKeyStores(dataDirAt('s3://clinic/lake'), bucket)).toEqual({ home: bucket, lake: bucket });
  });
});
