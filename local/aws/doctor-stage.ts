import { doctorAws } from '../../functions/aws/doctor/doctor-aws.ts';
import type { Options } from '../commands/command.ts';
import type { Check } from '../commands/doctor/check.ts';
import type { Shell } from '../console/shell.ts';
import { readStage } from './stage.ts';

/** Checks a stage on AWS. */
export async function doctorStage(options: Options, shell: Shell): Promise<readonly Check[]> {
  const { name: stage, region, ...more } = await readStage(options, shell);
  return doctorAws({ ...more, stage, now: Date.now, client: { region } });
}
