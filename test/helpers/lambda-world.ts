import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { type Simulators, startSimulators } from '../../local/simulators/start-simulators.ts';
import { type AthenaServer, startAthenaServer } from './athena-server.ts';
import { captureOutput } from './capture-output.ts';
import { type S3Server, startS3Server } from './s3-server.ts';
import { type SecretsServer, startSecretsServer } from './secrets-server.ts';

/** Name of the secret with Kalem's credentials. */
export const SECRET = 'callhouse/dev/kalem/default';
/** A text that the vendors' records contain. */
export const CANARY = 'CANARY-7f3a';

/** Servers that the Lambdas of a stage use, what they wrote, and times. */
export interface LambdaWorld {
  readonly vendors: Simulators;
  readonly s3: S3Server;
  readonly athena: AthenaServer;
  readonly secrets: SecretsServer;
  /** Lines that the Lambdas wrote. */
  readonly lines: readonly string[];
  /** Metrics that they emitted, each with its dimensions. */
  readonly figures: () => readonly Readonly<Record<string, unknown>>[];
  /** The event of the nth tick. */
  readonly tick: (n?: number) => { readonly at: string };
}

/** Sets up, for each test of a file, an empty stage `dev` that extracts Kalem. */
export function lambdaWorld(): LambdaWorld {
  const world = { lines: [] } as unknown as { -readonly [K in keyof LambdaWorld]: LambdaWorld[K] };
  world.tick = (n = 0) => ({ at: new Date(world.vendors.now().getTime() + n * 15 * 60_000).toISOString() });
  world.figures = () => world.lines.filter((line) => line.includes('"_aws"')).map(withoutEnvelope);
  beforeAll(async () => {
    [world.vendors, world.s3, world.athena, world.secrets] = await Promise.all([
      startSimulators({ callsPerVendor: 250, canaries: [CANARY] }),
      startS3Server(),
      startAthenaServer(),
      startSecretsServer(),
    ]);
  });
  beforeEach(() => {
    const { vendors, s3, athena, secrets } = world;
    world.lines = captureOutput();
    s3.objects.clear();
    athena.calls.length = 0;
    athena.executions.length = 0;
    secrets.secrets.set('callhouse/dev/hash-key', '{"CALLHOUSE_HASH_KEY":"0123456789abcdef0123456789abcdef"}');
    secrets.secrets.set(SECRET, JSON.stringify({ KALEM_API_TOKEN: vendors.env['KALEM_API_TOKEN'] }));
    for (const [name, value] of Object.entries(environmentOf(world))) vi.stubEnv(name, value);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });
  afterAll(async () => {
    await Promise.all([world.vendors, world.s3, world.athena, world.secrets].map((server) => server.close()));
  });
  return world;
}

/** A Lambda's context with so many ms left. @param awsRequestId of the event, if Lambda sends it again */
export function contextFor(ms: number, awsRequestId: string = randomUUID()) {
  const until = Date.now() + ms;
  return { awsRequestId, getRemainingTimeInMillis: () => until - Date.now() };
}

function withoutEnvelope(line: string): Readonly<Record<string, unknown>> {
  const { _aws: _, ...rest } = JSON.parse(line);
  return rest;
}

function environmentOf({ vendors, s3, athena, secrets }: LambdaWorld) {
  return {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'y',
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_ATHENA: athena.url,
    AWS_ENDPOINT_URL_GLUE: athena.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    CALLHOUSE_STAGE: 'dev',
    CALLHOUSE_BUCKET: 'lake',
    CALLHOUSE_WORKGROUP: 'callhouse-dev-etl',
    CALLHOUSE_DATABASE: 'callhouse',
    CALLHOUSE_SOURCE: 'kalem',
    CALLHOUSE_ACCOUNT: 'default',
    CALLHOUSE_SECRET: SECRET,
    CALLHOUSE_HASH_SECRET: 'callhouse/dev/hash-key',
    CALLHOUSE_ERASURE_SECRET: 'callhouse/dev/erasure-key',
    CALLHOUSE_SOURCES: '{"kalem":["default"]}',
    CALLHOUSE_STAGING_DAYS: '30',
    CALLHOUSE_SETTINGS: JSON.stringify({
      timeLimit: '13m',
      sources: { kalem: { baseUrl: vendors.env['KALEM_BASE_URL'], maxRps: 1000 } },
    }),
  };
}
