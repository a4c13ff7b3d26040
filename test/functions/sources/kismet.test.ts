import { describe, expect, test } from 'vitest';
import { type SimulatorOptions, type Simulators, startSimulators } from '../../../local/simulators/start-simulators.ts';
import { commitsOf, foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { memoryStore } from '../../helpers/memory-store.ts';
import { makePorts } from '../../helpers/ports.ts';
import { type RunOptions, runSource, totalsOf } from '../../helpers/run-source.ts';
import { type ScriptedAnswer, type ScriptedRequest, scriptedServer } from '../../helpers/scripted-server.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const env = { KISMET_CLIENT_ID: 'id', KISMET_CLIENT_SECRET: 'secret' };
const AUDIT = { source: 'kismet', account: 'default', stream: 'call_audit_logs' };

async function simulated(options: SimulatorOptions = {}) {
  const sims = await startSimulators({ callsPerVendor: 40, users: 3, days: 6, ...options });
  const store = memoryStore();
  const run = async (more: Partial<RunOptions> = {}, extra: Readonly<Record<string, string>> = {}) => {
    const ports = makePorts({ store, env: { ...sims.env, ...extra } });
    sims.resetRequests();
    const result = await runSource('kismet', { at: sims.now(), url: sims.urls.kismet, ...more }, ports);
    return { ...result, ports, requests: [...sims.requests] };
  };
  const rows = async (table: string) => rowsOf(await foldSource(store, 'kismet'), table);
  return { sims, store, run, rows };
}

const listed = (sims: Simulators, stream: 'calls' | 'call_audit_logs') =>
  [...sims.ledger.entries('kismet', stream).values()].filter(({ removedAt }) => removedAt === null);

/** Kismet as a script has it: users, their calls, nothing else. */
async function scripted(
  users: number[],
  calls: Record<number, object[]>,
  odd?: (request: ScriptedRequest) => ScriptedAnswer | undefined,
) {
  const page = (name: string, list: readonly object[]): ScriptedAnswer => ({
    json: { [name]: list, pagination: { current_page: 1, per_page: 100, total_pages: 1, total_count: list.length } },
  });
  return scriptedServer((request) => {
    const answer = odd?.(request);
    if (answer) return answer;
    if (request.path.endsWith('/organization_users'))
      return page(
        'organization_users',
        users.map((id) => ({ id })),
      );
    if (request.path.endsWith('/call_metrics')) return { json: { total_calls: {} } };
    if (request.path.endsWith('/audit_logs')) return page('audit_logs', []);
    const id = Number(/users\/(\d+)\/calls$/.exec(request.path)?.[1]);
    const list = calls[id];
    return list ? page('calls', list) : { status: 404, body: '{ "error": "Not Found", }' };
  });
}

describe('Kismet', () => {
  test('is never asked for a call’s details, nor written to', async () => {
    const { sims, run } = await simulated();
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
    'whose calls are listed in order %s loses nothing',
    async (kismetOrder) => {
      const { sims, run, rows } = await simulated({ kismetOrder, kismetMaxPerPage: 5 });
      for (let n = 0; n < 4; n += 1) {
        expect((await run()).exitCode).toBe(0);
        const calls = await rows('kismet_calls');
        expect(listed(sims, 'calls').filter(({ id }) => !calls.has(id))).toEqual([]);
        sims.advance(3 * HOUR_MS);
      }
      await sims.close();
    },
  );

  test('gives a call that is listed under two users to the smaller id, and warns', async () => {
    const { sims, run, rows } = await simulated({ sharedCalls: 2 });
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

  test('keeps the calls, logs and figures of a user who is gone, and marks the user’s row alone', async () => {
    const { sims, run, rows } = await simulated();
    await run();
    const before = { calls: (await rows('kismet_calls')).size, logs: (await rows('kismet_call_audit_logs')).size };
    sims.advance(6 * DAY_MS + HOUR_MS);
    const gone = await run();
    expect(gone.exitCode).toBe(0);
    expect(gone.ports.lines.some(({ message }) => message.includes('a list is gone at the vendor (404)'))).toBe(true);
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

  test('reads the users it is told where the list of users is not available', async () => {
    const { sims, run, rows } = await simulated();
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

  test.each(['clinician', '101;102', '101,', '1e3', '-5'])(
    'refuses %j for a list of users, with exit 2',
    async (ids) => {
      const { sims, run } = await simulated();
      const { exitCode, streams } = await run({}, { KISMET_USER_IDS: ids });
      expect(exitCode).toBe(2);
      expect(streams[0]?.error).toContain('KISMET_USER_IDS is no list of ids');
      await sims.close();
    },
  );

  test('takes an empty list of users for none set', async () => {
    const { sims, run } = await simulated();
    expect((await run({}, { KISMET_USER_IDS: '' })).requests.some(({ kind }) => kind === 'users')).toBe(true);
    await sims.close();
  });

  test('marks a participant who left the call at once, and unmarks one who is back', async () => {
    const participant = (id: number, name = 'Dave') => ({ id, participant_type: 'Recipient', name });
    const call = (...participants: object[]) => ({ id: 7, created_at: '2026-11-01T08:00:00Z', participants });
    const calls: Record<number, object[]> = { 101: [call(participant(1), participant(2))] };
    const { url } = await scripted([101], calls);
    const store = memoryStore();
    const run = (hour: number) =>
      runSource(
        'kismet',
        { at: `2026-11-01T${hour}:00:00Z`, url, streams: ['organization_users', 'calls'] },
        makePorts({ store, env }),
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

  test('that refuses one list still has the others read, and fails in the end', async () => {
    const call = (id: number) => ({ id, created_at: '2026-11-01T08:00:00Z' });
    const { url } = await scripted([101, 102, 103], { 101: [call(1)], 102: [call(2)], 103: [call(3)] }, ({ path }) =>
      path.includes('/102/calls') ? { status: 400, body: '{ "error": "Bad Request", }' } : undefined,
    );
    const store = memoryStore();
    const result = await runSource('kismet', { at: '2026-11-01T09:00:00Z', url }, makePorts({ store, env }));
    expect(result.streams.map(({ stream, exitCode }) => [stream, exitCode])).toEqual([
      ['organization_users', 0],
      ['calls', 4],
      ['call_audit_logs', 0],
      ['daily_call_metrics', 0],
    ]);
    expect([...rowsOf(await foldSource(store, 'kismet'), 'kismet_calls').keys()]).toEqual(['1', '3']);
  });

  test('is asked for both days of the figures, always, and each user’s figures as well', async () => {
    const { sims, run, rows } = await simulated();
    const { requests } = await run();
    const metrics = requests.filter(({ kind }) => kind === 'metrics');
    expect(metrics.every(({ query }) => query['date_start'] && query['date_end'])).toBe(true);
    expect(metrics.map(({ query }) => query['user_id']).sort()).toEqual(['101', '102', '103', undefined]);
    expect(
      [...(await rows('kismet_daily_call_metrics')).keys()].some((key) => key.startsWith('organization|organization|')),
    ).toBe(true);
    expect((await run()).requests.filter(({ kind }) => kind === 'metrics')).toEqual([]);
    sims.advance(6 * HOUR_MS);
    expect((await run()).requests.filter(({ kind }) => kind === 'metrics')).toHaveLength(4);
    await sims.close();
  });

  test('gives a row for each day of any of its maps, and one for no other name', async () => {
    const maps = {
      total_calls: { '2026-10-30': 5, '2026-10-31': '8' },
      average_duration: { '2026-10-31': 300.000197, '2026-10-29': 1 },
      call_fail_rate: { __proto__x: 1 },
      average_wait_time: {},
      new_figure: { '2026-10-31': 7 },
    };
    const body = JSON.stringify(maps).replace('__proto__x', '__proto__');
    const { url } = await scripted([], {}, ({ path }) => (path.endsWith('/call_metrics') ? { body } : undefined));
    const store = memoryStore();
    const result = await runSource('kismet', { at: '2026-11-01T09:00:00Z', url }, makePorts({ store, env }));
    expect(result.exitCode).toBe(0);
    const rows = rowsOf(await foldSource(store, 'kismet'), 'kismet_daily_call_metrics');
    const figures = [...rows.values()].map((row) => [
      row['date'],
      row['total_calls'],
      row['average_duration_seconds'],
      row['_extra'],
    ]);
    const day = (text: string) => Date.parse(text) / DAY_MS;
    expect(figures.sort()).toEqual([
      [day('2026-10-29'), null, 1, null],
      [day('2026-10-30'), 5n, null, null],
      [day('2026-10-31'), 8n, 300.000197, '{"new_figure":7}'],
    ]);
    // The value, and the row for want of a key.
    expect(totalsOf(result).rejected).toBe(2);
  });

  test.each([{}, { error: 'x' }, [], { total_calls: [] }, null])(
    'that answers figures as %j has given no empty day',
    async (json) => {
      const { url } = await scripted([], {}, ({ path }) => (path.endsWith('/call_metrics') ? { json } : undefined));
      const result = await runSource('kismet', { at: '2026-11-01T09:00:00Z', url }, makePorts({ env }));
      expect(result.streams.at(-1)).toMatchObject({ exitCode: 4 });
    },
  );
});

describe('audit logs', () => {
  test('of calls of the last day are read at each run, of the others within seven days', async () => {
    const { sims, run } = await simulated({ days: 20 });
    await run();
    const times = new Map<string, number>();
    const calls = [...sims.ledger.entries('kismet', 'calls').keys()];
    for (const id of calls) times.set(id, 0);
    let longest = 0;
    for (let hours = 6; hours <= 15 * 24; hours += 6) {
      sims.advance(6 * HOUR_MS);
      const { requests } = await run({ streams: ['organization_users', 'calls', 'call_audit_logs'] });
      for (const { path } of requests.filter(({ kind }) => kind === 'audit'))
        times.set(path.split('/').at(-2) ?? '', hours);
      for (const { id } of listed(sims, 'calls')) longest = Math.max(longest, hours - (times.get(id) ?? hours));
    }
    expect(longest).toBeGreaterThan(48);
    expect(longest).toBeLessThanOrEqual(7 * 24);
    await sims.close();
  });

  test('that are all read in the end hold every entry', async () => {
    const { sims, run, rows } = await simulated({ kismetMaxPerPage: 3 });
    for (let day = 0; day < 9; day += 1) {
      expect((await run()).exitCode).toBe(0);
      sims.advance(DAY_MS);
    }
    const logs = await rows('kismet_call_audit_logs');
    const before = sims.now().getTime() - 8 * DAY_MS;
    const entries = [...sims.ledger.entries('kismet', 'call_audit_logs').values()];
    const old = entries.filter(({ versions, removedAt }) => removedAt === null && (versions[0]?.from ?? 0) < before);
    expect(old.length).toBeGreaterThan(50);
    expect(old.filter(({ id }) => !logs.has(id))).toEqual([]);
    await sims.close();
  });

  test('are read from the day before the last entry, and from its start again where they came up short', async () => {
    let short = false;
    const entry = (id: number) => ({ id, event: 'read', created_at: `2026-10-${10 + id}T08:00:00Z` });
    const call = { id: 7, created_at: '2026-10-10T08:00:00Z', updated_at: '' };
    const entries = [entry(3), entry(2), entry(1)];
    const calls: Record<number, object[]> = { 101: [call] };
    const server = await scripted([101], calls, ({ path, query }) => {
      if (!path.endsWith('/audit_logs')) return undefined;
      const from = query['from'] ?? '';
      const list = entries.filter((one) => one.created_at.slice(0, 10) >= from).slice(short ? 1 : 0);
      return {
        json: {
          audit_logs: list,
          pagination: { current_page: 1, total_pages: 1, total_count: list.length + (short ? 1 : 0) },
        },
      };
    });
    const store = memoryStore();
    const run = async (day: number) => {
      calls[101] = [{ ...call, updated_at: `2026-11-0${day}T08:00:00Z` }];
      const before = server.requests.length;
      const { exitCode } = await runSource(
        'kismet',
        { at: `2026-11-0${day}T09:00:00Z`, url: server.url },
        makePorts({ store, env }),
      );
      const audit = server.requests.slice(before).filter(({ path }) => path.endsWith('/audit_logs'));
      return { exitCode, from: audit.map(({ query }) => query['from']) };
    };
    expect(await run(1)).toEqual({ exitCode: 0, from: [undefined] });
    expect(await run(2)).toEqual({ exitCode: 0, from: ['2026-10-12'] });
    entries.unshift(entry(9), entry(8));
    short = true;
    expect(await run(3)).toEqual({ exitCode: 4, from: Array.from({ length: 4 }, () => '2026-10-12') });
    short = false;
    // The entry that was not shown lies before the last one that was.
    expect(await run(4)).toEqual({ exitCode: 0, from: ['2026-10-12'] });
    expect(rowsOf(await foldSource(store, 'kismet'), 'kismet_call_audit_logs').size).toBe(5);
    expect(await run(5)).toEqual({ exitCode: 0, from: ['2026-10-18'] });
    expect((await commitsOf(store, AUDIT)).map(({ status }) => status)).toEqual(['ok', 'ok', 'failed', 'ok', 'ok']);
  });
});
