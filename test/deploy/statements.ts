import type { ExtractResult, LoadResult } from '../../functions/results.ts';
import { databaseTablesOf } from '../../schemas/derive/database-tables.ts';
import { databasesOf } from '../../schemas/derive/databases.ts';
import { createView } from '../../schemas/derive/view-sql.ts';
import { viewsFor } from '../../schemas/views/views.ts';
import { createIcebergTable } from '../helpers/create-iceberg-table.ts';
import { everyTable } from './compare.ts';
import { expectNone } from './report.ts';
import { expectUnchanged, extractorOf, LOAD, type RunState, readTables } from './run-state.ts';

/** The statements that create views, in databases of their own. */
export async function runDefinitions(state: RunState): Promise<void> {
  const { report, cloud } = state;
  const databases = databasesOf('byhand');
  const tables = await everyTable();
  const created = databaseTablesOf(tables, databases);
  const run = (sql: string) => cloud.engine.execute(sql);
  await report.check('generated CREATE VIEW runs', async () => {
    for (const name of [databases.safe, databases.phi]) await run(`CREATE DATABASE ${name}`);
    await inLanes(created, async (table) => {
      await run(createIcebergTable(table, `s3://${cloud.outputs['Bucket']}/byhand/${table.database}/${table.name}/`));
    });
    const views = viewsFor(tables, { timeZone: 'America/New_York' }, databases);
    for (const view of views) await run(createView(view, databases));
    return `${created.length} tables, ${views.length} views`;
  });
}

/** A window read again: nothing is new, so no row changes. */
export async function runBackfill(state: RunState): Promise<void> {
  const { report, cloud, timeline } = state;
  await report.check('a backfill reads its window and changes no row', async () => {
    const before = await readTables(state);
    const at = timeline.ticks.ninth;
    const from = new Date(timeline.start.getTime() - 10 * 86_400_000).toISOString();
    const window = { from, to: timeline.start.toISOString() };
    const results = await Promise.all(
      ['solum', 'kalem'].map((source) =>
        cloud.invoke<ExtractResult>(extractorOf(source), { source, account: 'default', at: at.toISOString(), window }),
      ),
    );
    const streams = results.flatMap((result) => result.streams);
    expectNone(results.flatMap(({ exitCode, source }) => (exitCode === 0 ? [] : [`${source} ended with ${exitCode}`])));
    expectNone(
      streams.flatMap(({ records, changed }) => (records > 0 && changed === 0 ? [] : [`${records}, ${changed}`])),
    );
    const { changed } = await cloud.invoke<LoadResult>(LOAD);
    expectNone(Object.entries(changed).flatMap(([table, rows]) => (rows === 0 ? [] : [`${table}: ${rows}`])));
    await expectUnchanged(state, before, ['loads', 'rejects']);
    return `${streams.map(({ records }) => records).join(' and ')} records`;
  });
}

async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all([lane(), lane(), lane()]);
}
