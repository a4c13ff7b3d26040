import * as z from 'zod';
import { describeSetting } from './describe-setting.ts';
import { ConfigError } from './errors.ts';
import { didYouMean } from './nearest.ts';
import { settingsSchema } from './settings.ts';
import { durationMs, isDuration, MINUTE_MS } from './time.ts';

/**
 * Retention periods that CloudWatch Logs accepts, days.
 * @see {@link https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html}
 */
const LOG_DAYS = [7, 14, 30, 60, 90, 180, 365, 731, 1827, 3653] as const;
/**
 * Lambda kills a function after 15 minutes; the run must end in order before that.
 * @see {@link https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html}
 */
const LONGEST_RUN_MS = 14 * MINUTE_MS;

const integer = (min: number, max: number) => {
  const error = `expected a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};
const duration = (min: string, max: string) => {
  const error = `expected a duration from ${min} to ${max}, such as 15m, 6h or 3d`;
  const inRange = (ms: number) => ms >= durationMs(min) && ms <= durationMs(max);
  return z.string({ error }).refine((text) => isDuration(text) && inRange(durationMs(text)), { error });
};
const memoryMb = integer(256, 10_240);
const arn = z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:\S+$/, { error: 'expected the ARN of an IAM user or role' });

const retention = z.strictObject({
  /** Days to keep the vendors' answers as served. @default 365 */
  rawDays: integer(1, 3650).default(365),
  /** Days to keep a staged file after every warehouse has loaded it. @default 30 */
  stagingDays: integer(3, 3650).default(30),
  /** Days to keep the results of queries. @default 7 */
  resultsDays: integer(1, 365).default(7),
  /**
   * Days in which an overwritten or deleted object can be restored. An erasure is complete only after these days.
   * @default 7
   */
  noncurrentDays: integer(1, 90).default(7),
  /** Days to keep the access logs of the buckets, which say who read what. HIPAA asks for six years. @default 2190 */
  accessLogDays: integer(1, 7300).default(2190),
  /** Days to keep logs. @default 90 */
  logDays: z.literal(LOG_DAYS, { error: `expected one of ${LOG_DAYS.join(', ')}` }).default(90),
});

const schedules = z.strictObject({
  /** If false, the schedules are deployed but disabled. @default true */
  enabled: z.boolean().default(true),
  /** How often each account is extracted. @default '15m' */
  extract: duration('1m', '1d').default('15m'),
  /** How often staged files are merged into the tables. @default '1h' */
  load: duration('1m', '1d').default('1h'),
  /** Hour of the nightly maintenance, UTC. @default 3 */
  maintainHour: integer(0, 23).default(3),
});

const memory = z.strictObject({
  /** Memory of each extractor, MB. @default 1024 */
  extractMb: memoryMb.default(1024),
  /** Memory of the loader, MB. @default 512 */
  loadMb: memoryMb.default(512),
  /** Memory of maintenance, MB. @default 512 */
  maintainMb: memoryMb.default(512),
});

const athena = z.strictObject({
  /**
   * GB that one statement of the pipeline may scan. A statement that reaches it fails, and its stream is no longer loaded, so it is no
   * tool against costs: that is the alarm `spend-of-etl`. @default 7000
   */
  etlCutoffGb: integer(1, 7000).default(7000),
  /** GB that one query of a reader may scan. @default 50 */
  readerCutoffGb: integer(1, 7000).default(50),
});

const alarms = z.strictObject({
  /**
   * E-mail address that receives alarms and budget warnings; AWS asks it to confirm.
   * @default none, only the SNS topic receives them
   */
  email: z.email({ error: 'expected an e-mail address' }).optional(),
  /** An alarm is raised if a stream of an account has had no complete run for this time. @default '2h' */
  staleAfter: duration('5m', '7d').default('2h'),
  /** An alarm is raised if a load leaves a commit that has waited this long. @default '2h' */
  loadLagAfter: duration('5m', '7d').default('2h'),
  /** An alarm is raised at this number of refused values in a day. @default 100 */
  rejectsPerDay: integer(1, 1_000_000_000).default(100),
  /** An alarm is raised if the statements of a workgroup scan more than these GB in a day. @default 200 */
  scannedGbPerDay: integer(1, 1_000_000).default(200),
  /** Monthly budget of the AWS account, USD. A warning is sent at 80 %, and when the forecast exceeds it. @default 50 */
  monthlyBudgetUsd: integer(1, 10_000_000).default(50),
});

/** Who may read health data. */
const phiReader = z.strictObject(
  {
    arn,
    /**
     * Whoever assumes the role must have signed in with a second factor. False for federated roles and services, which cannot say so:
     * then ask for it where they sign in. @default true
     */
    mfa: z.boolean().default(true),
  },
  {
    error:
      "expected { arn: 'arn:aws:iam::111122223333:role/Analysts' }, with mfa: false for a federated role or a service",
  },
);

/** Who may read a stage's tables. */
export const readerSettings = z.strictObject({
  /** ARNs that may assume the role that reads `callhouse`. @default everyone whom the account's IAM policies allow */
  bi: z.array(arn).min(1).optional(),
  /** Who may assume the role that also reads `callhouse_phi`, for an hour at a time. @default none, and there is no such role */
  phi: z.array(phiReader).min(1).optional(),
});

/** All settings of a stage on AWS: those of the pipeline, and those that only AWS has. */
export const stageFields = {
  ...settingsSchema.shape,
  /** Stops a run after this time; the next tick continues. @default '13m' */
  timeLimit: duration('1m', `${LONGEST_RUN_MS / MINUTE_MS}m`).default('13m'),
  /** AWS account to deploy to, 12 digits. @default the account of the CLI */
  awsAccount: z
    .string()
    .regex(/^\d{12}$/, { error: 'expected the 12 digits of an AWS account' })
    .optional(),
  /** Region to deploy to. @default the region of the CLI */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, { error: 'expected a region such as eu-central-1' })
    .optional(),
  /**
   * Name of the safe Glue database; the names of the other two begin with it. Two stages in one account and region need
   * different ones.
   * @default 'callhouse'
   */
  databasePrefix: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,40}$/, {
      error: 'expected a lower-case letter, then at most 40 lower-case letters, digits or _',
    })
    .default('callhouse'),
  retention: retention.prefault({}),
  schedules: schedules.prefault({}),
  memory: memory.prefault({}),
  athena: athena.prefault({}),
  alarms: alarms.prefault({}),
  readers: readerSettings.prefault({}),
  /**
   * Reserves a concurrency of 1 for each Lambda. AWS accounts with the starter quota of 10 cannot do this; the lease alone then
   * keeps copies apart.
   * @default false
   */
  reservedConcurrency: z.boolean().default(false),
  /**
   * What `cdk destroy` does to keys, buckets and tables. Buckets that contain objects are never destroyed.
   * @default 'retain'
   */
  removalPolicy: z.enum(['retain', 'destroy']).default('retain'),
};

/** Name of the stage whose settings apply on one machine, where no Lambda limits a run. */
export const LOCAL_STAGE = 'local';

/** Schema of the setting `sources`, whose keys must be names of sources. */
export function sourcesSetting(names: readonly string[]) {
  const name = z.string().refine((text) => names.includes(text), {
    error: ({ input }) =>
      `there is no such source${didYouMean(String(input), names)}; expected one of ${names.join(', ')}`,
  });
  return z.record(name, settingsSchema.shape.sources.unwrap().valueType).default({});
}

/**
 * Checks a file of stages, including stages that are not used now.
 * @param from the file, as messages name it
 * @param sources names of all sources
 * @throws ConfigError that names every wrong or unknown setting, and what is allowed there
 */
export function checkStages(content: { readonly stages?: unknown }, from: string, sources: readonly string[]): void {
  const fields = { ...stageFields, sources: sourcesSetting(sources) };
  const local = { ...fields, timeLimit: settingsSchema.shape.timeLimit };
  const names = Object.keys(content.stages ?? {});
  const stages = names.map((name) => [name, z.strictObject(name === LOCAL_STAGE ? local : fields)]);
  const schema = z.strictObject({
    $schema: z.unknown().optional(),
    stages: z.strictObject(Object.fromEntries(stages) as Record<string, z.ZodType>),
  });
  const { error } = schema.safeParse(content, { reportInput: true });
  if (!error) return;
  throw new ConfigError(`${from}: ${error.issues.flatMap((issue) => describeSetting(issue, schema)).join('; ')}`);
}
