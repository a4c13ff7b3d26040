import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withDotenv } from '../../../local/settings/dotenv.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

describe('withDotenv', () => {
  test('adds the variables of the file; the environment wins, even with an empty value', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, '.env'), '\ufeffA=1\n# no\nB="two # words"\nexport C=3\nD=4\nE=5\n');
    expect(withDotenv(folder, { D: 'four', E: '' })).toEqual({ A: '1', B: 'two # words', C: '3', D: 'four', E: '' });
  });

  test.each([
    ['A=12|ab#cd', '12|ab#cd'],
    ['A=12|ab#cd # the token', '12|ab#cd'],
    ['A=a#b#c', 'a#b#c'],
    ['export A = ab#cd', 'ab#cd'],
    ['A=ab #cd', 'ab'],
    ['A="ab#cd"', 'ab#cd'],
    ["A='ab#cd' # no", 'ab#cd'],
    ['A=#cd', ''],
    ['B="x\nA=y#z\n"\nA=1', '1'],
    ['A=1#a\nA=2', '2'],
  ])('reads %j, where # after white space begins a comment', async (line, value) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, '.env'), `${line}\n`);
    expect(withDotenv(folder, {})['A']).toBe(value);
  });

  test.each(['utf8', 'utf16le'] as const)('reads a file in %s', async (encoding) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, '.env'), Buffer.from('\ufeffA=1\n', encoding));
    expect(withDotenv(folder, {})).toEqual({ A: '1' });
  });

  test('refuses a file that is no text', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, '.env'), Buffer.from('A=1\n', 'utf16le'));
    expect(() => withDotenv(folder, {})).toThrow(expect.objectContaining({ name: 'ConfigError' }));
  });

  test('returns the environment if there is no file', async () => {
    expect(withDotenv(await temporaryFolder(), { A: '1' })).toEqual({ A: '1' });
  });

  test('names a file that cannot be read', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, '.env'));
    expect(() => withDotenv(folder, {})).toThrow(
      expect.objectContaining({ name: 'ConfigError', message: expect.stringContaining('.env (EISDIR)') }),
    );
  });
});
