import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { solumCall, solumServer } from '../../helpers/solum-server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('the result names what an erasure cannot reach: sources without a declaration, and other warehouses', async () => {
  const server = await solumServer([solumCall('a', 1, { customer_number: '+15551230001' }), solumCall('b', 2)]);
  const data = join(await temporaryFolder(), 'data');
  const env = { SOLUM_BASE_URL: server.url, SOLUM_API_KEY: 'key' };
  const act = async (args: readonly string[], input = '') => {
    const { code, stdout } = await callhouseHere([...args, '--data-dir', data], { env, input });
    expect({ args, code }).toEqual({ args, code: 0 });
    return stdout;
  };
  await act(['run', '--at', '2026-11-01T09:00:00Z']);
  const lake = join(data, 'lake');
  expect(JSON.parse(await act(['erase', '--phone', '--json'], '+15551239999'))).toMatchObject({ remains: [] });
  await cp(join(lake, 'raw', 'solum'), join(lake, 'raw', 'acme'), { recursive: true });
  const [own = ''] = await readdir(join(lake, 'progress'));
  await cp(join(lake, 'progress', own), join(lake, 'progress', 'another'), { recursive: true });
  const unmatched = await act(['erase', '--phone'], '+15551239999');
  expect(unmatched).toContain(
    'no record matches; nothing was changed\nnot erased here:\n  records of acme in the lake',
  );
  const matched = await act(['erase', '--phone'], '+15551230001');
  expect(matched).toContain('records of acme in the lake, whose source is not declared');
  expect(matched).toContain('1 other warehouse that loaded from this lake: run this with each that still exists');
  expect(await act(['erase', '--call', 'solum:b'])).not.toContain('acme');
});
