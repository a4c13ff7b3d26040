import * as z from 'zod';
import { extractName } from '../functions/aws/names.ts';
import { describeSetting } from '../functions/describe-setting.ts';
import { ConfigError } from '../functions/errors.ts';
import { checkBaseUrl } from '../functions/http/send.ts';
import { settingsSchema } from '../functions/settings.ts';
import type { Source, StoredSource } from '../functions/source/source.ts';
import { LOCAL_STAGE, sourcesSetting, stageFields } from '../functions/stage-settings.ts';
import { viewFields } from '../functions/view-settings.ts';
import { databasesOf } from '../schemas/derive/databases.ts';

/** The properties of a source that the infrastructure needs. */
export type SourceInfo = StoredSource & Pick<Source, 'credentials'>;

const schemaType = z.strictObject({ stages: z.record(z.string(), z.strictObject(stageFields)) });
/** The settings as a user writes them; everything has a default. */
export type ConfigInput = z.input<typeof schemaType>;
/** Settings of one stage after {@link parseConfig}; `sources` holds every source to deploy, with its accounts. */
export type StageSettings = z.output<typeof schemaType>['stages'][string];

/**
 * Checks and completes all stages. A stage deploys the sources that it names, a source without `accounts` has the account
 * `default`, and `<SOURCE>_BASE_URL` and `<SOURCE>_TOKEN_URL` in the environment override `baseUrl` and `tokenUrl`.
 * @throws ConfigError that names every wrong setting with its value and the accepted values
 */
export function parseConfig(
  input: unknown,
  sources: readonly SourceInfo[],
  env: Readonly<Record<string, string | undefined>> = {},
): Readonly<Record<string, StageSettings>> {
  const schema = configSchema(sources.map(({ name }) => name));
  const parsed = schema.safeParse(input, { reportInput: true });
  if (!parsed.success) {
    throw new ConfigError(
      `callhouse.config.ts: ${parsed.error.issues.flatMap((i) => describeSetting(i, schema)).join('; ')}`,
    );
  }
  checkDatabases(parsed.data.stages, env);
  const stages = Object.entries(parsed.data.stages).map(([stage, settings]) => [
    stage,
    complete(stage, settings, sources, env),
  ]);
  return Object.fromEntries(stages);
}

/**
 * Two stages in one account and region need databases of different names. A stage that names no account or region is deployed to those
 * of the CLI, which the CDK tells in the environment.
 * @throws ConfigError that names two stages which share a database
 */
function checkDatabases(
  stages: Readonly<Record<string, z.output<typeof schemaType>['stages'][string]>>,
  { CDK_DEFAULT_ACCOUNT: cliAccount, CDK_DEFAULT_REGION: cliRegion }: Readonly<Record<string, string | undefined>>,
): void {
  const owners = new Map<string, string>();
  for (const [stage, { awsAccount = cliAccount, region = cliRegion, databasePrefix }] of Object.entries(stages)) {
    if (stage === LOCAL_STAGE) continue;
    for (const database of Object.values(databasesOf(databasePrefix))) {
      const place = `${awsAccount}/${region}/${database}`;
      const owner = owners.get(place) ?? stage;
      owners.set(place, owner);
      if (owner === stage) continue;
      throw new ConfigError(
        `callhouse.config.ts: the stages ${owner} and ${stage} would both have the database ${database} in the same AWS account and region; give ${stage} another databasePrefix, such as '${databasePrefix}_${stage}', or another awsAccount or region`,
      );
    }
  }
}
/** Settings of the pipeline that concern files on one machine; on AWS, lifecycle rules expire objects. */
const ON_ONE_MACHINE = new Set(['retention', 'publish', 'report', 'group']);

/** Settings for a Lambda: those of the pipeline, with the given source as one of its accounts has it. The loader and the maintenance need none. */
export function pipelineSettings(settings: StageSettings, source?: string): Record<string, unknown> {
  // A Lambda makes no views, and its environment has room for 4 kB.
  const all = Object.keys(settingsSchema.shape) as (keyof typeof settingsSchema.shape)[];
  const names = all.filter((name) => !ON_ONE_MACHINE.has(name) && !(name in viewFields) && name !== 'sources');
  const kept = Object.fromEntries(names.map((name) => [name, settings[name]]));
  return { ...kept, sources: source ? { [source]: shareOf(settings.sources[source]) } : {} };
}

/** The Lambdas of a source's accounts run at the same time, so each gets an equal share of the rate. */
function shareOf(settings: StageSettings['sources'][string] = {}): StageSettings['sources'][string] {
  const { maxRps, accounts = [] } = settings;
  return maxRps === undefined || accounts.length === 0 ? settings : { ...settings, maxRps: maxRps / accounts.length };
}

/** Newest closed days that a Lambda gets: its environment has room for 4 kB, and the page only shades them. */
const CLOSED_DAYS = 40;

/** Settings of the maintenance: those of the pipeline and, if it writes the manager's page, those of the page and of the views. */
export function maintainSettings(settings: StageSettings): Record<string, unknown> {
  const pipeline = pipelineSettings(settings);
  if (!settings.report?.publish) return pipeline;
  const { report, closedDays, sources } = settings;
  const ofSources = Object.entries(sources).map(([name, { ownUserIds, costCurrency }]) => [
    name,
    { ownUserIds, costCurrency },
  ]);
  const ofViews = Object.fromEntries(
    Object.keys(viewFields).map((name) => [name, settings[name as keyof typeof viewFields]]),
  );
  const newest = closedDays && [...closedDays].sort().slice(-CLOSED_DAYS);
  return { ...pipeline, ...ofViews, sources: Object.fromEntries(ofSources), report, closedDays: newest };
}

/** Every account of every source that the stage extracts. */
export function accountsOf({
  sources,
}: StageSettings): readonly { readonly source: string; readonly account: string }[] {
  return Object.entries(sources).flatMap(([source, { accounts = [] }]) =>
    accounts.map((account) => ({ source, account })),
  );
}

function configSchema(sources: readonly string[]) {
  const stage = z
    .string()
    .regex(/^[a-z][a-z0-9]{0,11}$/, { error: 'expected a lower-case letter, then at most 11 letters or digits' });
  return z.strictObject({
    stages: z.record(stage, z.strictObject({ ...stageFields, sources: sourcesSetting(sources) })),
  });
}

function complete(
  stage: string,
  settings: StageSettings,
  known: readonly SourceInfo[],
  env: Readonly<Record<string, string | undefined>>,
): StageSettings {
  const names = Object.keys(settings.sources);
  // A source that somebody adds to the repository must not add Lambdas, secrets and costs to every stage.
  if (names.length === 0)
    throw new ConfigError(
      `callhouse.config.ts: stages.${stage}.sources names none; expected the sources to deploy, such as { kalem: {} }, of ${known.map(({ name }) => name).join(', ')}`,
    );
  const sources = Object.fromEntries(
    names.map((name) => [name, completeSource(stage, name, settings.sources[name], env)]),
  );
  return { ...settings, sources };
}

function completeSource(
  stage: string,
  name: string,
  given: StageSettings['sources'][string] = {},
  env: Readonly<Record<string, string | undefined>>,
): StageSettings['sources'][string] {
  const accounts = [...new Set(given.accounts ?? ['default'])];
  for (const account of accounts) {
    const full = extractName(stage, name, account);
    if (full.length <= 64) continue;
    throw new ConfigError(
      `stages.${stage}.sources.${name}.accounts has ${JSON.stringify(account)}: the Lambda's name ${full} would have ${full.length} characters; shorten the account so that it has at most 64`,
    );
  }
  const place = `stages.${stage}.sources.${name}`;
  const read = (setting: 'baseUrl' | 'tokenUrl', variable: string) => {
    const override = env[variable];
    const address = override || given[setting];
    const checked = address && checkBaseUrl(address, override ? variable : `${place}.${setting}`, { source: name });
    // A credential in the path of an address of tokens stands between braces, which a checked address has encoded.
    return setting === 'baseUrl' ? checked : address;
  };
  const baseUrl = read('baseUrl', `${name.toUpperCase()}_BASE_URL`);
  const tokenUrl = read('tokenUrl', `${name.toUpperCase()}_TOKEN_URL`);
  return { ...given, accounts, ...(baseUrl && { baseUrl }), ...(tokenUrl && { tokenUrl }) };
}
