import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linesIn } from '../../helpers/duckdb-file.ts';
import { filledDataDir } from '../../helpers/published.ts';

test('export writes the safe half as DuckDB, Parquet or CSV, and everything with --phi for its owner alone', async () => {
  const group = process.getegid?.() ?? 0;
  const { act, cwd } = await filledDataDir({ settings: { group: String(group) } });
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
