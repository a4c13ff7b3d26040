import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fsStore } from '../../../local/lake/fs-store.ts';
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
  await leave(temporaryName(4, 'dd'), 25);
  expect(await sweepDaily(dir, now - 100 * HOUR_MS), 'after a clock was wrong').toBe(0);
  await leave(temporaryName(4, 'dd'), 225);
  expect(await sweepDaily(dir, now - 25 * HOUR_MS)).toBe(1);
});

test('deletes answers as served after so many days, and nothing else', async () => {
  const dir = dataDirAt(await temporaryFolder());
  const store = fsStore(dir.lake);
  const now = Date.parse('2026-11-21T09:00:00Z');
  const keys = [
    'raw/kalem/default/calls/2026-11-11/a-0001.pages.gz',
    'raw/kalem/north/calls/2026-10-01/b-0001.pages.gz',
    'raw/zudu/default/calls/2026-11-12/c-0001.pages.gz',
    'staging/kalem_calls/acct=default/day=2026-10-01/d-0001.parquet',
    'commits/kalem/default/calls/000000000001.json',
  ];
  for (const key of keys) await store.put(key, Buffer.from('x'));
  expect(await sweepDaily(dir, now)).toBe(0);
  expect(await sweepDaily(dir, now + 24 * HOUR_MS - 1, 10)).toBe(0);
  expect(await sweepDaily(dir, now + 24 * HOUR_MS, 11)).toBe(2);
  const left: string[] = [];
  for await (const key of store.list('')) left.push(key);
  expect(left).toEqual(keys.slice(2).sort());
});

test('removes nothing if there is no lake yet', async () => {
  expect(await sweepDaily(dataDirAt(await temporaryFolder()), Date.now())).toBe(0);
});
