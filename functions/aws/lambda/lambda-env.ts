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
});
const warehouseSchema = z.object({
  ...common,
  CALLHOUSE_SOURCES: json(z.record(z.string(), z.array(z.string()).min(1))),
});

/** What every Lambda is told. */
export interface CommonEnv {
  readonly stage: string;
  readonly bucket: string;
  readonly workgroup: string;
  readonly databasePrefix: string;
  readonly settings: Settings;
}

/** What an extractor is told: the names of its account and of its secrets. */
export interface ExtractEnv extends CommonEnv {
  readonly source: string;
  readonly account: string;
  readonly secret: string;
  readonly hashSecret: string;
}

/** What the loader and the maintainer are told. */
export interface WarehouseEnv extends CommonEnv {
  /** Accounts by source. */
  readonly sources: Readonly<Record<string, readonly string[]>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Environment of an extractor. @throws ConfigError that names every variable that is missing or wrong */
export function readExtractEnv(env: Environment = process.env): ExtractEnv {
  const read = parse(extractSchema, env);
  return {
    ...commonOf(read),
    source: read.CALLHOUSE_SOURCE,
    account: read.CALLHOUSE_ACCOUNT,
    secret: read.CALLHOUSE_SECRET,
    hashSecret: read.CALLHOUSE_HASH_SECRET,
  };
}

/** Environment of the loader and the maintainer. @throws ConfigError that names every variable that is missing or wrong */
export function readWarehouseEnv(env: Environment = process.env): WarehouseEnv {
  const read = parse(warehouseSchema, env);
  return { ...commonOf(read), sources: read.CALLHOUSE_SOURCES };
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
  throw new ConfigError(`${wrong.join('; ')}; deploy the stage anew`);
}

/** JSON text, read and then checked. */
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
