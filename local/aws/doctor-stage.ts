import { doctorAws } from '../../functions/aws/doctor/doctor-aws.ts';
import type { Options } from '../commands/command.ts';
import type { Shell } from '../console/shell.ts';
import type { Check } from '../doctor/check.ts';
import { readStage } from './stage.ts';

/** What a stage on AWS still needs. */
export async function doctorStage(options: Options, shell: Shell): Promise<readonly Check[]> {
  const { name: stage, region, sources, accounts, databasePrefix } = await readStage(options, shell);
  return doctorAws({ stage, sources, accounts, databasePrefix, now: Date.now, client: { region } });
}
