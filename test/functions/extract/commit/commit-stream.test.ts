import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { AlreadyRunningError } from '../../../../functions/errors.ts';
import { commitIfDue, commitIfFull, commitStream } from '../../../../functions/extract/commit/commit-stream.ts';
import { commitSchema } from '../../../../functions/lake/commit.ts';
import { sealedJson } from '../../../../functions/lake/commit-log.ts';
import { commitKey, newLoadId, type StreamId } from '../../../../functions/lake/objects.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { commitsOf } from '../../../helpers/fold-staged.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { entry } from '../../../helpers/read-one.ts';
import { UNIT_AT, type UnitOptions, unitSession } from '../../../helpers/session.ts';

const ID: StreamId = { source: 'unit', account: 'default', stream: 'calls' };
const MINUTE_MS = 60_000;

async function place(options: UnitOptions = {}) {
  const store = memoryStore();
  const ports = makePorts({ store, clock: { ms: UNIT_AT } });
  const opened = await unitSession({ store, ports, ...options });
  return { ...opened, store, clock: ports.clock, commits: () => commitsOf(store, ID) };
}

describe('a commit between two pages', () => {
  test.each([
    { ms: MINUTE_MS - 1, commits: 0 },
    { ms: MINUTE_MS, commits: 1 },
    // A clock that was set back says nothing of the time that has passed.
    { ms: -1, commits: 1 },
  ])('is made $commits times, $ms ms after the last', async ({ ms, commits: expected }) => {
    const { session, clock, commits } = await place();
    clock.ms += ms;
    await commitIfDue(session);
    expect(await commits()).toHaveLength(expected);
    // The time counts from the commit on.
    clock.ms += MINUTE_MS - 1;
    await commitIfDue(session);
    expect(await commits()).toHaveLength(1);
  });

  test.each([
    { files: 15, commits: 0 },
    { files: 16, commits: 1 },
    { files: 17, commits: 1 },
  ])('is made $commits times with $files staged files', async ({ files, commits: expected }) => {
    const { session, commits } = await place();
    const stager = { ...session.stager, files: () => files };
    await commitIfDue({ ...session, stager });
    expect(await commits()).toHaveLength(expected);
    expect((await commits()).map(({ status }) => status)).toEqual(expected ? ['partial'] : []);
  });
});

describe('where three rows of the digest may be in memory', () => {
  const filled = async (rows: number) => {
    const opened = await place({ tuning: { recentRows: 3, mostRecentRows: 3 } });
    for (let n = 0; n < rows; n += 1) opened.session.digest.set(`k${n}`, entry());
    return opened;
  };

  test.each([
    { rows: 3, commits: 0 },
    { rows: 4, commits: 1 },
  ])('$rows of them make $commits commits', async ({ rows, commits: expected }) => {
    for (const commit of [commitIfDue, commitIfFull]) {
      const { session, commits } = await filled(rows);
      await commit(session);
      expect((await commits()).map(({ status }) => status)).toEqual(expected ? ['partial'] : []);
    }
  });

  test.each([
    { rows: 3, isSettled: false },
    { rows: 4, isSettled: true },
  ])('a commit of $rows settles them: $isSettled', async ({ rows, isSettled }) => {
    const { session } = await filled(rows);
    await commitStream(session, 'ok');
    expect(session.digest.isSettled()).toBe(isSettled);
  });
});

test('of many small commits the digest is written together again, and what that replaces is deleted', async () => {
  const { session, store, commits } = await place({ tuning: { mostDigests: 2 } });
  const digests = () => [...store.objects.keys()].filter((key) => key.startsWith('digests/'));
  for (const name of ['a', 'b', 'c']) {
    session.digest.set(name, entry());
    await commitStream(session, 'partial');
  }
  expect(digests()).toHaveLength(1);
  expect((await commits()).map((commit) => commit.digests.length)).toEqual([1, 2, 1]);
  expect((await commits()).at(-1)?.digests).toEqual(digests());
});

describe('a commit', () => {
  test('holds what was read since the last one', async () => {
    const { session, clock, commits } = await place();
    const { progress, rejects, digest } = session;
    progress.setWindow({ from: UNIT_AT - 1, to: null });
    progress.setVendorTotal(9);
    progress.addRecords(4);
    progress.updateState({ order: 'at' });
    rejects.add('unit_calls', 'at', 'other text');
    rejects.add('unit_calls', 'at', 'no time zone', false);
    digest.set('a', entry());
    clock.ms += 5000;
    const { loadId } = progress.next();
    await commitStream(session, 'ok');
    const [commit] = await commits();
    expect(commit).toEqual({
      version: 1,
      n: 1,
      loadId,
      runId: 'run-1',
      ...ID,
      at: '2026-11-01T09:00:00.000Z',
      startedAt: '2026-11-01T09:00:00.000Z',
      endedAt: '2026-11-01T09:00:05.000Z',
      status: 'ok',
      windowFrom: '2026-11-01T08:59:59.999Z',
      windowTo: null,
      raw: [],
      staged: [],
      digests: [`digests/unit/default/calls/000000000001-${loadId}.jsonl.gz`],
      scans: [],
      rejects: [
        { table: 'unit_calls', column: 'at', reason: 'other text', count: 1 },
        { table: 'unit_calls', column: 'at', reason: 'no time zone', count: 1 },
      ],
      counts: { requests: 0, records: 4, vendorTotal: 9, changed: 0, unchanged: 0, deleted: 0, rejected: 1 },
      state: { began: 1, tiers: {}, redact: [], order: 'at', named: expect.stringMatching(/^[\w-]{16}$/) },
    });
  });

  test('is followed by one with a new number and load id', async () => {
    const { session, commits } = await place();
    session.digest.set('a', entry());
    session.progress.addRecords(4);
    const first = session.progress.next();
    await commitStream(session, 'partial');
    expect(session.digest.changed()).toBe(0);
    expect(session.progress.next().n).toBe(2);
    expect(session.progress.next().loadId).not.toBe(first.loadId);
    await commitStream(session, 'ok');
    const [one, two] = await commits();
    // Nothing changed in the digest, so the same objects hold it.
    expect(two?.digests).toEqual(one?.digests);
    expect(two).toMatchObject({ n: 2, counts: { records: 0 } });
  });

  test('of a backfill is marked as one', async () => {
    const window = { from: new Date(0), to: new Date(1) };
    const { session, commits } = await place({ window });
    await commitStream(session, 'ok');
    expect((await commits())[0]).toMatchObject({ backfill: true });
  });

  test('of another run with the same number stops this run before it saves its digest', async () => {
    const { session, store } = await place();
    const other = await unitSession({ store });
    await commitStream(other.session, 'ok');
    session.digest.set('a', entry());
    await expect(commitStream(session, 'ok')).rejects.toThrow(AlreadyRunningError);
    expect(session.digest.changed()).toBe(1);
  });
});

describe('digest objects', () => {
  /** A stream whose last commit names so many digest objects. */
  async function withDigests(count: number) {
    const { store, session } = await place();
    for (let n = 1; n <= count; n += 1) {
      session.digest.set(`k${n}`, entry());
      await commitStream(session, 'ok');
    }
    session.digest.set('last', entry());
    await commitStream(session, 'ok');
    const last = (await commitsOf(store, ID)).at(-1);
    return { last, kept: [...store.objects.keys()].filter((key) => key.startsWith('digests/')), store };
  }

  test('are kept side by side up to 24', async () => {
    const { last, kept } = await withDigests(23);
    expect(last?.digests).toHaveLength(24);
    expect(kept).toEqual(last?.digests);
  });

  test('beyond 24 are merged into one, and the old ones are deleted', async () => {
    const { last, kept, store } = await withDigests(24);
    expect(last?.digests).toHaveLength(1);
    expect(kept).toEqual(last?.digests);
    const lines = gunzipSync(store.objects.get(kept[0] ?? '') ?? new Uint8Array())
      .toString()
      .split('\n');
    expect(lines).toHaveLength(25);
  });

  test('are joined by shards once enough rows are recent, and parts that killed runs left behind are deleted', async () => {
    const { store, session } = await place({ tuning: { recentRows: 2, shardRows: 2, mostDigests: 3 } });
    const part = (n: number, name: string) => `digests/unit/default/calls/${String(n).padStart(12, '0')}-${name}`;
    const ofKilled = [part(1, 'killed.jsonl.gz'), part(2, 'killed-0001.rows')];
    for (const key of [...ofKilled, part(3, 'other-0001.rows')]) store.objects.set(key, Buffer.from('x'));
    for (const n of [1, 2]) {
      for (const name of ['a', 'b', 'c', 'd', 'e']) {
        await session.digest.entries.load([name]);
        session.digest.set(name, entry({ contentHash: `${n}` }));
      }
      await commitStream(session, 'ok');
    }
    const last = (await commitsOf(store, ID)).at(-1);
    expect([last?.version, last?.digests.length]).toEqual([2, 1]);
    const parts = [...store.objects.keys()].filter((key) => key.startsWith('digests/'));
    expect(parts.filter((key) => key.endsWith('.rows')).length).toBeGreaterThan(2);
    // A run that is at work may have written for the next commit.
    expect(parts).toContain(part(3, 'other-0001.rows'));
    for (const key of ofKilled) expect(parts).not.toContain(key);
    const { session: next } = await unitSession({ store });
    await next.digest.entries.load(['a', 'e']);
    expect(next.digest.entries.get('e')?.contentHash).toBe('2');
    expect(next.digest.counts()).toEqual({ live: new Map([[undefined, 5]]), earliestDay: 1 });
  });
});

describe('a load id', () => {
  test('contains the source, the stream and the scheduled time, and ends in twelve random digits', () => {
    const id = newLoadId(
      { source: 'solum', account: 'north', stream: 'calls' },
      Date.UTC(2026, 10, 1, 9, 5, 7, 250),
      () => 0.5,
    );
    expect(id).toBe('solum-calls-20261101T090507Z-888888888888');
  });
});

test('a commit is read back as it was written', async () => {
  const { session, store } = await place();
  await commitStream(session, 'ok');
  const [commit] = await commitsOf(store, ID);
  expect(Buffer.from(store.objects.get(commitKey(ID, 1)) ?? [])).toEqual(
    Buffer.from(sealedJson(commitSchema.parse(commit))),
  );
});
