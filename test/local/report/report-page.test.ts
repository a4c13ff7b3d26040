import { beforeAll, describe, expect, test } from 'vitest';
import { readFacts } from '../../../functions/report/read-facts.ts';
import { reportSettings } from '../../../functions/report/report-request.ts';
import { parseSettings, type Settings } from '../../../functions/settings.ts';
import { viewSettingsOf } from '../../../functions/view-settings.ts';
import { makeReport } from '../../../local/report/make-report.ts';
import { askOf } from '../../../local/report/recent-calls.ts';
import type { DuckdbEngine } from '../../../local/warehouse/duckdb-engine.ts';
import { AT, fillWorld, type ReportWorld, WORLDS } from '../../helpers/report-worlds.ts';
import { sharedWarehouse } from '../../helpers/shared-warehouse.ts';
import { TABLES } from '../../helpers/view-warehouse.ts';

const usual = parseSettings(WORLDS[0]?.settings, 'the usual world');
let engine: DuckdbEngine;

beforeAll(async () => {
  const shared = await sharedWarehouse(viewSettingsOf(usual));
  engine = shared.engine;
  return shared.close;
});

const requestOf = (settings: Settings) => ({ ...reportSettings(settings), tables: TABLES, at: AT });

const pages = new Map<string, string>();

/** The page of a world, with few calls so that it is soon there. */
async function pageOf(name: string): Promise<string> {
  const world = WORLDS.find((one) => one.name === name);
  if (!world) throw new Error(`there is no world ${name}`);
  const made = pages.get(name) ?? (await makePage(world));
  pages.set(name, made);
  return made;
}

async function makePage(world: ReportWorld): Promise<string> {
  await fillWorld(engine, { ...world, clinic: { callsPerDay: 16, ...world.clinic } });
  const request = requestOf(parseSettings(world.settings, world.name));
  return engine.borrow((connection, database) => makeReport({ connection, database, schema: 'callhouse' }, request));
}

const textOf = (page: string) =>
  page
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the page of each situation', () => {
  test.each(WORLDS.map(({ name }) => name))('%s is one small file that loads and runs nothing', async (name) => {
    const page = await pageOf(name);
    expect(page).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"`,
    );
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|https?:|<[^>]*\son\w+=/i);
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(Buffer.byteLength(page)).toBeLessThan(300_000);
  });

  test('an account that is behind is named first, and nothing is compared', async () => {
    const text = textOf(await pageOf('behind'));
    expect(text).toContain('1 account of 6 behind');
    expect(text).toMatch(
      /What to do on Monday Have the connection to Zudu repaired : later calls than Wed 17 Jun, 06:20 are missing below/,
    );
    expect(text).toContain('◐ not all read, not compared');
    expect(text).toContain('2 days behind Zudu');
  });

  test('a failed first run is no page of zeros', async () => {
    const text = textOf(await pageOf('failed-first'));
    expect(text).toContain('6 accounts of 6 behind');
    expect(text).toContain('nothing of them was ever read completely');
    expect(text).toContain('the last run failed');
    expect(text).not.toContain('Calls per day');
  });

  test('no calls, and no run at all', async () => {
    expect(textOf(await pageOf('no-calls'))).toMatch(/Find out why there were no calls.*No calls in these seven days/);
    expect(textOf(await pageOf('nothing'))).toContain('No call was read yet');
  });

  test('what the only vendor does not say is not there', async () => {
    const text = textOf(await pageOf('one-vendor'));
    expect(text).toContain('Clinicians');
    expect(text).not.toMatch(/Missed calls|Median wait|Open follow-ups|Answered within|Zudu|Solum/);
  });

  test('of many agents and clinicians the busiest are listed', async () => {
    const text = textOf(await pageOf('many-agents'));
    expect(text).toMatch(/The 15 busiest of \d{2,}/);
    expect(text).toMatch(/The 20 busiest of \d{2,}/);
  });

  test('names cannot leave their place', async () => {
    const page = await pageOf('hostile');
    expect(page).toContain('<bdi>&lt;/td&gt;&lt;/table&gt;&lt;script&gt;alert(1)…e}&lt;/style&gt;</bdi>');
    expect(page).not.toMatch(/(?![\u200c\u200d])\p{Cf}|(?!\n)\p{Cc}|\p{Zl}/u);
    expect(page).not.toContain('W'.repeat(41));
  });

  test('small cells are hidden, and no order tells them', async () => {
    const page = await pageOf('small-cells');
    const rows = [
      ...page.matchAll(
        /<tr><th scope="row"><bdi>([^<]+)<\/bdi><\/th><td class="track">(.*?)<\/td><td class="n">(.*?)<\/td>/g,
      ),
    ];
    const names = rows.map(([, name]) => name);
    expect(names).toEqual([...names].sort());
    expect(rows.filter(([, , bar, text]) => bar === '' && text?.includes('hidden')).length).toBeGreaterThan(1);
    const shown = rows.flatMap(([, , , text = '']) => [...text.matchAll(/\d+(?!\d*%)/g)].map(Number));
    expect(shown.filter((count) => count > 0 && count < 11)).toEqual([]);
    expect(textOf(page)).toContain(
      'Counts from 1 to 10 by category, age, hour of the week, clinician and agent are hidden',
    );
  });
});

describe('the figures of the page', () => {
  let page: string;
  let facts: Awaited<ReturnType<typeof readFacts>>;

  beforeAll(async () => {
    pages.delete('usual');
    page = await pageOf('usual');
    // Over the views of the warehouse, without the copy of recent calls.
    facts = await engine.borrow((connection) =>
      readFacts(askOf(connection), requestOf(usual), { recent: 'callhouse', whole: 'callhouse' }),
    );
  });

  const ask = async (sql: string) =>
    (await engine.query(sql)).rows.map((row) => row.map((value) => (value === null ? null : Number(value))));
  const key = (metric: string) => facts.figures.find((figure) => figure.metric === metric && figure.source === null);
  const sum = <T>(list: readonly T[], of: (one: T) => number | null) =>
    list.reduce((total, one) => total + (of(one) ?? 0), 0);

  test('are the same over the recent calls and over all', async () => {
    const { reportPage } = await import('../../../functions/report/report-page.ts');
    expect(reportPage(facts, requestOf(usual))).toBe(page);
  });

  test('of the tiles are key_figures', () => {
    const text = textOf(page);
    const [calls, missed, booked] = ['calls', 'missed_calls', 'booked_calls'].map((metric) => key(metric)?.value);
    expect(text).toMatch(new RegExp(`Calls ${calls} .* Missed calls ${missed} .* Calls that booked ${booked} `));
    expect(text).toContain(`Answered within 20 s ${Math.round((key('service_level')?.value ?? 0) * 100)}% `);
  });

  test('of the days add up to those of the week', async () => {
    const { from = '', to = '', first = '' } = facts.period ?? {};
    const week = facts.days.filter(({ date }) => date >= from && date <= to);
    expect([
      sum(week, ({ calls }) => calls),
      sum(week, ({ missed }) => missed),
      sum(week, ({ booked }) => booked),
    ]).toEqual([key('calls')?.value, key('missed_calls')?.value, key('booked_calls')?.value]);
    const telling = week.filter(({ waited }) => waited !== null);
    const base = sum(telling, ({ waited }) => waited) + sum(telling, ({ missed }) => missed);
    expect(sum(telling, ({ inTarget }) => inTarget) / base).toBeCloseTo(key('service_level')?.value ?? 0, 12);
    const [[missed, answered] = []] = await ask(
      `SELECT sum(missed_calls), sum(answered_inbound_calls) FROM callhouse.calls_daily WHERE date BETWEEN '${first}' AND '${to}'`,
    );
    expect([sum(facts.hours, (hour) => hour.missed), sum(facts.hours, (hour) => hour.answered)]).toEqual([
      missed,
      answered,
    ]);
  });

  test('of the waits are key_figures in both weeks', () => {
    const [before, now] = facts.waits.slice(-2);
    expect([now?.median, now?.p95, now?.calls]).toEqual([
      key('wait_p50')?.value,
      key('wait_p95')?.value,
      key('wait_p50')?.base,
    ]);
    expect([before?.median, before?.p95]).toEqual([key('wait_p50')?.previous, key('wait_p95')?.previous]);
  });

  test('of breakdowns are those of their views', async () => {
    const { from, to } = facts.period ?? {};
    const week = `BETWEEN '${from}' AND '${to}'`;
    const now = facts.clinicians.filter((one) => one.to === to);
    expect(await ask(`SELECT sum(calls) FROM callhouse.calls_daily WHERE source = 'kismet' AND date ${week}`)).toEqual([
      [sum(now, ({ calls }) => calls)],
    ]);
    expect(
      await ask(
        `SELECT count(*), count(CASE WHEN is_failed THEN 1 END), sum(length_seconds) / 3600 FROM callhouse.kismet_sessions WHERE local_date ${week}`,
      ),
    ).toEqual([
      [
        sum(facts.visits, ({ visits }) => visits),
        sum(facts.visits, ({ failed }) => failed),
        expect.closeTo(
          sum(facts.visits, ({ hours }) => hours),
          6,
        ),
      ],
    ]);
    expect(await ask('SELECT count(*), count(CASE WHEN is_overdue THEN 1 END) FROM callhouse.follow_ups')).toEqual([
      [sum(facts.followUps, ({ open }) => open), sum(facts.followUps, ({ overdue }) => overdue)],
    ]);
    expect(
      await ask(
        `SELECT sum(bookable_calls), sum(booked_calls) FROM callhouse.categories_daily WHERE date > DATE '${to}' - 28 AND date <= '${to}'`,
      ),
    ).toEqual([[sum(facts.categories, ({ bookable }) => bookable), sum(facts.categories, ({ booked }) => booked)]]);
    for (const agent of facts.agents) {
      const where = `agent = '${agent.agent}' AND source = '${agent.source}' AND account = '${agent.account}' AND local_date ${week}`;
      const [row] = await ask(
        `SELECT count(*), count(CASE WHEN missed THEN 1 END), quantile_disc(duration_seconds, 0.5), sum(cost) FROM callhouse.calls WHERE ${where}`,
      );
      expect(row).toEqual([agent.calls, agent.missed, agent.median, agent.cost]);
    }
  });
});
