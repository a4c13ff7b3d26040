import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { noteChange, readPublishState } from '../../../local/publish/publish-state.ts';
import { dataDirAt } from '../../../local/settings/data-dir.ts';
import { columnsIn } from '../../../schemas/layout.ts';
import { allTables } from '../../../scripts/all-tables.ts';
import { changeFile, inDuckdbFile, linesIn, linesOf } from '../../helpers/duckdb-file.ts';
import { filledDataDir } from '../../helpers/published.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const HOUR_MS = 3_600_000;

/** All rows of every table of the copy, sorted, by table. */
async function rowsIn(path: string): Promise<Record<string, string[]>> {
  return inDuckdbFile(path, async (connection) => {
    const names = await linesOf(connection, 'SELECT table_name FROM duckdb_tables() ORDER BY 1');
    const entries: [string, string[]][] = [];
    for (const name of names) entries.push([name, (await linesOf(connection, `FROM "${name}"`)).sort()]);
    return Object.fromEntries(entries);
  });
}

/** Every text of the columns that only `callhouse_phi` has. */
async function sensitiveValues(warehouse: string): Promise<ReadonlySet<string>> {
  return inDuckdbFile(warehouse, async (connection) => {
    const values = new Set<string>();
    for (const table of await allTables()) {
      for (const { name, placement } of columnsIn(table, 'phi')) {
        // What an audit entry changed is a value of another column, such as true.
        if (placement !== 'phi' || /^(old|new)_value$/.test(name)) continue;
        const from = `callhouse_phi."${table.name}" WHERE length(CAST("${name}" AS VARCHAR)) > 3`;
        for (const value of await linesOf(connection, `SELECT DISTINCT "${name}" FROM ${from}`)) values.add(value);
      }
    }
    // Clinicians take part in their calls, and their display names are shown to patients.
    for (const name of await linesOf(connection, 'SELECT display_name FROM kismet_organization_users'))
      values.delete(name);
    return values;
  });
}

describe('the published copy', () => {
  test('has keys, comments and every view, and neither a path, another schema nor a sensitive value', async () => {
    const sources = ['kalem', 'kismet', 'solum', 'zudu'];
    const { copy, data, warehouse } = await filledDataDir({ sources, callsPerVendor: 40 });
    const keys = await linesIn(
      copy,
      "SELECT table_name, array_to_string(constraint_column_names, ' ') FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'",
    );
    expect(keys).toEqual(expect.arrayContaining(['zudu_calls|account call_id', 'loads|load_id']));
    expect(keys).toHaveLength((await linesIn(copy, 'SELECT 1 FROM duckdb_tables()')).length);
    const bare = 'comment IS NULL AND NOT internal';
    expect(await linesIn(copy, `SELECT table_name, column_name FROM duckdb_columns() WHERE ${bare}`)).toEqual([]);
    expect(await linesIn(copy, `SELECT view_name FROM duckdb_views() WHERE ${bare}`)).toEqual([]);
    for (const view of await linesIn(copy, 'SELECT view_name FROM duckdb_views() WHERE NOT internal'))
      await linesIn(copy, `SELECT count(*) FROM (FROM "${view}")`);
    expect(await linesIn(copy, 'SELECT DISTINCT schema_name FROM duckdb_columns() WHERE NOT internal')).toEqual([
      'main',
    ]);
    expect(await linesIn(copy, 'SELECT count(*) > 100 FROM callhouse.calls')).toEqual(['true']);
    expect((await readFile(copy)).includes(data)).toBe(false);
    expect((await stat(copy)).mode & 0o777).toBe(0o600);

    const sensitive = await sensitiveValues(warehouse);
    expect(sensitive.size).toBeGreaterThan(500);
    const found = await inDuckdbFile(copy, async (connection) => {
      const columns = await linesOf(
        connection,
        'SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal',
      );
      const holders: string[] = [];
      for (const column of columns) {
        const [table = '', name = ''] = column.split('|');
        const cells = await linesOf(connection, `SELECT DISTINCT "${name}" FROM "${table}"`);
        if (cells.some((cell) => sensitive.has(cell))) holders.push(column);
      }
      return holders;
    });
    expect(found).toEqual([]);
  });

  test('is replaced while a BI client reads it, which delays no load', async () => {
    const { simulators, copy, data, run } = await filledDataDir();
    const instance = await DuckDBInstance.create(copy, { access_mode: 'READ_ONLY' });
    const client = await instance.connect();
    const loads = () => linesOf(client, 'SELECT count(*) FROM loads');
    const before = await loads();
    simulators.advance(30 * HOUR_MS);
    await noteChange(dataDirAt(data), 'all');
    expect(await run()).toMatchObject({ code: 0, stderr: expect.not.stringContaining('held by') });
    expect(await loads()).toEqual(before);
    client.closeSync();
    instance.closeSync();
    expect(Number((await linesIn(copy, 'SELECT count(*) FROM loads'))[0])).toBeGreaterThan(Number(before[0]));
    expect(await readdir(join(data, 'bi'))).toEqual(['callhouse.duckdb']);
  });

  test('is written at most every publish.every; a query brings it up to date, or says of when it is', async () => {
    const { simulators, copy, act, run, warehouse } = await filledDataDir();
    const { mtimeMs } = await stat(copy);
    simulators.advance(30 * HOUR_MS);
    expect(await run('solum')).toMatchObject({ code: 0 });
    expect((await stat(copy)).mtimeMs).toBe(mtimeMs);
    const countLoads = async () => {
      const { stdout, stderr } = await act('query', 'select count(*) as n from loads', '--format', 'csv');
      return { n: Number(stdout.split('\n')[1]), stderr };
    };
    await rename(warehouse, `${warehouse}.kept`);
    await writeFile(warehouse, 'x'.repeat(20_000));
    const stale = await countLoads();
    expect(stale).toMatchObject({
      n: 2,
      stderr: expect.stringMatching(/^callhouse: as of .*Z: what was loaded since/),
    });
    await rename(`${warehouse}.kept`, warehouse);
    const { n, stderr } = await countLoads();
    expect({ isNewer: n > stale.n, stderr }).toEqual({ isNewer: true, stderr: '' });
  });

  test('that takes over the rows that changed equals one that was made anew', async () => {
    const { simulators, data, copy, act, run } = await filledDataDir();
    for (const hours of [3, 100, 30]) {
      simulators.advance(hours * HOUR_MS);
      expect(await run()).toMatchObject({ code: 0 });
      await act('query', 'select 1');
    }
    const taken = await rowsIn(copy);
    expect(taken['zudu_calls']?.length).toBeGreaterThan(12);
    await rm(copy);
    await act('query', 'select 1');
    expect(taken).toEqual(await rowsIn(copy));
    const dir = dataDirAt(data);
    await noteChange(dir, 'all');
    await noteChange(dir, 'some');
    expect((await readPublishState(dir)).changed).toBe('all');
  });

  test('has the settings of the last load, whatever file is in the folder, or those of --config', async () => {
    const openingHours = { mon: ['08:00-18:00'] };
    const { cwd, copy, act } = await filledDataDir({ settings: { timeZone: 'America/New_York', openingHours } });
    const late = 'select count(*) filter (is_after_hours) as late, count(is_after_hours) as known from calls';
    const ask = (...options: string[]) => act('query', late, '--format', 'csv', ...options);
    const { stdout: ofRun } = await ask('--phi');
    expect(ofRun).toMatch(/^late,known\n\d+,[1-9]\d*\n$/);
    await writeFile(join(cwd, 'callhouse.config.json'), JSON.stringify({ repeatDays: 3 }));
    await rm(copy);
    expect(await ask()).toMatchObject({ stdout: ofRun, stderr: '' });
    await writeFile(join(cwd, 'other.json'), JSON.stringify({ timeZone: 'UTC' }));
    expect((await ask('--config', 'other.json')).stdout).toBe('late,known\n0,0\n');
    expect((await ask()).stdout).toBe(ofRun);
    expect(await ask('--config', 'other.json', '--phi')).toMatchObject({
      stdout: ofRun,
      stderr: expect.stringMatching(/^callhouse: with --phi, views are those of the last load.*other\.json/),
    });
  });

  test('is readable for the group of the settings; if it cannot be given to it, that is a warning', async () => {
    const path = join(await temporaryFolder(), 'shared', 'clinic.duckdb');
    const group = process.getgroups?.().find((id) => id !== process.getegid?.()) ?? process.getegid?.() ?? 0;
    const { cwd, data, act, run } = await filledDataDir({ settings: { publish: { path }, group: String(group) } });
    expect(await readdir(data)).not.toContain('bi');
    const { mode, gid } = await stat(path);
    expect({ mode: mode & 0o777, gid }).toEqual({ mode: 0o640, gid: group });
    expect((await stat(join(path, '..'))).mode & 0o777).toBe(0o750);
    const other = { group: 'no-such-group-here', publish: { path: join(cwd, 'x.duckdb') } };
    await writeFile(join(cwd, 'callhouse.config.json'), JSON.stringify(other));
    const { code, stderr } = await run();
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('could not be published: group: /etc/group has no group no-such-group-here'),
    });
    expect(await act('query', 'select 1')).toMatchObject({ code: 2 });
  });
});

test('no staging view is left; a table in place of a view is named, and blocks no load', async () => {
  const { simulators, warehouse, run } = await filledDataDir();
  const views = "SELECT view_name FROM duckdb_views() WHERE schema_name = 'callhouse_staging'";
  expect(await linesIn(warehouse, views)).toEqual([]);
  const taken = ['main.calls', 'callhouse.calls'];
  for (const name of taken) await changeFile(warehouse, `DROP VIEW ${name}; CREATE TABLE ${name} AS SELECT 7 AS mine`);
  simulators.advance(30 * HOUR_MS);
  const { code, stderr, stdout } = await run();
  expect({ code, load: JSON.parse(stdout).load.exitCode }).toEqual({ code: 0, load: 0 });
  for (const name of taken) expect(stderr).toContain(`${name} is a table that Callhouse did not create`);
  expect(await linesIn(warehouse, 'FROM main.calls')).toEqual(['7']);
  expect(await linesIn(warehouse, 'SELECT count(*) > 1 FROM main.freshness')).toEqual(['true']);
  for (const name of taken) await changeFile(warehouse, `DROP TABLE ${name}`);
  expect(await run()).toMatchObject({ code: 0, stderr: expect.not.stringContaining('did not create') });
  expect(await linesIn(warehouse, 'SELECT count(*) > 20 FROM calls')).toEqual(['true']);
});
