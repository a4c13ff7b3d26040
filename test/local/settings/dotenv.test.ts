import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withDotenv } from '../../../local/settings/dotenv.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

describe('withDotenv', () => {
  test('adds what the file sets; the environment wins, even where it is empty', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, '.env'), '\ufeffA=1\n# no\nB="two # words"\nexport C=3\nD=4\nE=5\n');
    expect(withDotenv(folder, { D: 'four', E: '' })).toEqual({ A: '1', B: 'two # words', C: '3', D: 'four', E: '' });
  });

  test('is the environment where there is no file', async () => {
    expect(withDotenv(await temporaryFolder(), { A: '1' })).toEqual({ A: '1' });
  });

  test('says what cannot be read', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, '.env'));
    expect(() => withDotenv(folder, {})).toThrow(
      expect.objectContaining({ name: 'ConfigError', message: expect.stringContaining('.env (EISDIR)') }),
    );
  });
});
