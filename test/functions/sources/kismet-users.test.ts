import { describe, expect, test } from 'vitest';
import { StorageError } from '../../../functions/errors.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { KISMET_ENV, scriptedKismet } from '../../helpers/kismet.ts';
import { makePorts } from '../../helpers/ports.ts';
import { type RunOptions, runSource } from '../../helpers/run-source.ts';
import type { ScriptedAnswer } from '../../helpers/scripted-server.ts';

const CALLS = { 101: [{ id: 7, created_at: '2026-10-31T08:00:00Z' }] };
const FIGURES = { json: { total_calls: { '2026-10-31': 3 } } };
const WAY_OUT = 'set KISMET_USER_IDS to its ids';

const pageOf = (organization_users: unknown): ScriptedAnswer => ({
  json: { organization_users, pagination: { current_page: 1, total_pages: 1 } },
});

/** A clinic of one user whose list of users answers as the test says. */
async function clinicOf(answers: {
  users?: ScriptedAnswer | undefined;
  calls?: ScriptedAnswer | undefined;
  /** Keys with this text cannot be stored. */
  readonly fullFor?: string;
}) {
  const server = await scriptedKismet([101], CALLS, ({ path }) => {
    if (path.endsWith('/organization_users')) return answers.users;
    if (path.endsWith('/calls')) return answers.calls;
    return path.endsWith('/call_metrics') ? FIGURES : undefined;
  });
  const store = memoryStore();
  const { put } = store;
  store.put = async (key, ...given) => {
    if (answers.fullFor && key.includes(answers.fullFor)) throw new StorageError('no space left');
    return put(key, ...given);
  };
  const run = async (hour: number, more: Partial<RunOptions> = {}, env: Readonly<Record<string, string>> = {}) => {
    const at = new Date(Date.parse('2026-11-01T09:00:00Z') + hour * 3_600_000);
    const ports = makePorts({ store, env: { ...KISMET_ENV, ...env } });
    const { exitCode, streams } = await runSource('kismet', { at, url: server.url, ...more }, ports);
    return { exitCode, streams };
  };
  const rows = async (table: string) => [...rowsOf(await foldSource(store, 'kismet'), table).values()];
  return { run, rows, server };
}

describe('a list of users that cannot be had', () => {
  test.each([
    { says: '403', users: { status: 403, body: '{"error":"Forbidden"}' }, exit: 2 },
    { says: '404', users: { status: 404, body: '{"error":"Not Found"}' }, exit: 4 },
    { says: '500', users: { status: 500, body: '{}' }, exit: 3 },
    { says: 'no users', users: pageOf([]), exit: 4 },
    { says: 'null', users: pageOf(null), exit: 4 },
    { says: 'users without ids', users: pageOf([{ display_name: 'Dr A' }, { id: '' }]), exit: 4 },
    { says: 'another answer', users: { json: { message: 'none' } }, exit: 4 },
  ])('names the setting, and no stream after it is ok without a record: $says', async ({ users, exit }) => {
    const { run } = await clinicOf({ users });
    const { exitCode, streams } = await run(0);
    expect(exitCode).toBe(exit);
    expect(streams[0]).toMatchObject({ stream: 'organization_users', status: 'failed', exitCode: exit });
    expect(streams[0]?.error).toContain(WAY_OUT);
    for (const { status, records, stream } of streams)
      expect({ stream, status, records }).not.toMatchObject({ status: 'ok', records: 0 });
    for (const { error, exitCode: code } of streams.slice(1)) {
      expect(code).toBe(exit);
      expect(error).toContain(WAY_OUT);
    }
  });

  test('does not keep the figures of the organization from being read', async () => {
    const { run, rows } = await clinicOf({ users: pageOf([]) });
    const { streams } = await run(0);
    expect(streams.at(-1)).toMatchObject({ stream: 'daily_call_metrics', status: 'failed', records: 1 });
    expect(await rows('kismet_daily_call_metrics')).toMatchObject([{ scope: 'organization', total_calls: 3n }]);
  });

  test('is made good by the next run that has it', async () => {
    const answers: { users?: ScriptedAnswer | undefined } = { users: { status: 500, body: '{}' } };
    const { run, rows } = await clinicOf(answers);
    expect((await run(0)).exitCode).toBe(3);
    answers.users = undefined;
    expect(await run(0.25)).toMatchObject({ exitCode: 0 });
    expect((await rows('kismet_calls')).map(({ id }) => id)).toEqual([7n]);
  });

  test('and is empty removes no user, and the lists of known users are read', async () => {
    const answers: { users?: ScriptedAnswer | undefined } = {};
    const { run, rows } = await clinicOf(answers);
    expect((await run(0)).exitCode).toBe(0);
    answers.users = pageOf([]);
    for (const hour of [72, 78]) {
      const { exitCode, streams } = await run(hour);
      expect(exitCode).toBe(4);
      expect(streams.map(({ status, records }) => [status, records > 0])).toEqual([
        ['failed', false],
        ['ok', true],
        ['ok', false],
        ['ok', true],
      ]);
    }
    expect((await rows('kismet_organization_users')).map((row) => row['_deleted_at'])).toEqual([null]);
    expect((await rows('kismet_calls')).map((row) => row['_deleted_at'])).toEqual([null]);
  });

  test('because it was never read, is told by a run of the other streams', async () => {
    const { run } = await clinicOf({});
    const { exitCode, streams } = await run(0, { streams: ['calls'] });
    expect(exitCode).toBe(2);
    expect(streams[0]?.error).toContain(
      'kismet.calls: no record of stream organization_users is known, because it was never read',
    );
    expect(streams[0]?.error).toContain(WAY_OUT);
  });

  test('because it could not be stored, says so and names no setting', async () => {
    const { run } = await clinicOf({ fullFor: 'organization_users' });
    const { exitCode, streams } = await run(0);
    expect(exitCode).toBe(5);
    expect(streams.length).toBeGreaterThan(1);
    for (const { error } of streams) {
      expect(error).toContain('no space left');
      expect(error).not.toContain(WAY_OUT);
    }
  });

  test('is not needed where the setting names the users, and one that is wrong is told', async () => {
    const { run } = await clinicOf({ users: pageOf([]) });
    expect(await run(0, {}, { KISMET_USER_IDS: '101' })).toMatchObject({ exitCode: 0 });
    const { exitCode, streams } = await run(1, { streams: ['calls'] }, { KISMET_USER_IDS: '998,999' });
    expect(exitCode).toBe(4);
    expect(streams[0]?.error).toMatch(/each of its 2 partitions .*; check the ids in KISMET_USER_IDS$/);
    expect((await run(2, { streams: ['calls'] }, { KISMET_USER_IDS: '101,999' })).exitCode).toBe(0);
  });
});

test('a list of calls that cannot be had is no list of audit logs without a record', async () => {
  const answers: { calls?: ScriptedAnswer | undefined } = { calls: { status: 500, body: '{}' } };
  const { run } = await clinicOf(answers);
  const { exitCode, streams } = await run(0);
  expect(exitCode).toBe(3);
  const logs = streams.find(({ stream }) => stream === 'call_audit_logs');
  expect(logs).toMatchObject({ status: 'failed', exitCode: 3 });
  expect(logs?.error).toContain('no record of stream calls is known, because it could not be read');
  answers.calls = pageOf([]);
  const { streams: next } = await run(1);
  expect(next.find(({ stream }) => stream === 'call_audit_logs')?.status).toBe('failed');
});
