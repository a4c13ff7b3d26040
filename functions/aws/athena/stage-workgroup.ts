import { AthenaClient, type AthenaClientConfig, GetWorkGroupCommand } from '@aws-sdk/client-athena';
import { ConfigError } from '../../errors.ts';
import { clientDefaults } from '../client-defaults.ts';
import { workgroupName } from '../names.ts';
import { faultOf } from '../sdk-errors.ts';
import { athenaError } from './athena-error.ts';

/** The pipeline's own workgroup of a stage. */
export interface StageWorkgroup {
  readonly name: string;
  readonly isEnabled: boolean;
  /** The bucket with the stage's lake, which is where the workgroup writes its results; undefined if it names none. */
  readonly bucket: string | undefined;
}

/** Looks the workgroup up. @throws whatever the SDK throws, so that each caller can give its own remedy */
export async function getStageWorkgroup(athena: AthenaClient, stage: string): Promise<StageWorkgroup> {
  const name = workgroupName(stage, 'etl');
  const { WorkGroup: group } = await athena.send(new GetWorkGroupCommand({ WorkGroup: name }));
  const location = group?.Configuration?.ResultConfiguration?.OutputLocation ?? '';
  return { name, isEnabled: group?.State !== 'DISABLED', bucket: /^s3:\/\/([^/]+)/.exec(location)?.[1] };
}

/** The command that deploys a stage. */
export function deployCommand(stage: string): string {
  return `npm run cdk -- deploy --all -c stage=${stage}`;
}

/**
 * Finds the bucket with the lake of a stage.
 * @throws ConfigError if the stage is not deployed in this account and region
 */
export async function findStageBucket(stage: string, client?: Pick<AthenaClientConfig, 'region'>): Promise<string> {
  const athena = new AthenaClient({ ...clientDefaults('ATHENA'), ...client });
  try {
    const { name, bucket } = await getStageWorkgroup(athena, stage);
    if (bucket !== undefined) return bucket;
    throw new ConfigError(
      `workgroup ${name} has no output location; expected one in the lake bucket: deploy the stage again (${deployCommand(stage)})`,
    );
  } catch (error) {
    // Athena's answer for a workgroup that does not exist.
    if (faultOf(error)?.code !== 'InvalidRequestException') throw athenaError(error);
    throw new ConfigError(
      `stage ${stage} is not deployed in this account and region; deploy it (${deployCommand(stage)}), or set AWS_PROFILE and AWS_REGION to where it is`,
    );
  } finally {
    athena.destroy();
  }
}
