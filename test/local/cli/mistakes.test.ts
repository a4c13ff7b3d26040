import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { filledDataDir } from '../../helpers/published.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

describe('a mistake in a command line ends with 2', () => {
  test.each([
    { args: ['run', '--data-dir', ''], says: '--data-dir is empty; expected a value, or no --data-dir' },
    { args: ['query', 'select 1', '--config', ''], says: '--config is empty' },
    { args: ['query', 'select 1; select 2'], says: 'there are several statements' },
    { args: ['query', 'select \';\' -- ;\n; /* ; */ select ";"'], says: 'there are several statements' },
    { args: ['query', 'select \';\' as "a;b" /* ; */; -- ;'], says: 'there is no warehouse in' },
    {
      args: ['alert', 'calls > 1', '--source', 'kalme'],
      says: '--source: there is no source called "kalme" (did you mean kalem?); expected one of ',
    },
  ])('$args', async ({ args, says }) => {
    const { code, stderr } = await callhouseHere(args, { cwd: await temporaryFolder() });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`callhouse: ${says}`) });
  });
});

test('an export, a report or a published copy never replaces what Callhouse keeps in its data directory', async () => {
  const { act, run, cwd, data, warehouse } = await filledDataDir();
  await symlink(data, join(cwd, 'link'));
  const before = await readFile(warehouse);
  const own = ['data/warehouse.duckdb', 'data/WAREHOUSE.duckdb', 'link/warehouse.duckdb', 'data/bi/callhouse.duckdb'];
  const refused = { code: 2, stderr: expect.stringContaining('is where Callhouse keeps its own data in') };
  for (const path of [...own, 'data/hash.key', 'data/.published.json', 'data/lake/x'])
    expect({ path, ...(await act('export', path)) }).toMatchObject({ path, ...refused });
  for (const more of [['--phi'], ['--format', 'csv'], ['--for', 'dbt']])
    expect(await act('export', 'data/lake', ...more)).toMatchObject(refused);
  expect(await act('report', '--to', 'data/warehouse.duckdb')).toMatchObject(refused);
  expect(await act('export', 'data/calls.duckdb')).toMatchObject({ code: 0 });
  expect((await readFile(warehouse)).equals(before)).toBe(true);

  const config = join(cwd, 'callhouse.config.json');
  await writeFile(config, JSON.stringify({ publish: { path: warehouse } }));
  expect(await run()).toMatchObject({ code: 0, stderr: expect.stringContaining('publish.path is where Callhouse') });
  expect(await act('query', 'select 1', '--config', config)).toMatchObject(refused);
  expect((await act('query', '--phi', 'select count(*) > 0 from callhouse_phi.zudu_calls')).stdout).toContain('true');
});
