import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { clinic, withPagination } from '../../../helpers/clinic.ts';
import { foldSource, rowsOf } from '../../../helpers/fold-staged.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { runSource } from '../../../helpers/run-source.ts';
import { scriptedServer } from '../../../helpers/scripted-server.ts';
import { solumCall, solumCalls } from '../../../helpers/solum-server.ts';

const SWEEP = 72;

/** A clinic of twelve calls, swept once, that then loses the fifth. */
async function bereft(options: Parameters<typeof clinic>[1] = {}) {
  const calls = solumCalls(12);
  const place = await clinic(calls, options);
  expect((await place.run(0)).exitCode).toBe(0);
  const [gone] = calls.splice(4, 1);
  if (!gone) throw new Error('no such call');
  const deletedAt = async () => (await place.rows()).get('5')?.['_deleted_at'] ?? null;
  return { ...place, calls, gone, deletedAt };
}

describe('a record that leaves the list', () => {
  test('is the only one marked deleted, by the second of two sweeps that ran an hour apart', async () => {
    const { run, rows, deletedAt } = await bereft();
    await run(1);
    expect(await deletedAt()).toBeNull();
    expect((await run(SWEEP)).totals.deleted).toBe(0);
    expect(await deletedAt()).toBeNull();
    // The next run reads everything again, though no sweep would be due.
    expect((await run(SWEEP + 1)).totals).toMatchObject({ deleted: 1, changed: 0 });
    expect(await deletedAt()).toBe(Date.parse('2026-11-01T09:00:00Z') + (SWEEP + 1) * 3_600_000);
    expect([...(await rows()).values()].filter((row) => row['_deleted_at'] !== null)).toHaveLength(1);
    expect((await rows()).get('5')).toMatchObject({
      status: 'pending',
      _first_seen_at: Date.parse('2026-11-01T09:00:00Z'),
    });
    expect((await run(SWEEP + 2)).totals.deleted).toBe(0);
  });

  test('stays a deletion candidate when the second sweep comes within the hour', async () => {
    const { run, deletedAt } = await bereft();
    await run(SWEEP);
    await run(SWEEP + 0.5);
    expect(await deletedAt()).toBeNull();
    await run(SWEEP + 1);
    await run(SWEEP + 1.5);
    expect(await deletedAt()).not.toBeNull();
  });

  test('stays a deletion candidate for an hour even if every run reads the complete list', async () => {
    const calls = solumCalls(12).reverse();
    const server = await scriptedServer(() => ({
      json: {
        data: {
          calls: calls.map((call) => ({
            call_id: call.id,
            start_timestamp: Date.parse(String(call['started_at'])),
            opt_out_sensitive_data_storage: false,
          })),
          pagination: { has_next_page: false },
        },
      },
    }));
    const store = memoryStore();
    const deletedAfter = async (minutes: number) => {
      const at = new Date(Date.parse('2026-11-01T09:00:00Z') + minutes * 60_000);
      const ports = makePorts({ store, env: { ZUDU_API_KEY: 'k', ZUDU_API_SECRET: 's' } });
      return (await runSource('zudu', { at, url: server.url }, ports)).streams[0]?.deleted;
    };
    await deletedAfter(0);
    calls.splice(3, 1);
    expect(await deletedAfter(10)).toBe(0);
    expect(await deletedAfter(40)).toBe(0);
    expect(await deletedAfter(69)).toBe(0);
    expect(await deletedAfter(70)).toBe(1);
  });

  test('stops being a candidate when it is shown again, and then needs two more sweeps', async () => {
    const { run, calls, gone, deletedAt } = await bereft();
    await run(SWEEP);
    calls.splice(4, 0, gone);
    await run(SWEEP + 1);
    calls.splice(4, 1);
    await run(2 * SWEEP + 2);
    expect(await deletedAt()).toBeNull();
    await run(2 * SWEEP + 3);
    expect(await deletedAt()).not.toBeNull();
  });

  test('is live again when it is shown again, and keeps its days', async () => {
    const { run, calls, gone, rows, deletedAt } = await bereft();
    await run(SWEEP);
    await run(SWEEP + 1);
    expect(await deletedAt()).not.toBeNull();
    calls.splice(4, 0, gone);
    expect((await run(2 * SWEEP + 1)).totals.changed).toBe(1);
    expect((await rows()).get('5')).toMatchObject({
      _deleted_at: null,
      _first_seen_at: Date.parse('2026-11-01T09:00:00Z'),
      _op: 'upsert',
    });
  });

  test('is staged as a blank operation if the setting says so', async () => {
    const calls = solumCalls(3);
    const store = memoryStore();
    const server = await clinic(calls);
    const run = (hours: number) =>
      runSource(
        'solum',
        {
          at: new Date(Date.parse('2026-11-01T09:00:00Z') + hours * 3_600_000),
          url: server.server.url,
          onVendorRemoval: 'blank',
        },
        makePorts({ store, env: { SOLUM_API_KEY: 'key' } }),
      );
    await run(0);
    calls.pop();
    for (const hours of [SWEEP, SWEEP + 1]) await run(hours);
    expect(rowsOf(await foldSource(store, 'solum'), 'solum_calls').get('3')?.['_op']).toBe('blank');
  });
});

describe('a sweep does not mark a record deleted', () => {
  test('if the total changed', async () => {
    let drift = 0;
    const { run, calls, deletedAt } = await bereft({
      before: ({ query }) => {
        if (drift > 0 && query['page'] === '2') calls.unshift(solumCall(`drift-${drift++}`, -drift));
      },
    });
    for (const hours of [SWEEP, SWEEP + 6, SWEEP + 12, SWEEP + 18]) {
      drift += 1;
      expect((await run(hours)).exitCode).toBe(0);
    }
    expect(await deletedAt()).toBeNull();
    drift = 0;
    await run(SWEEP + 24);
    await run(SWEEP + 25);
    expect(await deletedAt()).not.toBeNull();
  });

  test('if the total changed and was met in the end', async () => {
    const calls = solumCalls(12).reverse();
    let drift = false;
    const place = await clinic(calls, {
      before: ({ query }) => {
        if (drift && query['page'] === '2') calls.push(solumCall(`drift-${calls.length}`, -calls.length));
      },
    });
    await place.run(0);
    calls.splice(3, 1);
    drift = true;
    for (const hours of [SWEEP, SWEEP + 6, SWEEP + 12]) expect((await place.run(hours)).totals.deleted).toBe(0);
    expect((await place.last())?.scans.at(-1)).toMatchObject({ kind: 'sweep', complete: true, drift: true });
    drift = false;
    await place.run(SWEEP + 18);
    expect((await place.run(SWEEP + 19)).totals.deleted).toBe(1);
  });

  test('if a total was not met or a page failed', async () => {
    let bad: 'total' | 'status' | undefined;
    const { run, deletedAt } = await bereft({
      bend: (page, { query }) => {
        if (bad === 'status' && query['page'] === '3') return { status: 400, body: '{}' };
        return bad === 'total' ? withPagination(page, { total: 10 }) : page;
      },
    });
    bad = 'total';
    for (const hours of [SWEEP, SWEEP + 6, SWEEP + 12]) expect((await run(hours)).exitCode).toBe(0);
    bad = 'status';
    for (const hours of [SWEEP + 18, SWEEP + 24]) expect((await run(hours)).exitCode).toBe(4);
    expect(await deletedAt()).toBeNull();
    bad = undefined;
    // A sweep that could not read a list goes on at once; it has taken two hours, so the next one is due after eight.
    await run(SWEEP + 25);
    await run(SWEEP + 33);
    expect(await deletedAt()).not.toBeNull();
  });

  test('if both scans were in one run', async () => {
    let short = false;
    const { run, deletedAt } = await bereft({ bend: (page) => (short ? withPagination(page, { total: 12 }) : page) });
    short = true;
    expect((await run(SWEEP)).asked).toBe(16);
    expect(await deletedAt()).toBeNull();
  });
});

test('a start of history does not prevent deletions if the vendor has no time filter', async () => {
  const calls = ['a', 'b', 'c'].map((id, n) => ({ id, call_id: id, start_timestamp: 1_761_000_000_000 - n * 1000 }));
  const server = await scriptedServer(() => ({
    json: {
      status: 'success',
      data: { calls, pagination: { page: 0, total_count: calls.length, has_next_page: false } },
    },
  }));
  const store = memoryStore();
  const env = { ZUDU_API_KEY: 'k', ZUDU_API_SECRET: 's' };
  const run = (day: number) =>
    runSource(
      'zudu',
      { at: `2026-11-0${day}T09:00:00Z`, url: server.url, historyStart: '2026-10-01' },
      makePorts({ store, env }),
    );
  await run(1);
  calls.unshift({ id: 'd', call_id: 'd', start_timestamp: 1_761_000_001_000 });
  await run(2);
  // Only an incremental read saw it, and it was gone before any sweep.
  calls.shift();
  await run(5);
  await run(6);
  const rows = rowsOf(await foldSource(store, 'zudu'), 'zudu_calls');
  expect(rows.get('d')?.['_deleted_at']).not.toBeNull();
  expect(rows.get('a')?.['_deleted_at']).toBeNull();
});
