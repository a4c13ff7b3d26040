import * as z from 'zod';
import { ConfigError } from '../../errors.ts';
import { parseSettings, type Settings } from '../../settings.ts';

const name = z.string().min(1);
const common = {
  CALLHOUSE_STAGE: name,
  CALLHOUSE_BUCKET: name,
  CALLHOUSE_WORKGROUP: name,
  CALLHOUSE_DATABASE: name.default('callhouse'),
  CALLHOUSE_SETTINGS: json(z.unknown()),
};
const extractSchema = z.object({
  ...common,
  CALLHOUSE_SOURCE: name,
  CALLHOUSE_ACCOUNT: name,
  CALLHOUSE_SECRET: name,
  CALLHOUSE_HASH_SECRET: name,
  CALLHOUSE_ERASURE_SECRET: name,
});
const warehouseSchema = z.object({
  ...common,
  CALLHOUSE_SOURCES: json(z.record(z.string(), z.array(z.string()).min(1))),
});

const maintainSchema = z.object({
  ...warehouseSchema.shape,
  CALLHOUSE_STAGING_DAYS: z.coerce.number().int().min(1),
  CALLHOUSE_SAFE_BUCKET: name.optional(),
});

/** Environment of every Lambda. `infra/` sets it. */
export interface CommonEnv {
  readonly stage: string;
  readonly bucket: string;
  readonly workgroup: string;
  readonly databasePrefix: string;
  readonly settings: Settings;
}

/** Environment of an extractor: its account, and the names of its secrets. */
export interface ExtractEnv extends CommonEnv {
  readonly source: string;
  readonly account: string;
  /** Name of the secret with the account's credentials. */
  readonly secret: string;
  /** Name of the secret with the HMAC key. */
  readonly hashSecret: string;
  readonly erasureSecret: string;
}

/** Environment of the loader. */
export interface WarehouseEnv extends CommonEnv {
  /** Accounts that are extracted, by source. */
  readonly sources: Readonly<Record<string, readonly string[]>>;
}

/** Environment of maintenance. */
export interface MaintainEnv extends WarehouseEnv {
  /** Days for which a staged file is kept after every warehouse has loaded it. */
  readonly stagingDays: number;
  /** Bucket for the manager's page; undefined if none is written. */
  readonly safeBucket: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads an extractor's environment. @throws ConfigError that names every variable that is missing or wrong */
export function readExtractEnv(env: Environment = process.env): ExtractEnv {
  const read = parse(extractSchema, env);
  return {
    ...commonOf(read),
    source: read.CALLHOUSE_SOURCE,
    account: read.CALLHOUSE_ACCOUNT,
    secret: read.CALLHOUSE_SECRET,
    hashSecret: read.CALLHOUSE_HASH_SECRET,
    erasureSecret: read.CALLHOUSE_ERASURE_SECRET,
  };
}

/** Reads the loader's environment. @throws ConfigError that names every variable that is missing or wrong */
export function readWarehouseEnv(env: Environment = process.env): WarehouseEnv {
  const read = parse(warehouseSchema, env);
  return { ...commonOf(read), sources: read.CALLHOUSE_SOURCES };
}

/** Reads the environment of maintenance. @throws ConfigError that names every variable that is missing or wrong */
export function readMaintainEnv(env: Environment = process.env): MaintainEnv {
  const read = parse(maintainSchema, env);
  return {
    ...commonOf(read),
    sources: read.CALLHOUSE_SOURCES,
    stagingDays: read.CALLHOUSE_STAGING_DAYS,
    safeBucket: read.CALLHOUSE_SAFE_BUCKET,
  };
}

function commonOf(read: z.output<z.ZodObject<typeof common>>): CommonEnv {
  return {
    stage: read.CALLHOUSE_STAGE,
    bucket: read.CALLHOUSE_BUCKET,
    workgroup: read.CALLHOUSE_WORKGROUP,
    databasePrefix: read.CALLHOUSE_DATABASE,
    settings: parseSettings(read.CALLHOUSE_SETTINGS, 'CALLHOUSE_SETTINGS'),
  };
}

function parse<T extends z.ZodType>(schema: T, env: Environment): z.output<T> {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => {
    const [variable = 'the environment', ...rest] = path.map(String);
    if (env[variable] === undefined) return `${variable} is not set`;
    return `${[variable, ...rest].join('.')}: ${message}`;
  });
  throw new ConfigError(`${wrong.join('; ')}; deploy the stage again`);
}

/** A schema for JSON text: parses it, then checks the value. */
function json<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'expected JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}
