import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../functions/errors.ts';
import { ownCommand } from '../../../local/console/own-command.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { dataDirAt } from '../../../local/settings/data-dir.ts';
import { checkStoredHashKey, findHashKey, hashKeyStores } from '../../../local/settings/hash-key.ts';
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

  test('takes the key of the environment and creates none', async () => {
    const { path, stores } = await emptyDataDir();
    const key = 'k'.repeat(32);
    expect(await findHashKey(stores, { CALLHOUSE_HASH_KEY: key })).toBe(key);
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });

  test.each([
    ['', 'has 0 characters'],
    ['\n', 'has 0 characters'],
    ['sixteen letters!\n', 'has 16 characters'],
    [`${'k'.repeat(31)}\n`, 'has 31 characters'],
  ])('refuses a file that holds no key, or one that can be guessed, and keeps it: %j', async (text, found) => {
    const { path, stores } = await emptyDataDir();
    await writeFile(path, text);
    const failure = findHashKey(stores, {});
    await expect(failure).rejects.toBeInstanceOf(ConfigError);
    await expect(failure).rejects.toThrow(`${found}; expected at least 32`);
    await expect(failure).rejects.toThrow(`${ownCommand()} rotate-hash-key`);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('keeps the fingerprint of the key in the lake, and refuses another key', async () => {
    const { stores } = await emptyDataDir();
    const keys = ['a', 'b'].map((letter) => letter.repeat(32));
    await findHashKey(stores, { CALLHOUSE_HASH_KEY: keys[0] });
    const mark = Buffer.from((await stores.lake.get('keys/hash-key.json')) ?? []).toString();
    expect(JSON.parse(mark)).toEqual({ version: 1, fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) });
    for (const act of [findHashKey, checkStoredHashKey])
      await expect(act(stores, { CALLHOUSE_HASH_KEY: keys[1] })).rejects.toThrow('Restore that key, or hash');
    await expect(checkStoredHashKey(stores, {})).rejects.toThrow('hash.key is missing');
    expect(await findHashKey(stores, { CALLHOUSE_HASH_KEY: keys[0] })).toBe(keys[0]);
  });

  test('refuses a damaged fingerprint instead of claiming the lake', async () => {
    const { stores } = await emptyDataDir();
    await stores.lake.put('keys/hash-key.json', Buffer.from('{}'));
    await expect(findHashKey(stores, {})).rejects.toThrow('keys/hash-key.json in');
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

describe('checkStoredHashKey', () => {
  test('creates nothing before the first run', async () => {
    const { path, stores } = await emptyDataDir();
    await checkStoredHashKey(stores, {});
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });
});

describe('hashKeyStores', () => {
  test('keeps the key of a bucket in the bucket', () => {
    const bucket = fsStore('/bucket');
    expect(hashKeyStores(dataDirAt('s3://clinic/lake'), bucket)).toEqual({ home: bucket, lake: bucket });
  });
});
