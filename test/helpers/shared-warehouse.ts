import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckdbEngine } from '../../local/warehouse/duckdb-engine.ts';
import type { ViewSettings } from '../../schemas/views/view-settings.ts';
import { TABLES } from './view-warehouse.ts';
import { testWarehouse } from './warehouse.ts';

/** A warehouse with every table, for all tests of a file. @returns the warehouse, and what `beforeAll` must return */
export async function sharedWarehouse(
  views: ViewSettings,
): Promise<{ readonly engine: DuckdbEngine; readonly close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'callhouse-'));
  const engine = testWarehouse(folder).open({ views });
  await engine.prepare(TABLES);
  const close = async () => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { engine, close };
}
