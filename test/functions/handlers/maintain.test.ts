import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { maintainHandler } from '../../../functions/handlers/maintain.ts';
import { REPORT_KEY } from '../../../functions/maintain/publish-report.ts';
import { reportSettings } from '../../../functions/report/report-request.ts';
import { parseSettings } from '../../../functions/settings.ts';
import { findSource } from '../../../functions/source/registry.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { startSimulators } from '../../../local/simulators/start-simulators.ts';
import { duckdbEngine } from '../../../local/warehouse/duckdb-engine.ts';
import { makeHome } from '../../helpers/home.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const HOUR = 3_600_000;

describe('maintainHandler', () => {
  test('passes every check of a sound warehouse, and reports each fault of a damaged one', {
    timeout: 60_000,
  }, async () => {
    const vendors = await startSimulators({ callsPerVendor: 40 });
    const folder = await temporaryFolder();
    const home = makeHome(folder, { env: vendors.env, sources: ['kalem'] });
    const at = vendors.now();
    await home.run(at);
    await vendors.close();
    const { streams } = await findSource('kalem');
    const plan = {
      streams: Object.entries(streams).map(([stream, { tables }]) => ({ source: 'kalem', stream, tables })),
      accounts: { kalem: ['default'] },
      stagingDays: 30,
      report: reportSettings(parseSettings({ report: { title: 'Harborview' } }, 'the test')),
    };
    const safeStore = memoryStore();
    const engine = duckdbEngine({
      path: home.warehouse,
      pathOf: (key) => join(folder, 'lake', key),
      views: { timeZone: 'UTC' },
      sleep: async () => {},
    });
    const lines: string[] = [];
    const maintain = maintainHandler(plan, {
      store: home.store,
      safeStore,
      engine,
      log: (level, message) => lines.push(`${level} ${message}`),
      now: Date.now,
      random: Math.random,
      remainingMs: () => Number.POSITIVE_INFINITY,
      betweenLoads: (work) => work(),
    });
    const whole = await maintain(at);
    expect(whole).toMatchObject({ exitCode: 0, compacted: 0, removed: 0, staged: 0, versions: 0, report: true });
    const page = Buffer.from((await safeStore.get(REPORT_KEY)) ?? []).toString();
    expect(page).toMatch(/Harborview[\s\S]*Calls in the seven days to/);
    const own = whole.checks.filter(({ subject }) => subject !== 'data_quality');
    expect(own.map(({ subject, check, found }) => [subject, check, found])).toEqual([
      ['calls', 'freshness', 0],
      ['kalem_calls', 'keys', 0],
      ['kalem_calls', 'twins', 0],
      ['kalem_calls', 'vendor_total', 0],
    ]);

    await engine.execute(
      'DELETE FROM callhouse_phi.kalem_calls WHERE call_id = (SELECT min(call_id) FROM callhouse_phi.kalem_calls)',
    );
    await engine.execute('INSERT INTO callhouse.kalem_calls SELECT * FROM callhouse.kalem_calls LIMIT 1');
    const broken = await maintain(new Date(at.getTime() + 25 * HOUR));
    const kept = await engine.query(
      "SELECT DISTINCT check_name, severity FROM callhouse.checks WHERE NOT is_passed AND scope = 'all' ORDER BY check_name",
    );
    await engine.close();
    const named = broken.checks.filter(({ found }) => found > 0).map(({ check, severity }) => [check, severity]);
    expect(named.sort()).toEqual(kept.rows);
    expect(kept.rows).toEqual(
      expect.arrayContaining([
        ['freshness', 'warning'],
        ['keys', 'error'],
        ['twins', 'error'],
      ]),
    );
    expect(lines.filter((line) => line.startsWith('error check failed: '))).toHaveLength(2);
  });
});
