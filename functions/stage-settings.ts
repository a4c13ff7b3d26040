import * as z from 'zod';
import { describeSetting } from './describe-setting.ts';
import { ConfigError } from './errors.ts';
import { didYouMean } from './nearest.ts';
import { settingsSchema } from './settings.ts';
import { durationMs } from './time.ts';

/** Days CloudWatch Logs lets a log group keep its lines. */
const LOG_DAYS = [7, 14, 30, 60, 90, 180, 365, 731, 1827, 3653] as const;
/** A Lambda ends after 15 minutes; the run must have ended by itself before. */
const LONGEST_RUN_MS = 14 * 60_000;

const whole = (min: number, max: number) => {
  const error = `expected a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};
const duration = (min: string, max: string) => {
  const error = `expected a duration from ${min} to ${max}, such as 15m, 6h or 3d`;
  const inRange = (ms: number) => ms >= durationMs(min) && ms <= durationMs(max);
  return z.string({ error }).refine((text) => /^[1-9]\d*[mhd]$/.test(text) && inRange(durationMs(text)), { error });
};
const memoryMb = whole(256, 10_240);
const arn = z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:\S+$/, { error: 'expected the ARN of an IAM user or role' });

const retention = z.strictObject({
  /** Days the vendors' answers are kept as they came; `replay` reaches back as far. @default 365 */
  rawDays: whole(1, 3650).default(365),
  /** Days staged files are kept after they were loaded. @default 30 */
  stagingDays: whole(3, 3650).default(30),
  /** Days results of queries are kept. @default 7 */
  resultsDays: whole(1, 365).default(7),
  /** Days an overwritten or deleted object can be brought back; an erasure is complete only after them. @default 7 */
  noncurrentDays: whole(1, 90).default(7),
  /** Days of logs. @default 90 */
  logDays: z.literal(LOG_DAYS, { error: `expected one of ${LOG_DAYS.join(', ')}` }).default(90),
});

const schedules = z.strictObject({
  /** False leaves the schedules in place but still. @default true */
  enabled: z.boolean().default(true),
  /** @default '15m' */
  extract: duration('1m', '1d').default('15m'),
  /** @default '1h' */
  load: duration('1m', '1d').default('1h'),
  /** Hour of the nightly maintenance, UTC. @default 3 */
  maintainHour: whole(0, 23).default(3),
});

const memory = z.strictObject({
  /** @default 1024 */
  extractMb: memoryMb.default(1024),
  /** @default 512 */
  loadMb: memoryMb.default(512),
  /** @default 512 */
  maintainMb: memoryMb.default(512),
});

const athena = z.strictObject({
  /** GB one statement of the pipeline may scan. @default 10 */
  etlCutoffGb: whole(1, 7000).default(10),
  /** GB one query of a reader may scan. @default 50 */
  readerCutoffGb: whole(1, 7000).default(50),
});

const alarms = z.strictObject({
  /** E-mail that hears of alarms and of the budget; AWS asks it to confirm. @default none, the topic alone */
  email: z.email({ error: 'expected an e-mail address' }).optional(),
  /** Age of the oldest stream of an account that raises the alarm. @default '2h' */
  staleAfter: duration('5m', '7d').default('2h'),
  /** Values refused in a day that raise the alarm. @default 100 */
  rejectsPerDay: whole(1, 1_000_000_000).default(100),
  /** GB all statements of a workgroup may scan in a day before the alarm. @default 200 */
  scannedGbPerDay: whole(1, 1_000_000).default(200),
  /** USD of the AWS account in a month, told at 80 % and when forecast to be passed. @default 50 */
  monthlyBudgetUsd: whole(1, 10_000_000).default(50),
});

const readers = z.strictObject({
  /** ARNs that may assume the role for `callhouse`. @default who the account's own IAM policies let assume it */
  bi: z.array(arn).min(1).optional(),
  /** ARNs that may assume the role for `callhouse_phi` too. @default who the account's own IAM policies let assume it */
  phi: z.array(arn).min(1).optional(),
});

/** Everything a stage on AWS may set: the settings of the pipeline and what only AWS has. */
export const stageFields = {
  ...settingsSchema.shape,
  /** Stops a run after this long, to go on at the next tick. @default '13m' */
  timeLimit: duration('1m', `${LONGEST_RUN_MS / 60_000}m`).default('13m'),
  /** Where to deploy. @default the account and region of the CLI */
  awsAccount: z
    .string()
    .regex(/^\d{12}$/, { error: 'expected the 12 digits of an AWS account' })
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, { error: 'expected a region such as eu-central-1' })
    .optional(),
  /** Name of the safe Glue database, and what the other two begin with. Two stages in one account and region need two. @default 'callhouse' */
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
  readers: readers.prefault({}),
  /** One copy of each Lambda at most. Accounts with the starter quota of 10 cannot; the lease alone then keeps copies apart. @default false */
  reservedConcurrency: z.boolean().default(false),
  /** What `cdk destroy` does to keys, buckets and tables. Buckets that hold anything are never destroyed. @default 'retain' */
  removalPolicy: z.enum(['retain', 'destroy']).default('retain'),
};

/** Stage whose settings are those of this machine, where no Lambda bounds a run. */
export const LOCAL_STAGE = 'local';

/** The setting `sources`, whose keys must be names of sources. */
export function sourcesSetting(names: readonly string[]) {
  const name = z.string().refine((text) => names.includes(text), {
    error: ({ input }) =>
      `there is no such source${didYouMean(String(input), names)}; expected one of ${names.join(', ')}`,
  });
  return z.record(name, settingsSchema.shape.sources.unwrap().valueType).default({});
}

/**
 * Checks a file of stages, those included that nobody asked for.
 * @param from the file, as it is shown
 * @param sources names of all sources
 * @throws ConfigError that names every wrong or unknown setting, and what is allowed there
 */
export function checkStages(content: { readonly stages?: unknown }, from: string, sources: readonly string[]): void {
  const fields = { ...stageFields, sources: sourcesSetting(sources) };
  const here = { ...fields, timeLimit: settingsSchema.shape.timeLimit };
  const names = Object.keys(content.stages ?? {});
  const stages = names.map((name) => [name, z.strictObject(name === LOCAL_STAGE ? here : fields)]);
  const schema = z.strictObject({
    $schema: z.unknown().optional(),
    stages: z.strictObject(Object.fromEntries(stages) as Record<string, z.ZodType>),
  });
  const { error } = schema.safeParse(content, { reportInput: true });
  if (!error) return;
  throw new ConfigError(`${from}: ${error.issues.flatMap((issue) => describeSetting(issue, schema)).join('; ')}`);
}
