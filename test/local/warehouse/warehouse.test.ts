import { expect, test } from 'vitest';
import { parseSettings } from '../../../functions/settings.ts';
import { listSources } from '../../../functions/source/registry.ts';
import { dataDirAt } from '../../../local/settings/data-dir.ts';
import { warehouseIn } from '../../../local/warehouse/warehouse.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('the views use the settings timeZone and ownUserIds', async () => {
  const given = { timeZone: 'America/New_York', sources: { kismet: { ownUserIds: ['4711', '12'] } } };
  const settings = parseSettings(given, 'test');
  const engine = warehouseIn({ dir: dataDirAt(await temporaryFolder()), env: {}, settings });
  const sources = await listSources();
  await engine.prepare(sources.flatMap(({ streams }) => Object.values(streams).flatMap(({ tables }) => tables)));
  const { rows } = await engine.query(
    "select view_name, sql from duckdb_views() where schema_name = 'callhouse' order by 1",
  );
  await engine.close();
  const views = Object.fromEntries(rows) as Record<string, string>;
  expect(views['call_access_log']).toMatch(/user_id NOT IN \('12', '4711'\)/);
  expect(views['calls_daily']).toContain('America/New_York');
});
