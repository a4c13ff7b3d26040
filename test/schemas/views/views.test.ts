import { describe, expect, test } from 'vitest';
import type { Table } from '../../../schemas/table.ts';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { TABLES, viewWarehouse } from '../../helpers/view-warehouse.ts';

describe('freshness', () => {
  test('shows the last run, the last run with data, and the minutes since the last complete run', async () => {
    const { engine, rowsOf } = await viewWarehouse();
    const run = (id: string, status: string, changed: number, ended: string, isBackfill = 'NULL') =>
      engine.execute(
        `INSERT INTO callhouse.loads VALUES ('${id}', 'solum', 'default', 'calls', '${status}', NULL, NULL, 1, 1, NULL, ${changed}, 0, 0, 0, ${ended}, ${ended}, NULL, ${isBackfill})`,
      );
    await run('1', 'ok', 5, "TIMESTAMP '2026-01-01'");
    await run('2', 'ok', 0, "CAST(current_timestamp AT TIME ZONE 'UTC' AS timestamp) - INTERVAL '90' MINUTE");
    const now = "CAST(current_timestamp AT TIME ZONE 'UTC' AS timestamp)";
    await run('backfill', 'ok', 0, `${now} - INTERVAL '9' MINUTE`, 'TRUE');
    await run('3', 'failed', 0, "CAST(current_timestamp AT TIME ZONE 'UTC' AS timestamp)");
    await engine.execute("SET TimeZone = 'Asia/Tokyo'");
    const [row] = await rowsOf('SELECT stream, last_status, last_data_at, lag_minutes FROM freshness');
    expect(row?.slice(0, 3)).toEqual(['calls', 'failed', new Date('2026-01-01T00:00:00Z')]);
    expect(Number(row?.[3])).toBeCloseTo(90, 0);
  });
});

describe('viewsFor', () => {
  test('gives only the views whose tables exist', () => {
    const names = (some: readonly Table[]) => viewsFor(some, { timeZone: 'UTC' }).map(({ name }) => name);
    expect(names([])).toEqual(['freshness']);
    const ofCalls = ['calls', 'calls_daily', 'calls_hourly', 'handlers_weekly', 'categories_daily'];
    expect(names([kalemCalls])).toEqual([
      ...ofCalls,
      ...[
        'repeat_calls',
        'key_figures',
        'call_status_history',
        'follow_ups',
        'concurrency_hourly',
        'data_quality',
        'freshness',
      ],
    ]);
    expect(names(TABLES)).toEqual([
      ...ofCalls,
      ...[
        'repeat_calls',
        'key_figures',
        'call_status_history',
        'follow_ups',
        'call_access_log',
        'call_changes',
        'kismet_sessions',
      ],
      ...['kismet_metrics_reconciliation', 'concurrency_hourly', 'data_quality', 'freshness'],
    ]);
  });
});
