import { join } from 'node:path';
import type { Engine } from '../../functions/ports.ts';
import { DAY_MS } from '../../functions/time.ts';
import { startSimulators } from '../../local/simulators/start-simulators.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { quoteName } from '../../schemas/derive/sql-text.ts';
import { columnsIn } from '../../schemas/layout.ts';
import type { ViewSettings } from '../../schemas/views/view-settings.ts';
import { type ExtremeTable, extremeTables, SHARED } from '../helpers/extreme-rows.ts';
import { makeHome } from '../helpers/home.ts';
import { TABLES } from '../helpers/view-warehouse.ts';
import { testWarehouse } from '../helpers/warehouse.ts';

/** A day after the period of the report's statements. */
const NOW = Date.parse('2026-03-03T12:00:00Z');

/** Fills a new warehouse below a folder. @returns its open engine */
export type World = (folder: string, views: ViewSettings) => Promise<Engine>;

/** What four vendors with 24 days of calls gave, with edits and removals of four days. */
export const usualRows: World = async (folder, views) => {
  const vendors = await startSimulators({
    ...{ seed: 3, days: 20, callsPerVendor: 60, users: 3, transcripts: 'short' },
    now: new Date(NOW - 4 * DAY_MS).toISOString(),
  });
  try {
    const home = makeHome(folder, { env: vendors.env });
    for (let day = 4; day >= 0; day -= 1) {
      await home.run(new Date(NOW - day * DAY_MS));
      vendors.advance(DAY_MS);
    }
  } finally {
    await vendors.close();
  }
  return open(folder, views);
};

/**
 * The least and the greatest value of every type, so that nothing may overflow: each key twice, and health data without the rows of one
 * account, so that checks find something.
 */
export const extremeRows: World = async (folder, views) => {
  const engine = await open(folder, views);
  for (const table of extremeTables(TABLES, SHARED)) await insert(engine, table);
  for (const table of TABLES) {
    const shared = new Set(columnsIn(table, 'phi').map(({ name }) => name));
    const names = columnsIn(table, 'safe').filter(({ name }) => shared.has(name));
    const list = names.map(({ name }) => quoteName(name)).join(', ');
    const [phi, safe] = [DATABASES.phi, DATABASES.safe].map((database) => `${quoteName(database)}."${table.name}"`);
    await engine.execute(`INSERT INTO ${phi} (${list}) SELECT ${list} FROM ${safe} WHERE account <> 'n0i0'`);
  }
  return engine;
};

async function open(folder: string, views: ViewSettings): Promise<Engine> {
  const engine = testWarehouse(join(folder)).open({ views });
  await engine.prepare(TABLES);
  return engine;
}

async function insert(engine: Engine, { name, columns, rows }: ExtremeTable): Promise<void> {
  const names = columns.map((column) => quoteName(column.name)).join(', ');
  const values = rows.map((row) => `(${row.join(', ').replaceAll('ARRAY[', '[')})`);
  await engine.execute(
    `INSERT INTO ${quoteName(DATABASES.safe)}.${quoteName(name)} (${names}) VALUES ${values.join(', ')}`,
  );
}
