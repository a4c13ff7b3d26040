import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { GENERATED } from '../../../local/commands/export/tools/tool-files.ts';
import { metricsOf } from '../../../schemas/views/metrics.ts';
import { changeFile, inDuckdbFile, linesIn, linesOf } from '../../helpers/duckdb-file.ts';
import { filledDataDir } from '../../helpers/published.ts';

test('export writes the safe half as DuckDB, Parquet or CSV, and everything with --phi for its owner alone', async () => {
  const group = process.getegid?.() ?? 0;
  const { act, cwd, copy } = await filledDataDir({ settings: { group: String(group) } });
  const modeOf = async (...path: string[]) => (await stat(join(cwd, ...path))).mode & 0o777;
  const safe = join(cwd, 'safe.duckdb');
  expect(await act('export', 'safe.duckdb')).toMatchObject({ code: 0, stdout: `1 file written: ${safe}\n` });
  expect(await linesIn(safe, 'SELECT count(*) > 20 FROM calls')).toEqual(['true']);
  expect(await modeOf('safe.duckdb')).toBe(0o640);
  for (const format of ['parquet', 'csv']) {
    expect(await act('export', format, '--format', format)).toMatchObject({ code: 0 });
    const names = await readdir(join(cwd, format));
    const expected = ['calls', 'calls_daily', 'zudu_calls', 'loads'].map((name) => `${name}.${format}`);
    expect(names).toEqual(expect.arrayContaining(expected));
    expect(names.filter((name) => name.startsWith('~'))).toEqual([]);
    expect(await modeOf(format, `calls.${format}`)).toBe(0o640);
    const count = `SELECT count(*) FROM '${join(cwd, format, `zudu_calls.${format}`)}'`;
    expect(await linesIn(safe, count)).toEqual(['12']);
  }
  expect((await readFile(join(cwd, 'csv', 'zudu_calls.csv'), 'utf8')).split('\n')[0]).not.toContain('transcript');
  const times = `SELECT count(local_at) > 20, count(*) FILTER (local_at LIKE '%Z' OR started_at NOT LIKE '%Z') FROM read_csv('${join(cwd, 'csv', 'calls.csv')}', all_varchar = true)`;
  expect(await linesIn(safe, times)).toEqual(['true|0']);
  expect(await act('export', 'csv')).toMatchObject({ code: 2, stderr: expect.stringContaining('is a folder') });
  expect(await act('export', 'x', '--format', 'xlsx')).toMatchObject({ code: 2 });

  for (const [tool, file] of [
    ['dbt', 'models/callhouse_sources.yml'],
    ['superset', 'datasets/Callhouse/calls_daily.yaml'],
    ['evidence', 'sources/callhouse/connection.yaml'],
  ] as const) {
    expect(await act('export', tool, '--for', tool)).toMatchObject({ code: 0 });
    expect((await readFile(join(cwd, tool, file), 'utf8')).split('\n')[0]).toBe(`# ${GENERATED}`);
  }
  const queries = join(cwd, 'evidence', 'sources', 'callhouse');
  for (const [tool, file, missing] of [
    ['dbt', 'dbt_project.yml', 'profiles.yml'],
    ['superset', 'metadata.yaml', 'databases'],
    ['evidence', 'pages/callhouse.md', 'sources'],
  ] as const) {
    const folder = join(cwd, `own-${tool}`);
    expect(await act('export', tool, '--for', tool)).toMatchObject({ code: 0 });
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), 'name: ours\n');
    expect(await act('export', folder, '--for', tool)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${file} exists and was not generated`),
    });
    expect(await readFile(join(folder, file), 'utf8')).toBe('name: ours\n');
    await expect(stat(join(folder, missing))).rejects.toThrow('ENOENT');
  }
  const [, filename = ''] = /filename: "(.+)"/.exec(await readFile(join(queries, 'connection.yaml'), 'utf8')) ?? [];
  expect(join(queries, filename)).toBe(copy);
  expect(await act('export', 'x', '--for', 'tableau')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('expected one of dbt, superset, evidence'),
  });
  expect(await act('export', 'x', '--for', 'dbt', '--phi')).toMatchObject({ code: 2 });

  await inDuckdbFile(safe, async (connection) => {
    for (const name of (await readdir(queries)).filter((one) => one.endsWith('.sql')))
      await connection.run(`EXPLAIN ${await readFile(join(queries, name), 'utf8')}`);
    // The metrics for BI tools say over days what key_figures says.
    const metrics = metricsOf({ timeZone: 'UTC' });
    const figures = await linesOf(
      connection,
      `SELECT metric, round(value, 6) FROM key_figures WHERE source IS NULL AND metric IN (${metrics.map(({ metric }) => `'${metric}'`).join()}) ORDER BY metric`,
    );
    const days = await linesOf(
      connection,
      `SELECT ${metrics.map(({ metric, sql }) => `round(CAST(${sql} AS double), 6) AS ${metric}`).join()} FROM calls_daily WHERE date BETWEEN (SELECT max(period_from) FROM key_figures) AND (SELECT max(period_to) FROM key_figures)`,
    );
    const values = days[0]?.split('|') ?? [];
    expect(metrics.map(({ metric }, n) => `${metric}|${values[n]}`).sort()).toEqual(figures);
  });

  expect(await act('export', 'all.duckdb', '--phi')).toMatchObject({ code: 0 });
  const all = join(cwd, 'all.duckdb');
  expect(await modeOf('all.duckdb')).toBe(0o600);
  expect(await linesIn(all, 'SELECT count(transcript) > 3 FROM callhouse_phi.zudu_calls')).toEqual(['true']);
  expect(await linesIn(all, 'SELECT count(*) > 20 FROM main.calls')).toEqual(['true']);
  const staging = "SELECT 1 FROM duckdb_schemas() WHERE schema_name = 'callhouse_staging'";
  expect(await linesIn(all, staging)).toEqual([]);
  const ambiguous = await act('export', 'callhouse.duckdb', '--phi');
  expect(ambiguous).toMatchObject({ code: 2, stderr: expect.stringContaining('ambiguous') });
  expect(await act('export', 'all', '--phi', '--format', 'parquet')).toMatchObject({ code: 0 });
  expect(await readdir(join(cwd, 'all', 'callhouse_phi'))).toContain('zudu_calls.parquet');
  expect(await modeOf('all', 'callhouse_phi', 'zudu_calls.parquet')).toBe(0o600);
});

test('a table, column or type that is declared since the last run is empty, or left out', async () => {
  const { act, cwd, copy, warehouse, run } = await filledDataDir();
  const views = await linesIn(warehouse, "SELECT view_name FROM duckdb_views() WHERE schema_name = 'callhouse'");
  const earlier = [
    ...views.map((name) => `DROP VIEW callhouse.${name}`),
    'DROP TABLE callhouse.kalem_calls',
    'DROP TABLE callhouse_phi.kalem_calls',
    'ALTER TABLE callhouse.solum_calls DROP COLUMN category',
    'ALTER TABLE callhouse.solum_calls ALTER COLUMN sessions_scheduled TYPE VARCHAR',
    "UPDATE callhouse.solum_calls SET sessions_scheduled = CASE WHEN sessions_scheduled = '0' THEN 'none' ELSE '7' END",
    'UPDATE callhouse_staging._warehouse SET shape = NULL',
  ];
  await changeFile(warehouse, earlier.join('; '));
  await rm(copy);
  const asked = await act(
    'query',
    '--format',
    'csv',
    'select count(*), count(category), max(sessions_scheduled) from solum_calls',
  );
  expect(asked).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/\n12,0,7\n$/) });
  const kalem = await act('query', '--format', 'csv', 'select count(*) as n from kalem_calls');
  expect(kalem).toMatchObject({ code: 0, stdout: 'n\n0\n' });
  expect(await act('export', 'all.duckdb', '--phi')).toMatchObject({ code: 0, stderr: '' });
  const counts = 'SELECT (SELECT count(*) FROM callhouse_phi.solum_calls), (SELECT count(*) FROM kalem_calls)';
  expect(await linesIn(join(cwd, 'all.duckdb'), counts)).toEqual(['12|0']);
  expect(await act('export', 'phi', '--format', 'csv', '--phi')).toMatchObject({ code: 0, stderr: '' });
  expect(await readdir(join(cwd, 'phi', 'callhouse'))).not.toEqual(expect.arrayContaining(['kalem_calls.csv']));
  for (const name of ['callhouse.calls_daily', 'callhouse_phi.kalem_calls'])
    expect(await act('query', '--phi', `select * from ${name}`)).toMatchObject({
      ...{ code: 2, stdout: '' },
      stderr: `callhouse: the warehouse has no ${name.split('.')[1]} yet; the next run creates it\n`,
    });
  expect(await run()).toMatchObject({ code: 0 });
  expect(await act('query', '--phi', 'select * from callhouse.calls_daily limit 1')).toMatchObject({ code: 0 });
});
