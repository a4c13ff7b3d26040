import { describe, expect, test } from 'vitest';
import { StorageError } from '../../functions/errors.ts';
import { folderError } from '../../local/folder-error.ts';

const failure = (code: string) => Object.assign(new Error(`${code}: x, open '/data/lake/staging/key'`), { code });

describe('folderError', () => {
  test.each([
    ['ENOSPC', 'no space is left on the disk; free some, or choose another data directory'],
    ['EACCES', 'permission is denied; give this user read and write access to it'],
    ['EROFS', 'the disk is read-only; mount it for writing, or choose another data directory'],
    ['EIO', 'the disk reports an input/output error; check it, and choose another data directory'],
    ['EXOTIC', 'check the disk that holds it'],
  ])('names folder, what happened and the remedy: %s', (code, remedy) => {
    const error = folderError('/data/lake', 'write', failure(code));
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toMatchObject({
      message: `cannot write in /data/lake: ${remedy} (${code})`,
      exitCode: 5,
    });
  });

  test('leaves what is no failure of a file as it is', () => {
    const bug = new TypeError('x is not a function');
    expect(folderError('/data/lake', 'read', bug)).toBe(bug);
  });
});
