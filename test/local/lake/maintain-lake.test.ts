import { expect, test } from 'vitest';
import { writeProgress } from '../../../functions/lake/load-progress.ts';
import type { Engine } from '../../../functions/ports.ts';
import { findSource } from '../../../functions/source/registry.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { maintainLake } from '../../../local/lake/maintain-lake.ts';
import { dataDirAt } from '../../../local/settings/data-dir.ts';
import { collect } from '../../helpers/collect.ts';
import { putSmallCommit } from '../../helpers/small-commit.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const DAY_MS = 86_400_000;
const START = Date.parse('2026-11-21T09:00:00Z');
const ID = { source: 'kalem', account: 'default', stream: 'calls' };
const ORPHANS = [
  'raw/kalem/default/calls/2026-11-20/kalem-calls-x-0001.pages.gz',
  'staging/kalem_calls/acct=default/day=2026-11-20/kalem-calls-x-0001.parquet',
];

/** A lake with one loaded commit and what a killed run left, whose maintenance runs on the days asked for. */
async function lake(stagingDays?: number) {
  const dir = dataDirAt(await temporaryFolder());
  const store = fsStore(dir.lake);
  await putSmallCommit(store, ID, 1, new Date(START));
  await writeProgress(store, 'here', ID, { version: 1, n: 1, loadId: 'x' });
  for (const key of ORPHANS) await store.put(key, Buffer.from('x'));
  const { tables } = (await findSource('kalem')).streams['calls'] ?? {};
  const plan = {
    streams: [{ source: 'kalem', stream: 'calls', tables: tables ?? [] }],
    accounts: { kalem: ['default'] },
  };
  const lines: string[] = [];
  const maintain = async (day: number) => {
    await maintainLake(
      { dir, plan, settings: stagingDays === undefined ? {} : { retention: { stagingDays } } },
      {
        ...{ store, engine: { identity: async () => 'here' } as unknown as Engine },
        ...{ now: () => START + day * DAY_MS, random: Math.random, remainingMs: () => Number.POSITIVE_INFINITY },
        log: (level, message) => void (level === 'warn' && lines.push(message)),
      },
    );
    const staged = await collect(store.list('staging/'));
    return {
      orphans: [...staged, ...(await collect(store.list('raw/')))].filter((key) => ORPHANS.includes(key)).length,
      staged: staged.filter((key) => !ORPHANS.includes(key)).length,
    };
  };
  return { store, maintain, lines };
}

test('what no commit names is deleted a day after it was found, and staged files stay', async () => {
  const { maintain, lines } = await lake();
  expect(await maintain(0)).toEqual({ orphans: 2, staged: 1 });
  expect(await maintain(0.9)).toEqual({ orphans: 2, staged: 1 });
  expect(await maintain(1)).toEqual({ orphans: 0, staged: 1 });
  expect(await maintain(400)).toEqual({ orphans: 0, staged: 1 });
  expect(lines).toEqual([]);
});

test('staged files are deleted so many days after every warehouse has loaded them, if the setting says so', async () => {
  const { store, maintain } = await lake(10);
  await writeProgress(store, 'there', ID, { version: 1, n: 0 });
  expect(await maintain(0)).toMatchObject({ staged: 1 });
  await writeProgress(store, 'there', ID, { version: 1, n: 1, loadId: 'x' });
  expect(await maintain(1)).toMatchObject({ staged: 1 });
  expect(await maintain(10)).toMatchObject({ staged: 1 });
  expect(await maintain(11)).toMatchObject({ staged: 0 });
});

test('a damaged commit is a warning, and is looked at again the next day', async () => {
  const { store, maintain, lines } = await lake(10);
  await store.put('commits/kalem/default/calls/000000000001.json', Buffer.from('{'), { replace: true });
  await maintain(0);
  expect(lines.join()).toMatch(/^the lake was not cleaned completely: .*000000000001\.json/);
  await maintain(1);
  expect(lines).toHaveLength(2);
});
