import { athenaEngine } from '../../functions/aws/athena/athena-engine.ts';
import { workgroupName } from '../../functions/aws/names.ts';
import type { Log } from '../../functions/ports.ts';
import type { Shell } from '../console/shell.ts';
import type { Stage } from './stage.ts';

/** Athena with the workgroup of a stage's loader, which may change the tables. */
export function stageEngine(
  { name, region, databasePrefix }: Pick<Stage, 'name' | 'region' | 'databasePrefix'>,
  { signal }: Pick<Shell, 'signal'>,
  log: Log,
) {
  return athenaEngine({ workgroup: workgroupName(name, 'etl'), databasePrefix, client: { region }, log, signal });
}
