import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Simulators, startSimulators } from '../../../local/simulators/start-simulators.ts';
import { ask, askJson } from './ask.ts';

interface Pagination {
  readonly current_page: number;
  readonly per_page: number;
  readonly total_pages: number;
  readonly total_count: number;
}
interface Calls {
  readonly calls: readonly { readonly id: number; readonly created_at: string }[];
  readonly pagination: Pagination;
}
interface AuditLogs {
  readonly audit_logs: readonly { readonly id: number; readonly event: string; readonly created_at: string }[];
  readonly pagination: Pagination;
}
type Metrics = Readonly<Record<string, Readonly<Record<string, number>>>>;

const USERS = '/api/external/organization_users';
const METRICS = '/api/external/call_metrics';

describe('kismet simulator', () => {
  let sims: Simulators;
  beforeAll(async () => {
    sims = await startSimulators({ kismetMaxPerPage: 30, sharedCalls: 2 });
  });
  afterAll(() => sims.close());

  test('lists users with the four numbers of the pagination', async () => {
    const page = await askJson<{ organization_users: unknown[]; pagination: Pagination }>(
      sims,
      'kismet',
      `${USERS}?page=2&per_page=2`,
    );
    expect(page.organization_users).toHaveLength(2);
    expect(page.pagination).toEqual({ current_page: 2, per_page: 2, total_pages: 3, total_count: 5 });
  });

  test('pages calls by 25, newest first, and shows each once', async () => {
    const seen: { id: number; created_at: string }[] = [];
    let pages = 1;
    for (let page = 1; page <= pages; page += 1) {
      const { calls, pagination } = await askJson<Calls>(sims, 'kismet', `${USERS}/101/calls?page=${page}`);
      expect(pagination).toMatchObject({ current_page: page, per_page: 25 });
      pages = pagination.total_pages;
      seen.push(...calls);
    }
    expect(pages).toBeGreaterThan(1);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    const times = seen.map((call) => Date.parse(call.created_at));
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(seen.map(({ id }) => id)).not.toEqual(seen.map(({ id }) => id).toSorted((a, b) => b - a));
  });

  test('lowers a large per_page silently', async () => {
    const { calls, pagination } = await askJson<Calls>(sims, 'kismet', `${USERS}/101/calls?per_page=500`);
    expect([calls.length, pagination.per_page]).toEqual([30, 30]);
  });

  test('gives an empty page beyond the last', async () => {
    const { calls, pagination } = await askJson<Calls>(sims, 'kismet', `${USERS}/101/calls?page=99`);
    expect(calls).toEqual([]);
    expect(pagination.current_page).toBe(99);
  });

  test('lists shared calls under two users', async () => {
    const shared = [...sims.ledger.entries('kismet', 'calls').values()].filter((entry) => entry.parents.length > 1);
    expect(shared.map((entry) => entry.parents)).toEqual([
      ['101', '102'],
      ['101', '102'],
    ]);
  });

  test('filters audit logs by full days and by event, newest first', async () => {
    const [entry] = [...sims.ledger.entries('kismet', 'call_audit_logs').values()].slice(40);
    const call = sims.ledger.entries('kismet', 'calls').get(entry?.parents[0] ?? '');
    const path = `${USERS}/${call?.parents[0]}/calls/${call?.id}/audit_logs`;
    const all = await askJson<AuditLogs>(sims, 'kismet', path);
    const first = all.audit_logs.at(-1);
    expect(first?.event).toBe('create');
    const day = first?.created_at.slice(0, 10);
    const ofDay = await askJson<AuditLogs>(sims, 'kismet', `${path}?from=${day}&to=${day}&event=create`);
    expect(ofDay.audit_logs.map(({ id }) => id)).toEqual([first?.id]);
    const times = all.audit_logs.map((log) => Date.parse(log.created_at));
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  test('writes a read entry when details are asked for, and none for lists', async () => {
    const { calls } = await askJson<Calls>(sims, 'kismet', `${USERS}/101/calls`);
    const path = `${USERS}/101/calls/${calls[0]?.id}`;
    const before = await askJson<AuditLogs>(sims, 'kismet', `${path}/audit_logs`);
    await ask(sims, 'kismet', path);
    const after = await askJson<AuditLogs>(sims, 'kismet', `${path}/audit_logs`);
    expect(after.pagination.total_count).toBe(before.pagination.total_count + 1);
    expect(after.audit_logs[0]).toMatchObject({ event: 'read', object_changes: null });
    expect(sims.requests.at(-2)).toMatchObject({ kind: 'details', status: 200 });
  });

  test('gives sparse daily figures of the organization that add up to those of the users', async () => {
    const range = 'date_start=2026-10-05&date_end=2026-10-20';
    const whole = await askJson<Metrics>(sims, 'kismet', `${METRICS}?${range}`);
    expect(Object.keys(whole)).toEqual(['total_calls', 'average_duration', 'call_fail_rate', 'average_wait_time']);
    const days = new Set(Object.values(whole).flatMap((map) => Object.keys(map)));
    expect(days.size).toBeLessThan(16);
    expect([...days].every((day) => day >= '2026-10-05' && day <= '2026-10-20')).toBe(true);
    const users = await Promise.all(
      [101, 102, 103, 104, 105].map((id) => askJson<Metrics>(sims, 'kismet', `${METRICS}?${range}&user_id=${id}`)),
    );
    const [day, total] = Object.entries(whole['total_calls'] ?? {})[0] ?? [];
    const sum = users.reduce((count, user) => count + (user['total_calls']?.[day ?? ''] ?? 0), 0);
    expect(sum).toBeLessThanOrEqual(total ?? 0);
    expect(sum).toBeGreaterThan(0);
  });

  test.each([
    {
      says: 'a bad date',
      path: `${METRICS}?date_start=2026-13-01&date_end=2026-10-02`,
      status: 400,
      error: 'Bad Request',
    },
    { says: 'an unknown user', path: `${METRICS}?user_id=7`, status: 404, error: 'Not Found' },
    { says: 'calls of an unknown user', path: `${USERS}/7/calls`, status: 404, error: 'Not Found' },
    { says: 'an unknown path', path: '/api/external/elsewhere', status: 404, error: 'Not Found' },
  ])('answers $status to $says', async ({ path, status, error }) => {
    const answer = await ask(sims, 'kismet', path);
    expect([answer.status, answer.text]).toEqual([status, `{ "error": "${error}", }`]);
  });

  test('answers 401 with the body of the document to a wrong secret', async () => {
    const answer = await ask(sims, 'kismet', USERS, { headers: { 'X-Client-Secret': 'wrong' } });
    expect([answer.status, answer.text]).toEqual([401, '{ "error": "Unauthorized", }']);
  });

  test('forgets a removed user, whose calls and figures answer 404', async () => {
    sims.advance(7 * 86_400_000);
    const page = await askJson<{ organization_users: { id: number }[] }>(sims, 'kismet', USERS);
    expect(page.organization_users.map(({ id }) => id)).toEqual([101, 102, 103, 104]);
    expect((await ask(sims, 'kismet', `${USERS}/105/calls`)).status).toBe(404);
    expect((await ask(sims, 'kismet', `${METRICS}?user_id=105`)).status).toBe(404);
  });

  test.each(['oldest', 'id'] as const)('lists calls in the order %s if requested', async (kismetOrder) => {
    const other = await startSimulators({ kismetOrder, callsPerVendor: 60, users: 1 });
    const { calls } = await askJson<Calls>(other, 'kismet', `${USERS}/101/calls?per_page=100`);
    const ids = calls.map(({ id }) => id);
    const times = calls.map((call) => Date.parse(call.created_at));
    if (kismetOrder === 'id') expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    else expect(times).toEqual(times.toSorted((a, b) => a - b));
    await other.close();
  });
});
