import * as z from 'zod';
import { checkRegion } from '../../functions/aws/check-region.ts';
import type { DoctorOptions } from '../../functions/aws/doctor/doctor-check.ts';
import { ConfigError } from '../../functions/errors.ts';
import { didYouMean } from '../../functions/nearest.ts';
import { describeIssue, parseSettings, type Settings } from '../../functions/settings.ts';
import { type BrokenSource, loadSources } from '../../functions/source/registry.ts';
import type { Source } from '../../functions/source/source.ts';
import { readerSettings, stageFields } from '../../functions/stage-settings.ts';
import type { Options } from '../commands/command.ts';
import { readText } from '../commands/read-option.ts';
import type { Shell } from '../console/shell.ts';
import { keepPipelineSettings, readConfigContent, stagesIn } from '../settings/config-file.ts';
import { quietSdk } from './quiet-sdk.ts';

/** A stage on AWS, from its settings. */
export interface Stage {
  readonly name: string;
  /** Settings of the pipeline; `sources` lists what the stage extracts, with its accounts. */
  readonly settings: Settings;
  readonly databasePrefix: string;
  readonly region: string;
  /** Who may read health data. */
  readonly phiReaders: DoctorOptions['phiReaders'];
  /** Most memory of a Lambda, MB. */
  readonly memoryMb: number;
  /** Whether each Lambda reserves an execution. */
  readonly reservedConcurrency: boolean;
  /** All known sources. */
  readonly sources: readonly Source[];
  /** Sources that the stage names, and whose declaration is wrong. */
  readonly broken: readonly BrokenSource[];
  /** Accounts of the sources that the stage extracts. */
  readonly accounts: Readonly<Record<string, readonly string[]>>;
}

/** Settings of the stacks that the command line needs; synth checks the others. */
const awsFields = z.looseObject({
  databasePrefix: z.string().default('callhouse'),
  region: z.string().optional(),
  readers: readerSettings.prefault({}),
  memory: stageFields.memory,
  reservedConcurrency: stageFields.reservedConcurrency,
});

/**
 * The stage of `--stage`, from `callhouse.config.ts` (or `--config`); without such a file, one of all defaults.
 * @throws ConfigError
 */
export async function readStage(options: Options, { cwd }: Pick<Shell, 'cwd'>): Promise<Stage> {
  quietSdk();
  const name = readText(options, 'stage') ?? 'dev';
  const { from, given } = await readGiven(name, readText(options, 'config'), cwd);
  const fields = awsFields.safeParse(given);
  if (!fields.success) throw new ConfigError(`${from}: ${fields.error.issues.map(describeIssue).join('; ')}`);
  const { databasePrefix, region, readers, memory, reservedConcurrency } = fields.data;
  const settings = parseSettings(keepPipelineSettings(given), from);
  const { sources, broken } = await loadSources();
  const named = Object.keys(settings.sources);
  const deployed = sources.filter(({ name: source }) => named.length === 0 || named.includes(source));
  const complete = deployed.map(({ name: source }) => {
    const own = settings.sources[source];
    return [source, { ...own, accounts: own?.accounts ?? ['default'] }] as const;
  });
  return {
    name,
    settings: { ...settings, sources: Object.fromEntries(complete) },
    databasePrefix,
    region: await checkRegion(region),
    phiReaders: readers.phi,
    memoryMb: Math.max(...Object.values(memory)),
    reservedConcurrency,
    sources,
    broken: broken.filter(({ name: source }) => named.includes(source)),
    accounts: Object.fromEntries(complete.map(([source, { accounts }]) => [source, accounts])),
  };
}

async function readGiven(name: string, file: string | undefined, cwd: string) {
  const found = await readConfigContent(file, cwd);
  if (!found) {
    if (!/^[a-z][a-z0-9]{0,11}$/.test(name))
      throw new ConfigError(
        '--stage is not a valid name: expected a lower-case letter, then at most 11 letters or digits',
      );
    return { from: 'settings', given: {} };
  }
  const stages = await stagesIn(found);
  const given = stages?.[name];
  if (stages && given) return { from: `${found.name}, stage ${name}`, given };
  if (!stages) throw new ConfigError(`${found.name} describes no stages on AWS; expected { stages: { … } }`);
  const known = Object.keys(stages);
  throw new ConfigError(
    `${found.name} has no stage ${JSON.stringify(name)}${didYouMean(name, known)}; expected one of ${known.join(', ')}`,
  );
}
