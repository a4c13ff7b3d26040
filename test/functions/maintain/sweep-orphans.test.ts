import { describe, expect, test } from 'vitest';
import { AlreadyRunningError } from '../../../functions/errors.ts';
import { openCommitLog, readLastCommit } from '../../../functions/lake/commit-log.ts';
import { commitKey } from '../../../functions/lake/objects.ts';
import type { MaintainPorts } from '../../../functions/maintain/plan.ts';
import { sweepOrphans } from '../../../functions/maintain/sweep-orphans.ts';
import type { Store } from '../../../functions/ports.ts';
import { type MemoryStore, memoryStore } from '../../../local/lake/memory-store.ts';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';
import { emptyCommit } from '../../helpers/empty-commit.ts';

const HOUR = 3_600_000;
const AT = new Date('2026-11-21T03:00:00Z');
const ID = { source: 'kalem', account: 'default', stream: 'calls' };
const plan = {
  streams: [{ source: 'kalem', stream: 'calls', tables: [kalemCalls] }],
  accounts: { kalem: ['default'] },
};
const rawKey = (name: string, day = '2026-11-20') => `raw/kalem/default/calls/${day}/${name}-0001.pages.gz`;
const stagedKey = (name: string, day = '2026-11-20') =>
  `staging/kalem_calls/acct=default/day=${day}/kalem-calls-${name}-0001.parquet`;

function putCommit(
  store: MemoryStore,
  n: number,
  names: { raw?: readonly string[]; staged?: readonly string[] },
): void {
  const staged = (names.staged ?? []).map((key) => ({
    table: 'kalem_calls',
    key,
    rows: 1,
    deletes: 0,
    partFrom: '2026-11-20',
    partTo: '2026-11-20',
  }));
  const commit = emptyCommit(ID, n, AT, { raw: [...(names.raw ?? [])], staged });
  store.objects.set(commitKey(ID, n), Buffer.from(JSON.stringify(commit)));
}

const sweep = (store: MemoryStore, hours: number) => {
  const ports = {
    store,
    now: () => AT.getTime(),
    random: Math.random,
    log: () => {},
    remainingMs: () => Number.POSITIVE_INFINITY,
  } as Partial<MaintainPorts> as MaintainPorts;
  return sweepOrphans(plan, new Date(AT.getTime() + hours * HOUR), ports);
};
const put = (store: MemoryStore, ...keys: readonly string[]) => {
  for (const key of keys) store.objects.set(key, Buffer.from('x'));
};

describe('sweepOrphans', () => {
  test('deletes an object that no commit names, a day after that was first seen', async () => {
    const store = memoryStore();
    put(store, rawKey('orphan'), stagedKey('orphan'), rawKey('named'), stagedKey('named'));
    putCommit(store, 1, { raw: [rawKey('named')], staged: [stagedKey('named')] });
    expect(await sweep(store, 0)).toBe(0);
    expect(await sweep(store, 23)).toBe(0);
    expect(await sweep(store, 24)).toBe(2);
    expect([...store.objects.keys()].filter((key) => /^(raw|staging)/.test(key))).toEqual([
      rawKey('named'),
      stagedKey('named'),
    ]);
  });

  test('deletes what a rotation of the hash key has staged that was killed', async () => {
    const store = memoryStore();
    putCommit(store, 1, {});
    put(store, 'staging/kalem_calls/acct=default/day=2026-11-20/kalem-rotation-20261120T030000Z-0-0001.parquet');
    expect([await sweep(store, 0), await sweep(store, 24)]).toEqual([0, 1]);
  });

  test('keeps objects of a commit that is missing between others, which may be restored', async () => {
    const store = memoryStore();
    const [lost, killed] = [rawKey('a.000000000002'), rawKey('b.000000000003')];
    put(store, lost, killed, 'commits/kalem/default/calls/notes.txt');
    for (const n of [1, 3]) putCommit(store, n, {});
    await sweep(store, 0);
    expect(await sweep(store, 24)).toBe(1);
    expect([store.objects.has(lost), store.objects.has(killed)]).toEqual([true, false]);
  });

  test('keeps a run that was suspended for a day from naming what is deleted', async () => {
    const store = memoryStore();
    putCommit(store, 1, {});
    const log = await openCommitLog(store, ID, 64);
    put(store, rawKey('a.000000000002'), stagedKey('a.000000000002'));
    await sweep(store, 0);
    expect(await readLastCommit(store, ID)).toMatchObject({ n: 1 });
    expect(await sweep(store, 24)).toBe(2);
    expect(await readLastCommit(store, ID)).toMatchObject({ n: 2, raw: [], staged: [], backfill: true });
    await expect(log.append(emptyCommit(ID, 2, AT))).rejects.toThrow(AlreadyRunningError);
  });

  test('keeps objects if a run commits at the moment at which they would be deleted', async () => {
    const store = memoryStore();
    putCommit(store, 1, {});
    put(store, rawKey('a.000000000002'));
    await sweep(store, 0);
    const busy = {
      ...store,
      put: async (...given: Parameters<Store['put']>) => {
        if (given[0] === commitKey(ID, 2)) putCommit(store, 2, { raw: [rawKey('a.000000000002')] });
        return store.put(...given);
      },
    };
    expect(await sweep(busy, 24)).toBe(0);
    expect(await sweep(store, 48)).toBe(0);
    expect(store.objects.has(rawKey('a.000000000002'))).toBe(true);
  });

  test('keeps objects of the last commits if these are gone, because they may be restored', async () => {
    const store = memoryStore();
    putCommit(store, 1, {});
    const began = JSON.parse(Buffer.from((await store.get(commitKey(ID, 1))) ?? []).toString());
    store.objects.set(commitKey(ID, 1), Buffer.from(JSON.stringify({ ...began, state: { began: 1 } })));
    put(store, rawKey('a.000000000002'), 'checkpoints/kalem/default/calls/000000000002');
    await sweep(store, 0);
    expect(await sweep(store, 24)).toBe(0);
    expect(store.objects.has(rawKey('a.000000000002'))).toBe(true);
  });

  test('keeps an object that a commit names in the meantime', async () => {
    const store = memoryStore();
    put(store, rawKey('late'));
    await sweep(store, 0);
    putCommit(store, 1, { raw: [rawKey('late')] });
    expect(await sweep(store, 24)).toBe(0);
    expect(await sweep(store, 48)).toBe(0);
    expect(store.objects.has(rawKey('late'))).toBe(true);
  });

  test('keeps an object that only the oldest of many commits names', async () => {
    const store = memoryStore();
    put(store, rawKey('old'));
    putCommit(store, 1, { raw: [rawKey('old')] });
    for (let n = 2; n < 60; n += 1) putCommit(store, n, {});
    await sweep(store, 0);
    expect(await sweep(store, 24)).toBe(0);
  });

  test('deletes nothing while a commit cannot be read', async () => {
    const store = memoryStore();
    put(store, rawKey('orphan'));
    await sweep(store, 0);
    store.objects.set(commitKey(ID, 1), Buffer.from('{'));
    await expect(sweep(store, 24)).rejects.toMatchObject({ name: 'StateError' });
    expect(store.objects.has(rawKey('orphan'))).toBe(true);
  });

  test('waits another day if its own notes are damaged', async () => {
    const store = memoryStore();
    put(store, rawKey('orphan'));
    await sweep(store, 0);
    store.objects.set('progress/orphans.json', Buffer.from('[]'));
    expect(await sweep(store, 24)).toBe(0);
    expect(await sweep(store, 48)).toBe(1);
  });

  test('keeps the objects of other accounts and streams', async () => {
    const store = memoryStore();
    const others = [
      'raw/kalem/north/calls/2026-11-20/x-0001.pages.gz',
      'raw/solum/default/calls/2026-11-20/x-0001.pages.gz',
      'staging/kalem_calls/acct=north/day=2026-11-20/kalem-calls-x-0001.parquet',
    ];
    put(store, ...others);
    await sweep(store, 0);
    expect(await sweep(store, 24)).toBe(0);
  });
});
