import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWholeStage } from '../../../local/aws/whole-stage.ts';
import { awsServers } from '../../helpers/aws-servers.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('a command that must reach every record of a stage gets the accounts that the stage does not name any more', async () => {
  const { s3 } = await awsServers();
  for (const folder of ['kalem/south', 'zudu/default', 'gone/default'])
    s3.objects.set(`lake/commits/${folder}/calls/000000000001.json`, Buffer.from('{}'));
  const cwd = await temporaryFolder();
  await writeFile(
    join(cwd, 'callhouse.config.json'),
    JSON.stringify({ stages: { dev: { sources: { kalem: { accounts: ['default', 'north'] } } } } }),
  );
  const shell = { cwd, env: {} } as Parameters<typeof openWholeStage>[1];
  const { accounts } = await openWholeStage({}, shell, () => {});
  expect(accounts).toEqual({ kalem: ['default', 'north', 'south'], kismet: [], solum: [], zudu: ['default'] });
});
