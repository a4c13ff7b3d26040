import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sweepDaily } from '../../../local/lake/sweep-daily.ts';
import { temporaryName } from '../../../local/lake/sweep-temporaries.ts';
import { dataDirAt } from '../../../local/settings/data-dir.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const HOUR_MS = 3_600_000;

test('removes half-written files older than a day, once a day', async () => {
  const dir = dataDirAt(await temporaryFolder());
  const folder = join(dir.lake, 'raw');
  await mkdir(folder, { recursive: true });
  const now = Date.now();
  const leave = async (name: string, hoursAgo: number) => {
    await writeFile(join(folder, name), 'half');
    await utimes(join(folder, name), now / 1000, (now - hoursAgo * HOUR_MS) / 1000);
  };
  await leave(temporaryName(1, 'aa'), 25);
  await leave(temporaryName(2, 'bb'), 1);
  await leave('whole', 25);
  expect(await sweepDaily(dir, now)).toBe(1);
  expect((await readdir(folder)).sort()).toEqual(['whole', temporaryName(2, 'bb')].sort());
  await leave(temporaryName(3, 'cc'), 25);
  expect(await sweepDaily(dir, now + 23 * HOUR_MS)).toBe(0);
  expect(await sweepDaily(dir, now + 25 * HOUR_MS)).toBe(2);
});

test('removes nothing if there is no lake yet', async () => {
  expect(await sweepDaily(dataDirAt(await temporaryFolder()), Date.now())).toBe(0);
});
