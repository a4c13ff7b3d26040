// The extract bundle under Node 24 with only the environment a Lambda has: it must stop by itself within its time, and go on at the
// next invocation until all is read. `npx tsx test/engines/lambda-budget.mts [SOURCE] [CALLS] [BUDGET_SECONDS] [MEMORY_MB]`; NODE24
// names the Node to run it by. Needs npm alone: simulators, S3, Athena and Secrets Manager are in this process.
import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findSource } from '../../functions/source/registry.ts';
import { stageFields } from '../../functions/stage-settings.ts';
import { nodeOptions } from '../../infra/constructs/pipeline-function.ts';
import { startSimulators } from '../../local/simulators/start-simulators.ts';
import { startAthenaServer } from '../helpers/athena-server.ts';
import { bundleLambda } from '../helpers/bundle-lambda.ts';
import { startS3Server } from '../helpers/s3-server.ts';
import { startSecretsServer } from '../helpers/secrets-server.ts';

const [name = 'solum', calls = '200000', seconds = '30', memoryMb = '512'] = process.argv.slice(2);
const MOST = 60;
const run = promisify(execFile);

const simulators = await startSimulators({ callsPerVendor: Number(calls), transcripts: 'short' });
const [s3, athena, secrets] = await Promise.all([startS3Server(), startAthenaServer(), startSecretsServer()]);
secrets.secrets.set('callhouse/dev/hash-key', '{"CALLHOUSE_HASH_KEY":"0123456789abcdef0123456789abcdef"}');
secrets.secrets.set(`callhouse/dev/${name}/default`, JSON.stringify(simulators.env));
const bundle = join(await mkdtemp(join(tmpdir(), 'callhouse-')), 'extract.mjs');
await bundleLambda('extract', bundle);

const settings = {
  timeLimit: '13m',
  sources: { [name]: { baseUrl: simulators.env[`${name.toUpperCase()}_BASE_URL`], maxRps: 1000 } },
};
const env = {
  PATH: process.env['PATH'] ?? '',
  NODE_OPTIONS: nodeOptions(stageFields.memory.parse({}).extractMb),
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_LAMBDA_FUNCTION_NAME: 'callhouse-dev-extract',
  AWS_ENDPOINT_URL_S3: s3.url,
  AWS_ENDPOINT_URL_ATHENA: athena.url,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
  CALLHOUSE_STAGE: 'dev',
  CALLHOUSE_BUCKET: 'lake',
  CALLHOUSE_WORKGROUP: 'callhouse-dev-etl',
  CALLHOUSE_DATABASE: 'callhouse',
  CALLHOUSE_SOURCE: name,
  CALLHOUSE_ACCOUNT: 'default',
  CALLHOUSE_SECRET: `callhouse/dev/${name}/default`,
  CALLHOUSE_HASH_SECRET: 'callhouse/dev/hash-key',
  CALLHOUSE_SETTINGS: JSON.stringify(settings),
};
const node = process.env['NODE24'] ?? process.execPath;
const invoke = new URL('lambda-invoke.mjs', import.meta.url).pathname;
let at = simulators.now().getTime();
let worst = 0;
let ended = false;
for (let tick = 1; tick <= MOST && !ended; tick += 1, at += 15 * 60_000) {
  const event = JSON.stringify({ source: name, account: 'default', at: new Date(at).toISOString() });
  const { stdout } = await run(node, [invoke, bundle, event, String(Number(seconds) * 1000)], {
    env,
    maxBuffer: 1 << 26,
  });
  const line = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
  const { ms, peakMb, killed, error, result } = line;
  worst = Math.max(worst, peakMb);
  const records = result?.streams.map(
    (s: { stream: string; status: string; records: number }) => `${s.stream} ${s.status} ${s.records}`,
  );
  console.log(
    `tick ${tick}: ${ms} ms, ${peakMb} MB, exit ${result?.exitCode}, ${records?.join(', ')} ${killed ? 'KILLED' : ''} ${error ?? result?.error ?? ''}`,
  );
  if (killed || error) process.exitCode = 1;
  // A tick that was killed leaves its lease, which the next ticks wait for.
  if (result?.error) await setTimeout(5_000);
  ended = (result?.exitCode === 0 && result.error === undefined) || error !== undefined;
}
const rows = (await findSource(name)).streams;
const objects = [...s3.objects.keys()];
console.log(
  `${name}, ${calls} calls: ${ended ? 'done' : 'NOT done'}; peak ${worst} MB of ${memoryMb}; ${objects.length} objects, ${Object.keys(rows).length} streams`,
);
if (!ended || worst > Number(memoryMb)) process.exitCode = 1;
await Promise.all([simulators.close(), s3.close(), athena.close(), secrets.close()]);
