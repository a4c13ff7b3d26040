import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { athenaIdentity } from '../../../functions/aws/athena/athena-engine.ts';
import { markHashKey } from '../../../functions/lake/hash-key-mark.ts';
import { progressKey, storedJson } from '../../../functions/lake/objects.ts';
import { awsServers } from '../../helpers/aws-servers.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors } from '../../helpers/demo-vendors.ts';
import { HASH_KEY, makeHome } from '../../helpers/home.ts';
import { objectsWith } from '../../helpers/objects-with.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const SOLUM = { source: 'solum', account: 'default', stream: 'calls' };

test('on AWS, erase deletes earlier versions of objects too, and the rows from both databases', async () => {
  const { athena, s3, secrets } = await awsServers();
  secrets.secrets.set('callhouse/dev/hash-key', JSON.stringify({ CALLHOUSE_HASH_KEY: HASH_KEY }));
  secrets.secrets.set('callhouse/dev/erasure-key', JSON.stringify({ CALLHOUSE_ERASURE_KEY: 'e'.repeat(64) }));
  const { simulators, env } = await demoVendors({ callsPerVendor: 8, days: 3 });
  const folder = await temporaryFolder();
  const home = makeHome(folder, { env, sources: ['solum'] });
  for (let run = 0; run < 2; run += 1) {
    expect(await home.extract('solum', simulators.now())).toMatchObject({ exitCode: 0 });
    simulators.advance(26 * 3_600_000);
  }
  await markHashKey(home.store, HASH_KEY);
  const lake = join(folder, 'lake');
  for (const entry of await readdir(lake, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) s3.objects.set(`lake/${relative(lake, path)}`, await readFile(path));
  }
  const commits = [...s3.objects.keys()].filter((key) => key.startsWith('lake/commits/solum/'));
  s3.objects.set(
    `lake/${progressKey(athenaIdentity('callhouse'), SOLUM)}`,
    Buffer.from(storedJson({ version: 1, n: commits.length })),
  );
  const [id = ''] = simulators.ledger.entries('solum', 'calls').keys();
  expect((await objectsWith(s3, id)).length).toBeGreaterThan(2);

  const one = (name: string, value: string) => ({ columns: [[name, 'varchar']] as const, rows: [[value]] });
  athena.scripts = [
    { columns: [['n', 'bigint']], rows: [['8']] },
    // Both halves are asked.
    one('id', id),
    one('id', id),
    { columns: [['n', 'bigint']], rows: [['3']] },
    { updateCount: 1 },
    { updateCount: 1 },
  ];
  const { code, stdout, stderr } = await callhouseHere(['erase', '--aws', '--call', `solum:${id}`, '--json'], {
    cwd: folder,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.anything() });
  const { rows, mentions, remains } = JSON.parse(stdout);
  expect({ rows, mentions }).toEqual({ rows: { solum_calls: 1, call_versions: 3 }, mentions: undefined });
  expect(remains.join('\n')).toContain('snapshots older than 3 days');
  const changes = athena.executions.map(({ sql }) => sql).filter((sql) => !sql.startsWith('SELECT'));
  expect(changes).toEqual([
    `DELETE FROM "callhouse"."call_versions" WHERE "account" = 'default' AND "source" = 'solum' AND "call_id" IN ('${id}')`,
    ...['callhouse_phi', 'callhouse'].map(
      (database) =>
        `DELETE FROM "${database}"."solum_calls" WHERE "account" = 'default' AND (CAST("id" AS varchar) IN ('${id}'))`,
    ),
  ]);
  expect(await objectsWith(s3, id)).toEqual([]);
  const versions = [...s3.earlier].flatMap(([key, bodies]) => bodies.map((body, n) => [`${n}/${key}`, body] as const));
  expect(versions.length, 'objects were replaced').toBeGreaterThan(2);
  expect(await objectsWith({ objects: new Map(versions) }, id)).toEqual([]);
});
