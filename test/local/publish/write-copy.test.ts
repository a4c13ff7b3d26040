import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StorageError } from '../../../functions/errors.ts';
import { inMemory } from '../../../local/publish/query-copy.ts';
import { writeCopy } from '../../../local/publish/write-copy.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('a copy that cannot be written leaves neither its file nor the log that DuckDB keeps beside it', async () => {
  const folder = await temporaryFolder();
  const writing = inMemory('of a test', (connection) =>
    writeCopy(connection, { path: join(folder, 'copy.duckdb'), keepsEarlier: false }, async () => {
      const [file = ''] = readdirSync(folder);
      expect(file).toContain('copy.duckdb');
      writeFileSync(join(folder, `${file}.wal`), 'values of rows');
      throw new StorageError('the disk is full');
    }),
  );
  await expect(writing).rejects.toThrow('the disk is full');
  expect(readdirSync(folder)).toEqual([]);
});
