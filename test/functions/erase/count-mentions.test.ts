import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { KISMET_ENV, scriptedKismet } from '../../helpers/kismet.ts';
import { solumCall, solumServer } from '../../helpers/solum-server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('rows of every source that mention the number are counted, however they write it', async () => {
  const solum = await solumServer([
    solumCall('own', 1, { customer_number: '+15551230001', summary: 'asked for +15551230001' }),
    solumCall('compact', 2, { customer_number: '+15551239999', summary: 'her number is 5551230001.' }),
    solumCall('spaced', 3, { customer_number: '+15551239999', summary: 'call 555 123-0001 back' }),
    solumCall('nested', 4, { customer_number: '+15551239999', note: { number: '1 (555) 123.0001' } }),
    solumCall('other', 5, { customer_number: '+15551239999', summary: 'her number is 15551230002 or 555123000144.' }),
  ]);
  const at = '2026-11-01T08:00:00Z';
  const calls = [
    { id: 11, name: 'Family of +1 555 123 0001', participants: [], created_at: at },
    { id: 12, name: 'Somebody else', participants: [], created_at: at },
  ];
  const kismet = await scriptedKismet([101], { 101: calls });
  const env = {
    ...KISMET_ENV,
    ...{ KISMET_BASE_URL: kismet.url, SOLUM_BASE_URL: solum.url, SOLUM_API_KEY: 'key', SOLUM_MAX_RPS: '1000' },
  };
  const data = join(await temporaryFolder(), 'data');
  const act = (args: readonly string[], input = '') =>
    callhouseHere([...args, '--data-dir', data, '--json'], { env, input });
  expect(await act(['run', '--at', '2026-11-01T09:00:00Z'])).toMatchObject({ code: 0 });
  const { code, stdout } = await act(['erase', '--phone'], '(555) 123-0001\n');
  expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, rows: { solum_calls: 1 }, mentions: 4 });
});
