import { randomBytes } from 'node:crypto';
import { link, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { checkKey, checkPrefix, isKeyPart } from '../../functions/object-key.ts';
import type { ByteRange, Store } from '../../functions/ports.ts';
import { folderError, isMissing, type Verb } from './folder-error.ts';
import { makeFolder } from './make-folder.ts';
import { temporaryName } from './sweep-temporaries.ts';

/** The objects hold health data, so only their owner may read them. */
const FILE_MODE = 0o600;

/**
 * A store in a folder, with one file per object. Writes are atomic and durable. No file system compares and replaces in one step: if two
 * processes replace the same bytes within the same instant, the later one wins.
 */
export function fsStore(root: string): Store {
  const folder = resolve(root);
  const within = async <T>(verb: Verb, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw folderError(folder, verb, error);
    }
  };
  return {
    name: folder,
    async get(key, range) {
      const path = join(folder, checkKey(key));
      return within('read', () => unlessMissing(range ? readRange(path, range) : readFile(path)));
    },
    async put(key, body, { replace = false } = {}) {
      const path = join(folder, checkKey(key));
      return within('write', () => putFile(path, body, replace));
    },
    list(prefix, { after = '' } = {}) {
      return listKeys(folder, checkPrefix(prefix), after, (path) => within('list', () => readFolder(path)));
    },
    async delete(key) {
      const path = join(folder, checkKey(key));
      await within('delete', () => unlessMissing(unlink(path).then(() => syncFolder(dirname(path)))));
    },
  };
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function readRange(path: string, { from, to }: ByteRange): Promise<Uint8Array> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, Math.min(to, (await file.stat()).size) - from));
    let read = 0;
    while (read < bytes.length) {
      const { bytesRead } = await file.read(bytes, read, bytes.length - read, from + read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return bytes.subarray(0, read);
  } finally {
    await file.close();
  }
}

async function putFile(path: string, body: Uint8Array, replace: boolean | Uint8Array): Promise<boolean> {
  const folder = dirname(path);
  await makeDurably(folder);
  const temporary = join(folder, temporaryName(process.pid, randomBytes(8).toString('hex')));
  try {
    await writeDurably(temporary, body);
    if (replace === false) {
      if (!(await linkUnlessTaken(temporary, path))) return false;
    } else {
      if (replace !== true && !(await isSame(path, replace))) return false;
      await rename(temporary, path);
    }
    await syncFolder(folder);
    return true;
  } finally {
    await unlink(temporary).catch(() => {});
  }
}

async function isSame(path: string, bytes: Uint8Array): Promise<boolean> {
  const held = await unlessMissing(readFile(path));
  return held !== undefined && Buffer.compare(held, bytes) === 0;
}

async function writeDurably(path: string, body: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', FILE_MODE);
  try {
    await file.writeFile(body);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function linkUnlessTaken(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Creates a folder durably, by syncing every parent that got a new entry. */
async function makeDurably(folder: string): Promise<void> {
  const first = await makeFolder(folder);
  if (first === undefined) return;
  const above = dirname(first);
  for (let path = dirname(folder); path.length >= above.length; path = dirname(path)) {
    await syncFolder(path);
    if (path === above) return;
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open a folder, and NTFS keeps the order of its own metadata.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Sorted entries of a folder. A subfolder ends in `/`, so that its keys sort correctly among its neighbours. */
async function readFolder(path: string): Promise<readonly string[]> {
  const entries = (await unlessMissing(readdir(path, { withFileTypes: true }))) ?? [];
  const names: string[] = [];
  for (const entry of entries) {
    if (!isKeyPart(entry.name)) continue;
    if (entry.isDirectory()) names.push(`${entry.name}/`);
    else if (entry.isFile()) names.push(entry.name);
  }
  // Keys are ASCII, so sorting by UTF-16 units is sorting by bytes.
  return names.sort();
}

async function* listKeys(
  folder: string,
  prefix: string,
  after: string,
  read: (path: string) => Promise<readonly string[]>,
): AsyncGenerator<string> {
  const pending = [prefix.slice(0, prefix.lastIndexOf('/') + 1)];
  for (let key = pending.pop(); key !== undefined; key = pending.pop()) {
    if (key !== '' && !key.endsWith('/')) {
      yield key;
      continue;
    }
    const names = await read(join(folder, key));
    for (let index = names.length - 1; index >= 0; index--) {
      const next = `${key}${names[index]}`;
      if (next.startsWith(prefix) && (next > after || (next.endsWith('/') && after.startsWith(next))))
        pending.push(next);
    }
  }
}
