import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { commitsOf, foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { KISMET_ENV, listed, scriptedKismet, simulatedKismet } from '../../helpers/kismet.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const AUDIT = { source: 'kismet', account: 'default', stream: 'call_audit_logs' };

describe('audit logs', () => {
  test('are read at each run while calls are hours old, and within seven days while they are younger than 14', async () => {
    const { sims, run } = await simulatedKismet({ days: 20 });
    await run();
    const times = new Map<string, number>();
    const calls = [...sims.ledger.entries('kismet', 'calls').keys()];
    for (const id of calls) times.set(id, 0);
    let [young, old] = [0, 0];
    for (let hours = 6; hours <= 15 * 24; hours += 6) {
      sims.advance(6 * HOUR_MS);
      const { requests } = await run({ streams: ['organization_users', 'calls', 'call_audit_logs'] });
      for (const { path } of requests.filter(({ kind }) => kind === 'audit'))
        times.set(path.split('/').at(-2) ?? '', hours);
      for (const { id, versions } of listed(sims, 'calls')) {
        const waited = hours - (times.get(id) ?? hours);
        const isYoung = sims.now().getTime() - (versions[0]?.from ?? 0) < 14 * DAY_MS;
        if (isYoung) young = Math.max(young, waited);
        else old = Math.max(old, waited);
      }
    }
    expect(young).toBeGreaterThan(48);
    expect(young).toBeLessThanOrEqual(7 * 24);
    expect(old).toBeGreaterThan(7 * 24);
    await sims.close();
  });

  test('contain every entry once all calls are read', async () => {
    const { sims, run, rows } = await simulatedKismet({ kismetMaxPerPage: 3 });
    const begin = sims.now().getTime();
    for (let times = 0; times < 5; times += 1) {
      expect((await run()).exitCode).toBe(0);
      sims.advance(8 * DAY_MS);
    }
    const logs = await rows('kismet_call_audit_logs');
    const entries = [...sims.ledger.entries('kismet', 'call_audit_logs').values()];
    // The last run was 32 days after the first.
    const old = entries.filter(
      ({ versions: [first], removedAt }) => removedAt === null && (first?.from ?? 0) < begin + DAY_MS,
    );
    expect(old.filter(({ versions: [first] }) => (first?.from ?? 0) >= begin)).not.toEqual([]);
    expect(old.filter(({ id }) => !logs.has(id))).toEqual([]);
    await sims.close();
  });

  test('are read from the day before the last entry, and from the start if entries are missing', async () => {
    let short = false;
    const entry = (id: number) => ({ id, event: 'read', created_at: `2026-10-${10 + id}T08:00:00Z` });
    const call = { id: 7, created_at: '2026-10-10T08:00:00Z', updated_at: '' };
    const entries = [entry(3), entry(2), entry(1)];
    const calls: Record<number, object[]> = { 101: [call] };
    const server = await scriptedKismet([101], calls, ({ path, query }) => {
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
        makePorts({ store, env: KISMET_ENV }),
      );
      const audit = server.requests.slice(before).filter(({ path }) => path.endsWith('/audit_logs'));
      return { exitCode, from: audit.map(({ query }) => query['from']) };
    };
    expect(await run(1)).toEqual({ exitCode: 0, from: [undefined] });
    expect(await run(2)).toEqual({ exitCode: 0, from: ['2026-10-12'] });
    entries.unshift(entry(9), entry(8));
    short = true;
    expect(await run(3)).toEqual({ exitCode: 4, from: Array.from({ length: 8 }, () => '2026-10-12') });
    short = false;
    // The entry that was not shown comes before the last one that was.
    expect(await run(4)).toEqual({ exitCode: 0, from: ['2026-10-12'] });
    expect(rowsOf(await foldSource(store, 'kismet'), 'kismet_call_audit_logs').size).toBe(5);
    expect(await run(5)).toEqual({ exitCode: 0, from: ['2026-10-18'] });
    expect((await commitsOf(store, AUDIT)).map(({ status }) => status)).toEqual(['ok', 'ok', 'failed', 'ok', 'ok']);
  });
});
