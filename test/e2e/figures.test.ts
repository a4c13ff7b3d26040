import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseSettings } from '../../functions/settings.ts';
import { viewSettingsOf } from '../../functions/view-settings.ts';
import { DEMO_SETTINGS, DEMO_WORLD } from '../../local/commands/start/scenes.ts';
import { startSimulators } from '../../local/simulators/start-simulators.ts';
import { type DuckdbEngine, duckdbEngine } from '../../local/warehouse/duckdb-engine.ts';
import { viewsFor } from '../../schemas/views/views.ts';
import { allTables } from '../../scripts/all-tables.ts';
import { HASH_KEY, makeHome } from '../helpers/home.ts';
import type { ExpectedTable } from '../helpers/oracle/expected-row.ts';
import { expectedTables } from '../helpers/oracle/expected-tables.ts';
import {
  type CountedCall,
  clockOf,
  countedCalls,
  nearestRank,
  peaks,
  visitLengths,
} from '../helpers/oracle/figures.ts';

const ZONE = 'America/New_York';

/** What the views say of a simulated world, against code that knows only what the vendors showed. */
describe('the figures of a clinic', () => {
  let engine: DuckdbEngine;
  let tables: ReadonlyMap<string, ExpectedTable>;
  let calls: readonly CountedCall[];
  let readUntil = 0;

  beforeAll(async () => {
    const sims = await startSimulators(DEMO_WORLD);
    const folder = await mkdtemp(join(tmpdir(), 'callhouse-'));
    const home = makeHome(folder, { env: sims.env });
    const { load } = await home.run(sims.now());
    expect(load).toMatchObject({ exitCode: 0 });
    readUntil = sims.now().getTime();
    tables = expectedTables(sims, { hashKey: HASH_KEY, values: 'served' });
    calls = countedCalls(tables);
    engine = duckdbEngine({
      path: home.warehouse,
      pathOf: (key) => join(folder, 'lake', key),
      views: viewSettingsOf({ ...parseSettings(DEMO_SETTINGS, 'the demo'), timeZone: ZONE }),
      sleep: async () => {},
    });
    await engine.prepare(await allTables());
    await sims.close();
    return async () => {
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    };
  }, 120_000);

  const rowsOf = async (sql: string) => (await engine.query(sql)).rows;
  const inPeriod = (ms: number | undefined) => {
    const { day } = clockOf(ms ?? 0, ZONE);
    const today = clockOf(readUntil, ZONE).day;
    return day < today && day >= clockOf(readUntil - 7 * 86_400_000, ZONE).day;
  };

  test('calls a day, inbound, answered and missed', async () => {
    const found = await rowsOf(
      'SELECT source, CAST(date AS varchar), calls, inbound_calls, answered_inbound_calls, missed_calls, reached_calls, unreached_calls FROM callhouse.calls_daily',
    );
    const days = new Map<string, CountedCall[]>();
    for (const call of calls) days.set(dayKey(call), [...(days.get(dayKey(call)) ?? []), call]);
    const expected = [...days].map(([key, list]) => {
      const inbound = list.filter(({ direction }) => direction === 'inbound');
      const outbound = list.filter(({ direction }) => direction === 'outbound');
      return [
        ...key.split(' '),
        list.length,
        list.some(({ direction }) => direction) ? inbound.length : null,
        ...[true, false].map((is) => (says(list, inbound) ? countOf(inbound, is) : null)),
        ...[true, false].map((is) => (says(list, outbound) ? countOf(outbound, is) : null)),
      ];
    });
    expect(sorted(found.map((row) => row.map((value, n) => (n === 1 ? String(value) : value))))).toEqual(
      sorted(expected),
    );
  });

  test('the key figures of all vendors', async () => {
    const found = new Map(
      (await rowsOf('SELECT metric, value, base FROM callhouse.key_figures WHERE source IS NULL')).map(
        ([metric, value, base]) => [String(metric), [value, base]] as const,
      ),
    );
    const week = calls.filter(({ startMs }) => startMs !== undefined && inPeriod(startMs));
    const inbound = week.filter(({ direction }) => direction === 'inbound');
    const missed = inbound.filter(({ isAnswered }) => isAnswered === false);
    const answered = inbound.filter(({ isAnswered }) => isAnswered === true);
    const waits = answered.flatMap(({ waitSeconds }) => (waitSeconds === undefined ? [] : [waitSeconds]));
    const lost = missed.filter(({ source }) => source === 'kalem');
    const lengths = week.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds]));
    const bookable = week.filter(({ sessions }) => sessions !== undefined);
    const booked = bookable.filter(({ sessions = 0 }) => sessions > 0);
    expect(week.length).toBeGreaterThan(50);
    expect(found.get('calls')).toEqual([week.length, week.length]);
    expect(found.get('missed_calls')).toEqual([missed.length, missed.length + answered.length]);
    expect(found.get('wait_p50')).toEqual([nearestRank(waits, 0.5), waits.length]);
    expect(found.get('wait_p95')).toEqual([nearestRank(waits, 0.95), waits.length]);
    expect(found.get('average_speed_of_answer')?.[0]).toBeCloseTo(sum(waits) / waits.length, 9);
    const service = waits.filter((wait) => wait <= 20).length / (waits.length + lost.length);
    expect(found.get('service_level')?.[0]).toBeCloseTo(service, 9);
    expect(found.get('median_handle_time')).toEqual([nearestRank(lengths, 0.5), lengths.length]);
    expect(found.get('average_handle_time')?.[0]).toBeCloseTo(sum(lengths) / lengths.length, 6);
    expect(found.get('booked_calls')).toEqual([booked.length, bookable.length]);
    expect(found.get('sessions_scheduled')?.[0]).toBe(sum(bookable.map(({ sessions = 0 }) => sessions)));
    // Kalem's costs are in USD and Zudu's in an unknown currency.
    expect(found.get('cost')?.[0]).toBeNull();
    const late = week.filter(({ startMs = 0 }) => isAfterHours(startMs));
    expect(found.get('after_hours_share')).toEqual([late.length / week.length, week.length]);
  });

  test('cost to the last digit', async () => {
    for (const source of ['kalem', 'zudu']) {
      const total = calls.reduce((all, call) => all + (call.source === source ? (call.cost ?? 0n) : 0n), 0n);
      const [[found] = []] = await rowsOf(
        `SELECT CAST(sum(cost) * 1000000 AS bigint) FROM callhouse.calls_daily WHERE source = '${source}'`,
      );
      expect(BigInt(String(found)), source).toBe(total);
    }
  });

  test('follow-ups and since when', async () => {
    const found = await rowsOf('SELECT call_id, since, age_days, is_overdue FROM callhouse.follow_ups');
    const expected = calls.flatMap(({ id, startMs, endMs, needsFollowUp }): (readonly unknown[])[] => {
      if (!needsFollowUp) return [];
      if (startMs === undefined) return [[id, null, null, null]];
      const since = endMs !== undefined && endMs >= startMs ? endMs : startMs;
      const days = (readUntil - since) / 86_400_000;
      return [[id, new Date(since).toISOString(), days.toFixed(6), days > 3]];
    });
    const shown = found.map(([id, since, days, overdue]) => [
      ...[id, since instanceof Date ? since.toISOString() : since],
      ...[typeof days === 'number' ? days.toFixed(6) : days, overdue],
    ]);
    expect(expected.length).toBeGreaterThan(3);
    expect(sorted(shown)).toEqual(sorted(expected));
  });

  test('lengths of visits', async () => {
    const found = await rowsOf(
      'SELECT call_id, length_seconds FROM callhouse.kismet_sessions WHERE length_seconds IS NOT NULL',
    );
    expect(found.length).toBeGreaterThan(20);
    expect(sorted(found)).toEqual(sorted([...visitLengths(tables)]));
  });

  test('most calls at once', async () => {
    const found = await rowsOf(
      "SELECT CAST(date AS varchar) || ' ' || CAST(hour AS varchar), peak_calls FROM callhouse.concurrency_hourly WHERE source IS NULL",
    );
    const visits = visitLengths(tables);
    const spans = calls.flatMap(({ source, id, startMs, endMs }): [number, number][] => {
      if (startMs === undefined) return [];
      const end = source === 'kismet' ? startMs + (visits.get(id) ?? Number.NaN) * 1000 : (endMs ?? Number.NaN);
      return end >= startMs && end - startMs <= 86_400_000 ? [[startMs, end]] : [];
    });
    expect(Math.max(...found.map(([, peak]) => Number(peak)))).toBeGreaterThan(1);
    expect(sorted(found)).toEqual(sorted([...peaks(spans, ZONE)]));
  });

  test('callers who called again within 7 days', async () => {
    const found = await rowsOf('SELECT source, call_id FROM callhouse.repeat_calls WHERE is_repeat');
    const inbound = calls
      .flatMap(({ startMs, ...call }) => (startMs === undefined ? [] : [{ ...call, startMs }]))
      .filter(({ direction, caller }) => direction === 'inbound' && caller !== undefined)
      .sort((a, b) => a.startMs - b.startMs);
    const expected = inbound.filter(({ caller, startMs }, n) =>
      inbound.slice(0, n).some((other) => other.caller === caller && startMs - other.startMs <= 7 * 86_400_000),
    );
    expect(expected.length).toBeGreaterThan(5);
    expect(sorted(found)).toEqual(sorted(expected.map(({ source, id }) => [source, id])));
  });

  test('each key identifies one row of its view', async () => {
    for (const { name, key } of viewsFor(await allTables(), { timeZone: ZONE })) {
      const columns = key.map((column) => `"${column}"`).join(', ');
      const twice = `SELECT ${columns}, count(*) FROM callhouse.${name} GROUP BY ${columns} HAVING count(*) > 1`;
      expect(await rowsOf(twice), name).toEqual([]);
    }
  });
});

/** The demo's clinic is open from 8 to 18 from Monday to Friday. */
const isAfterHours = (ms: number) => {
  const { day, hour } = clockOf(ms, ZONE);
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return weekday === 0 || weekday === 6 || hour < 8 || hour >= 18;
};
/** True if a vendor's calls of a day tell who was answered among some of them: all are unknown otherwise, and their number no 0. */
const says = (list: readonly CountedCall[], among: readonly CountedCall[]) => {
  const isKnown = ({ isAnswered }: CountedCall) => isAnswered !== undefined;
  return list.some(({ direction }) => direction) && list.some(isKnown) && (among.length === 0 || among.some(isKnown));
};
const countOf = (list: readonly CountedCall[], is: boolean) =>
  list.filter(({ isAnswered }) => isAnswered === is).length;
const dayOf = (startMs: number | undefined) => (startMs === undefined ? 'null' : clockOf(startMs, ZONE).day);
const dayKey = ({ source, startMs }: CountedCall) => `${source} ${dayOf(startMs)}`;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const sorted = (rows: readonly (readonly unknown[])[]) => rows.map((row) => JSON.stringify(row)).sort();
