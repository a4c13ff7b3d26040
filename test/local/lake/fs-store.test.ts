import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, readdir, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { sweepTemporaries } from '../../../local/lake/sweep-temporaries.ts';
import { storeContract } from '../../contracts/store.contract.ts';
import { collect } from '../../helpers/collect.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const LENGTH = 24 << 20;
/** How often a half written temporary file is seen before the kill: long enough to see all of a put. */
const WATCHED = 40;
const FOLDERS = ['replaced', 'created'];

interface Entry {
  readonly path: string;
  readonly size: number;
}

describe('fsStore', () => {
  storeContract(async () => fsStore(join(await temporaryFolder(), 'lake')));

  test('creates files and folders for their owner alone', async () => {
    const root = join(await temporaryFolder(), 'data', 'lake');
    await fsStore(root).put('a/b/c', Buffer.from('x'));
    for (const folder of [join(root, '..'), root, join(root, 'a'), join(root, 'a/b')]) {
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
    }
    expect((await stat(join(root, 'a/b/c'))).mode & 0o777).toBe(0o600);
  });

  test('lists no file that is not an object', async () => {
    const root = await temporaryFolder();
    const store = fsStore(root);
    await store.put('a/b', Buffer.from('x'));
    await writeFile(join(root, 'a', '~12.ab'), 'half');
    await writeFile(join(root, 'a', 'odd name'), 'x');
    await mkdir(join(root, 'a', 'empty'));
    await symlink('/etc', join(root, 'a', 'link'));
    expect(await collect(store.list(''))).toEqual(['a/b']);
  });

  test('leaves no temporary file behind after concurrent writes', async () => {
    const root = await temporaryFolder();
    const store = fsStore(root);
    await Promise.all([1, 2, 3, 4].map((value) => store.put('key', Buffer.from([value]))));
    await store.put('key', Buffer.from('x'), { replace: true });
    expect(await readdir(root)).toEqual(['key']);
  });

  test('reports the folder, the cause and the remedy, but no key', async () => {
    const root = join(await temporaryFolder(), 'file');
    await writeFile(root, 'x');
    const put = fsStore(root).put('staging/secret', Buffer.from('x'));
    await expect(put).rejects.toThrow(
      `cannot write in ${root}: there is a file where a folder is expected; move it away (ENOTDIR)`,
    );
    await expect(put).rejects.toMatchObject({ name: 'StorageError', exitCode: 5 });
  });
});

describe('sweepTemporaries', () => {
  test('removes temporary files older than the limit, and no other file', async () => {
    const root = await temporaryFolder();
    const store = fsStore(root);
    await store.put('a/b', Buffer.from('x'));
    for (const name of ['~1.old', '~2.young', 'other']) await writeFile(join(root, 'a', name), 'x');
    for (const name of ['~1.old', 'b', 'other']) await utimes(join(root, 'a', name), 1000, 1000);
    expect(await sweepTemporaries(root, 2_000_000)).toBe(1);
    expect((await readdir(join(root, 'a'))).sort()).toEqual(['b', 'other', '~2.young']);
  });

  test('removes nothing if the folder does not exist', async () => {
    expect(await sweepTemporaries(join(await temporaryFolder(), 'none'), Date.now())).toBe(0);
  });
});

describe('a process killed during put', () => {
  test('leaves only complete objects, and the next process continues', { timeout: 60_000 }, async () => {
    const root = await temporaryFolder();
    // A kill proves something only if it left a temporary file that was begun and not finished.
    for (let kill = 0; torn(root).length < 3; kill++) {
      expect(kill).toBeLessThan(20);
      await killInMidWrite(root, 1 + (kill % 3) * 5_000_000);
    }

    const store = fsStore(root);
    const keys = await collect(store.list(''));
    expect(keys).toContain('replaced/object');
    for (const key of keys) {
      const body = Buffer.from((await store.get(key)) ?? []);
      expect(body.length).toBe(LENGTH);
      expect(body.equals(Buffer.alloc(LENGTH, body[0]))).toBe(true);
    }
    await store.put('replaced/object', Buffer.from('whole'), { replace: true });
    expect(Buffer.from((await store.get('replaced/object')) ?? []).toString()).toBe('whole');
    expect(await sweepTemporaries(root, Date.now() + 1000)).toBeGreaterThanOrEqual(3);
    expect(temporaries(root)).toEqual([]);
  });
});

/**
 * Kills the writer once it has put an object and a temporary file of it has at least so many bytes, and not all.
 * Until then, no object may be seen at another length: a kill at that moment would leave it torn.
 */
async function killInMidWrite(root: string, bytes: number): Promise<void> {
  const before = new Set(temporaries(root).map(({ path }) => path));
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/fixtures/put-forever.ts', root], {
    stdio: 'inherit',
  });
  const exited = once(child, 'exit');
  try {
    for (let puts = 0; ; ) {
      const seen = objects(root);
      for (const { size } of seen) expect(size).toBe(LENGTH);
      const fresh = temporaries(root).some(({ path, size }) => !before.has(path) && size >= bytes && size < LENGTH);
      puts += fresh ? 1 : 0;
      if (puts >= WATCHED && seen.length > 1) break;
      if (child.exitCode !== null) throw new Error('the writer ended before it was killed');
      await setImmediate();
    }
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

function torn(root: string): Entry[] {
  return temporaries(root).filter(({ size }) => size > 0 && size < LENGTH);
}

function temporaries(root: string): Entry[] {
  return entries(root).filter(({ path }) => path.includes('/~'));
}

function objects(root: string): Entry[] {
  return entries(root).filter(({ path }) => !path.includes('/~'));
}

function entries(root: string): Entry[] {
  return FOLDERS.flatMap((folder) => {
    const names = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
    return names.flatMap((name) => {
      const path = join(root, folder, name);
      const size = statSync(path, { throwIfNoEntry: false })?.size;
      return size === undefined ? [] : [{ path, size }];
    });
  });
}
