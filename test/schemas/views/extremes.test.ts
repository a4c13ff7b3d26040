import { beforeAll, describe, expect, test } from 'vitest';
import type { DuckdbEngine } from '../../../local/warehouse/duckdb-engine.ts';
import { createView } from '../../../schemas/derive/view-sql.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { DUCKDB, extremeTables } from '../../helpers/extreme-rows.ts';
import { sharedWarehouse } from '../../helpers/shared-warehouse.ts';
import { TABLES } from '../../helpers/view-warehouse.ts';

let engine: DuckdbEngine;

beforeAll(async () => {
  const { engine: opened, close } = await sharedWarehouse({ timeZone: 'UTC' });
  engine = opened;
  for (const { name, rows } of extremeTables(TABLES, DUCKDB)) {
    await engine.execute(`INSERT INTO callhouse.${name} VALUES ${rows.map((row) => `(${row.join(', ')})`).join(', ')}`);
  }
  return close;
}, 60_000);

/** Every hour of the week is open except Monday before noon. */
const OPENING = { mon: ['12:00-24:00'], tue: ['00:00-24:00'], sun: ['00:00-24:00'] };

async function read(sql: string) {
  const { columns, rows } = await engine.query(sql);
  return rows.map((row) => Object.fromEntries(columns.map((column, n) => [column, row[n]])));
}

describe.each(['Etc/GMT+12', 'America/New_York', 'Pacific/Kiritimati', 'UTC'])('every view in %s', (timeZone) => {
  test('can be read with any extreme value in its tables, and each number in it is finite or null', async () => {
    const views = viewsFor(TABLES, { timeZone, openingHours: OPENING, closedDays: ['2026-03-01'] });
    for (const view of views) await engine.execute(createView(view));
    for (const { name } of views) {
      const rows = await read(`SELECT * FROM callhouse.${name}`);
      expect(rows.length, name).toBeGreaterThan(3);
      for (const [column, value] of rows.flatMap((row) => Object.entries(row))) {
        if (typeof value === 'number') expect(value, `${name}.${column}`).toSatisfy(Number.isFinite);
        if (column === 'date' && name !== 'kismet_metrics_reconciliation' && value !== null)
          expect(value).toMatch(/^20\d\d-\d\d-\d\d$/);
      }
    }
  });
});

describe('a number that is implausible or does not fit its type', () => {
  const daily = (account: string, source: string) =>
    read(
      `SELECT calls, duration_seconds, cost, sessions_scheduled, implausible_calls FROM callhouse.calls_daily WHERE account = '${account}' AND source = '${source}' AND date = DATE '2026-03-01'`,
    );

  test('is left out of calls and calls_daily, and named', async () => {
    for (const account of ['n0i0', 'n1i0']) {
      const none = { duration_seconds: null, cost: null, sessions_scheduled: null };
      expect(await daily(account, 'solum')).toEqual([{ calls: 2, ...none, implausible_calls: 2 }]);
      expect(await daily(account, 'kalem')).toEqual([{ calls: 2, ...none, implausible_calls: 2 }]);
    }
    expect(await daily('n2i0', 'solum')).toEqual([
      { calls: 2, duration_seconds: 60, cost: null, sessions_scheduled: 4, implausible_calls: 0 },
    ]);
    const single = (source: string) =>
      read(`SELECT DISTINCT implausible FROM callhouse.calls WHERE source = '${source}' AND account = 'n1i0'`);
    expect(await single('solum')).toEqual([{ implausible: 'duration sessions' }]);
    expect(await single('kalem')).toEqual([{ implausible: 'duration cost' }]);
  });

  test('moves no figure of calls_daily but the count of implausible calls', async () => {
    const all = await daily('all', 'solum');
    // Two rows of four accounts: of the usual numbers, of both extremes, and of null.
    expect(all).toEqual([{ calls: 8, duration_seconds: 60, cost: null, sessions_scheduled: 4, implausible_calls: 4 }]);
    const found = await read(
      "SELECT issue, calls FROM callhouse.data_quality WHERE source = 'solum' AND account = 'n1i0' ORDER BY issue",
    );
    expect(found).toEqual([
      { issue: 'duration', calls: 2 },
      { issue: 'sessions', calls: 2 },
    ]);
  });

  test('is null in kismet_metrics_reconciliation, where differences are exact to 64 bits', async () => {
    const sql = (account: string) =>
      `SELECT DISTINCT vendor_calls, extracted_calls, difference, failed_calls FROM callhouse.kismet_metrics_reconciliation WHERE account = '${account}' AND date = DATE '2026-03-01'`;
    expect(await read(sql('n0i0'))).toEqual([
      { vendor_calls: -9223372036854775808n, extracted_calls: 2, difference: null, failed_calls: null },
    ]);
    expect(await read(sql('n1i0'))).toEqual([
      {
        vendor_calls: 9223372036854775807n,
        extracted_calls: 2,
        difference: -9223372036854775805n,
        failed_calls: null,
      },
    ]);
  });
});
