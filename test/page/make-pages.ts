import { join } from 'node:path';
import { reportSettings } from '../../functions/report/report-request.ts';
import { parseSettings } from '../../functions/settings.ts';
import { viewSettingsOf } from '../../functions/view-settings.ts';
import { makeReport } from '../../local/report/make-report.ts';
import { writeReport } from '../../local/report/write-report.ts';
import { allTables } from '../../scripts/all-tables.ts';
import { AT, fillWorld, type ReportWorld } from '../helpers/report-worlds.ts';
import { testWarehouse } from '../helpers/warehouse.ts';

/** Writes the page of each world to `<folder>/<name>.html`. */
export async function makePages(worlds: readonly ReportWorld[], folder: string): Promise<void> {
  const tables = await allTables();
  for (const world of worlds) {
    const settings = parseSettings(world.settings, world.name);
    // The views differ with the settings.
    const engine = testWarehouse(folder).open({ views: viewSettingsOf(settings) });
    await engine.prepare(tables);
    await fillWorld(engine, world);
    const request = { ...reportSettings(settings), tables, at: AT };
    const page = await engine.borrow((connection, database) =>
      makeReport({ connection, database, schema: 'callhouse' }, request),
    );
    await writeReport(page, join(folder, `${world.name}.html`));
    await engine.close();
  }
}
