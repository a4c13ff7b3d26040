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
