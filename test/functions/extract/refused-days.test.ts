import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../functions/time.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { KISMET_ENV, scriptedKismet } from '../../helpers/kismet.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';

const AT = Date.parse('2026-11-01T09:00:00Z');
const dayText = (day: unknown) => new Date(Number(day) * DAY_MS).toISOString().slice(0, 10);

/** A clinic with figures on each day of a year, whose vendor refuses a range of more than some days. */
async function clinic(most: number, status = 400) {
  const days = Array.from({ length: 366 }, (_, n) => dayText(Math.floor(AT / DAY_MS) - n));
  const { url, requests } = await scriptedKismet([101], { 101: [] }, ({ path, query }) => {
    if (!path.endsWith('/call_metrics')) return undefined;
    const { date_start: from = '', date_end: to = '' } = query;
    if ((Date.parse(to) - Date.parse(from)) / DAY_MS + 1 > most) return { status, body: '{ "error": "Bad Request", }' };
    const shown = days.filter((day) => day >= from && day <= to);
    return { json: { total_calls: Object.fromEntries(shown.map((day) => [day, 3])) } };
  });
  const store = memoryStore();
  const run = async (hours: number) => {
    requests.length = 0;
    const ports = makePorts({ store, env: KISMET_ENV });
    const { exitCode } = await runSource('kismet', { at: new Date(AT + hours * HOUR_MS), url }, ports);
    const rows = [...rowsOf(await foldSource(store, 'kismet'), 'kismet_daily_call_metrics').values()];
    const scopes = ['organization', 'user'].map((scope) => rows.filter((row) => row['scope'] === scope));
    const shown = scopes.map((own) => new Set(own.map((row) => dayText(row['date']))).size);
    const asked = requests.filter(({ path }) => path.endsWith('/call_metrics'));
    const warnings = ports.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
    return { exitCode, shown, asked: asked.length, warnings };
  };
  return { run };
}

describe('a vendor that refuses a range of many days', () => {
  test.each([
    { most: 366, status: 400, allowed: undefined },
    { most: 200, status: 400, allowed: 180 },
    { most: 31, status: 422, allowed: 30 },
    { most: 2, status: 400, allowed: 2 },
  ])('($most allowed, $status) is asked for shorter ones, now and later', async ({ most, status, allowed }) => {
    const { run } = await clinic(most, status);
    const first = await run(0);
    expect(first).toMatchObject({ exitCode: 0, shown: [366, 366] });
    const refused = `the vendor refuses a range of 366 days; continuing with ranges of ${allowed}`;
    expect(first.warnings).toEqual(allowed ? [refused] : []);
    const { asked, ...next } = await run(24);
    expect(next).toEqual({ exitCode: 0, shown: [366, 366], warnings: [] });
    // A tier of 45 days, whose ranges share a day, for the organization and one clinician.
    expect(asked).toBe(2 * Math.ceil(45 / ((allowed ?? 366) - 1)));
  });

  test('and refuses two days too fails, with two requests for each partition and run', async () => {
    const { run } = await clinic(0);
    expect(await run(0)).toMatchObject({ exitCode: 4, shown: [0, 0], asked: 4 });
    expect(await run(24)).toMatchObject({ exitCode: 4, shown: [0, 0], asked: 4, warnings: [] });
  });
});
