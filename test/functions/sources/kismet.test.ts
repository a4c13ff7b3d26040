import { describe, expect, test } from 'vitest';
import { findSource } from '../../../functions/source/registry.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { KISMET_ENV, listed, scriptedKismet, simulatedKismet } from '../../helpers/kismet.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource, totalsOf } from '../../helpers/run-source.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('Kismet', () => {
  test('is never asked for the details of a call, and never written to', async () => {
    const { sims, run } = await simulatedKismet();
    for (let n = 0; n < 3; n += 1) {
      const { requests, exitCode } = await run();
      expect(exitCode).toBe(0);
      expect(new Set(requests.map(({ kind }) => kind))).toEqual(
        new Set(['users', 'list', 'audit', 'metrics'].slice(0, n ? 3 : 4)),
      );
      expect(requests.every(({ method }) => method === 'GET')).toBe(true);
      sims.advance(HOUR_MS);
    }
    await sims.close();
  });

  test.each(['newest', 'oldest', 'id'] as const)(
    'loses no call if calls are listed in order %s',
    async (kismetOrder) => {
      const { sims, run, rows } = await simulatedKismet({ kismetOrder, kismetMaxPerPage: 5 });
      for (let n = 0; n < 4; n += 1) {
        expect((await run()).exitCode).toBe(0);
        const calls = await rows('kismet_calls');
        expect(listed(sims, 'calls').filter(({ id }) => !calls.has(id))).toEqual([]);
        sims.advance(3 * HOUR_MS);
      }
      await sims.close();
    },
  );

  test('assigns a call that two users list to the smaller id, and warns', async () => {
    const { sims, run, rows } = await simulatedKismet({ sharedCalls: 2 });
    const { ports } = await run();
    const shared = [...sims.ledger.entries('kismet', 'calls').values()].filter(({ parents }) => parents.length === 2);
    expect(shared).toHaveLength(2);
    for (const { id, parents } of shared) {
      expect(String((await rows('kismet_calls')).get(id)?.['organization_user_id'])).toBe(parents.toSorted()[0]);
    }
    expect(ports.lines.filter(({ message }) => message.includes('two clinicians'))).toHaveLength(1);
    sims.advance(HOUR_MS);
    const { requests } = await run({ streams: ['organization_users', 'calls'] });
    for (const { path } of requests.filter(({ kind }) => kind === 'audit')) expect(path).not.toContain('/102/calls/');
    for (const { id } of shared)
      expect(String((await rows('kismet_calls')).get(id)?.['organization_user_id'])).toBe('101');
    await sims.close();
  });

  test.each([
    ['first under the greater id alone', [{ 102: [7] }, { 101: [7], 102: [7] }], ['102', '101']],
    ['first under both', [{ 101: [7], 102: [7] }, { 101: [7], 102: [7] }, { 102: [7] }], ['101', '101', '102']],
    [
      'no longer under the smaller id',
      [
        { 101: [7], 102: [] },
        { 101: [], 102: [7] },
      ],
      ['101', '102'],
    ],
  ])('assigns a call that is listed %s', async (_how, steps, owners) => {
    const calls: Record<number, object[]> = {};
    const { url } = await scriptedKismet([101, 102], calls);
    const store = memoryStore();
    const seen: string[] = [];
    for (const [n, step] of (steps as Record<number, number[]>[]).entries()) {
      for (const id of [101, 102])
        calls[id] = (step[id] ?? []).map((call) => ({ id: call, created_at: '2026-11-01T08:00:00Z' }));
      const at = `2026-11-0${1 + 4 * n}T09:00:00Z`;
      const options = { at, url, streams: ['organization_users', 'calls'] };
      expect((await runSource('kismet', options, makePorts({ store, env: KISMET_ENV }))).exitCode).toBe(0);
      seen.push(String(rowsOf(await foldSource(store, 'kismet'), 'kismet_calls').get('7')?.['organization_user_id']));
    }
    expect(seen).toEqual(owners);
  });

  test.each([
    { partition: '101', earlier: [], known: '102', sweep: false, group: '101' },
    { partition: '102', earlier: [], known: '101', sweep: false, group: '101' },
    { partition: '102', earlier: [], known: '101', sweep: true, group: '102' },
    { partition: '102', earlier: ['101'], known: '102', sweep: true, group: '101' },
    { partition: '9', earlier: ['10', '8'], known: undefined, sweep: false, group: '8' },
    {
      partition: '9007199254740993',
      earlier: ['9007199254740992'],
      known: undefined,
      sweep: true,
      group: '9007199254740992',
    },
  ])(
    'assigns a call that $partition lists, after $earlier, and that was known of $known, to $group',
    async ({ group, ...claim }) => {
      const { calls } = (await findSource('kismet')).streams;
      const settled = calls?.kind === 'collection' ? calls.assignOwner?.(claim) : undefined;
      expect(settled).toMatchObject({ group, context: { organization_user_id: group } });
      expect(settled?.warning !== undefined).toBe(claim.earlier.length > 0);
    },
  );

  test('keeps the calls, logs and metrics of a removed user, and marks only the user’s row as deleted', async () => {
    const { sims, run, rows } = await simulatedKismet();
    await run();
    const before = { calls: (await rows('kismet_calls')).size, logs: (await rows('kismet_call_audit_logs')).size };
    sims.advance(6 * DAY_MS + HOUR_MS);
    const gone = await run();
    expect(gone.exitCode).toBe(0);
    expect(gone.ports.lines.some(({ message }) => message.includes('a partition does not exist (404)'))).toBe(true);
    for (let n = 0; n < 3; n += 1) {
      sims.advance(2 * HOUR_MS);
      expect((await run()).exitCode).toBe(0);
    }
    const users = [...(await rows('kismet_organization_users')).values()];
    expect(users.filter((row) => row['_deleted_at'] !== null).map(({ id }) => id)).toEqual([103n]);
    const calls = [...(await rows('kismet_calls')).values()];
    expect(calls.some((row) => row['organization_user_id'] === 103n)).toBe(true);
    expect(calls.length).toBeGreaterThanOrEqual(before.calls);
    expect(calls.filter((row) => row['_deleted_at'] !== null)).toEqual([]);
    // Once the user's row is marked, nobody asks for the user's lists any more.
    expect(
      (await run()).requests.filter(({ path, query }) => path.includes('/103/') || query['user_id'] === '103'),
    ).toEqual([]);
    await sims.close();
  });

  test('reads the users in KISMET_USER_IDS if the list of users is not available', async () => {
    const { sims, run, rows } = await simulatedKismet();
    const { requests, exitCode } = await run({}, { KISMET_USER_IDS: ' 103, 101,103 ' });
    expect(exitCode).toBe(0);
    expect(requests.some(({ path }) => path.endsWith('/organization_users'))).toBe(false);
    const asked = requests.filter(({ kind }) => kind === 'list').map(({ path }) => /users\/(\d+)/.exec(path)?.[1]);
    expect(asked).toEqual(['101', '103']);
    expect(new Set([...(await rows('kismet_calls')).values()].map((row) => row['organization_user_id']))).toEqual(
      new Set([101n, 103n]),
    );
    await sims.close();
  });

  test.each(['clinician', '101;102', '101,', '1e3', '-5'])('rejects the list of users %j with exit 2', async (ids) => {
    const { sims, run } = await simulatedKismet();
    const { exitCode, streams } = await run({}, { KISMET_USER_IDS: ids });
    expect(exitCode).toBe(2);
    expect(streams[0]?.error).toContain('KISMET_USER_IDS is not a list of ids');
    await sims.close();
  });

  test('treats an empty list of users as not set', async () => {
    const { sims, run } = await simulatedKismet();
    expect((await run({}, { KISMET_USER_IDS: '' })).requests.some(({ kind }) => kind === 'users')).toBe(true);
    await sims.close();
  });

  test('marks a participant who left the call, and clears the mark when the participant returns', async () => {
    const participant = (id: number, name = 'Dave') => ({ id, participant_type: 'Recipient', name });
    const call = (...participants: object[]) => ({ id: 7, created_at: '2026-11-01T08:00:00Z', participants });
    const calls: Record<number, object[]> = { 101: [call(participant(1), participant(2))] };
    const { url } = await scriptedKismet([101], calls);
    const store = memoryStore();
    const run = (hour: number) =>
      runSource(
        'kismet',
        { at: `2026-11-01T${hour}:00:00Z`, url, streams: ['organization_users', 'calls'] },
        makePorts({ store, env: KISMET_ENV }),
      );
    const marks = async () =>
      Object.fromEntries(
        [...rowsOf(await foldSource(store, 'kismet'), 'kismet_call_participants')].map(([key, row]) => [
          key,
          row['_deleted_at'] !== null,
        ]),
      );
    await run(10);
    expect(await marks()).toEqual({ '7|Recipient|1': false, '7|Recipient|2': false });
    calls[101] = [call(participant(2))];
    expect(totalsOf(await run(11))).toMatchObject({ deleted: 1 });
    expect(await marks()).toEqual({ '7|Recipient|1': true, '7|Recipient|2': false });
    // Marked once.
    expect(totalsOf(await run(12))).toMatchObject({ changed: 0, deleted: 0 });
    // A record that says nothing of participants takes none away.
    calls[101] = [{ id: 7, created_at: '2026-11-01T08:00:00Z' }];
    expect(totalsOf(await run(13))).toMatchObject({ deleted: 0 });
    calls[101] = [call(participant(1, 'David'), participant(2))];
    await run(14);
    expect(await marks()).toEqual({ '7|Recipient|1': false, '7|Recipient|2': false });
  });

  test('is read further if it rejects one partition, and the run fails at its end', async () => {
    const call = (id: number) => ({ id, created_at: '2026-11-01T08:00:00Z' });
    const { url } = await scriptedKismet(
      [101, 102, 103],
      { 101: [call(1)], 102: [call(2)], 103: [call(3)] },
      ({ path }) => (path.includes('/102/calls') ? { status: 400, body: '{ "error": "Bad Request", }' } : undefined),
    );
    const store = memoryStore();
    const result = await runSource(
      'kismet',
      { at: '2026-11-01T09:00:00Z', url },
      makePorts({ store, env: KISMET_ENV }),
    );
    expect(result.streams.map(({ stream, exitCode }) => [stream, exitCode])).toEqual([
      ['organization_users', 0],
      ['calls', 4],
      ['call_audit_logs', 0],
      ['daily_call_metrics', 0],
    ]);
    expect([...rowsOf(await foldSource(store, 'kismet'), 'kismet_calls').keys()]).toEqual(['1', '3']);
  });
});
