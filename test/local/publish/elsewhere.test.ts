import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { placesWith, readDataDirectory } from '../../helpers/data-directory.ts';
import { solumCall, solumServer } from '../../helpers/solum-server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('copies that were published elsewhere before, and half-written ones, do not outlive an erasure', async () => {
  const calls = [solumCall('zq-erased', 1, { customer_number: '+15551230001' }), solumCall('zq-kept', 2)];
  const server = await solumServer(calls);
  const folder = await temporaryFolder();
  const data = join(folder, 'data');
  const env = { SOLUM_BASE_URL: server.url, SOLUM_API_KEY: 'key', SOLUM_MAX_RPS: '1000' };
  const act = async (hour: number, path: string, args: readonly string[]) => {
    const config = join(folder, `config-${path}.json`);
    await writeFile(config, JSON.stringify({ publish: { path: join(folder, path, 'calls.duckdb'), every: '1m' } }));
    const at = args[0] === 'run' ? ['--at', new Date(Date.UTC(2026, 10, 1, 9 + hour)).toISOString()] : [];
    const all = [...args, ...at, '--data-dir', data, '--config', config];
    expect(await callhouseHere(all, { env })).toMatchObject({ code: 0 });
  };
  await act(0, 'first', ['run']);
  await act(0, 'asked', ['query', 'select 1']);
  await act(0, 'changed', ['query', 'select 1']);
  await appendFile(join(folder, 'changed', 'calls.duckdb'), 'a file of somebody else now');
  calls.push(solumCall('zq-later', 0));
  await act(1, 'last', ['run']);
  const copies = () =>
    ['first', 'asked', 'changed', 'last'].filter((one) => existsSync(join(folder, one, 'calls.duckdb')));
  expect(copies(), 'a run or a question deletes none').toEqual(['first', 'asked', 'changed', 'last']);
  await mkdir(join(folder, 'last'), { recursive: true });
  await writeFile(join(folder, 'last', '~calls.duckdb.0123456789abcdef'), 'zq-erased in a copy of a killed process');
  await act(1, 'last', ['erase', '--call', 'solum:zq-erased']);
  expect(copies()).toEqual(['changed', 'last']);
  expect(await readdir(join(folder, 'last'))).toEqual(['calls.duckdb']);
  for (const place of [data, join(folder, 'last')])
    expect(placesWith(await readDataDirectory(place), 'zq-erased')).toEqual([]);
  expect(placesWith(await readDataDirectory(join(folder, 'last')), 'zq-later').length).toBeGreaterThan(0);
});
