import { AthenaClient, type AthenaClientConfig, GetWorkGroupCommand } from '@aws-sdk/client-athena';
import { ConfigError } from '../errors.ts';
import { athenaError } from './athena/athena-error.ts';
import { clientDefaults } from './client-defaults.ts';
import { faultOf } from './sdk-errors.ts';

/**
 * The bucket with the lake of a stage: the one where its workgroup puts results.
 * @throws ConfigError when the stage is not deployed in this account and region
 */
export async function findStageBucket(stage: string, client?: Pick<AthenaClientConfig, 'region'>): Promise<string> {
  const athena = new AthenaClient({ ...clientDefaults('ATHENA'), ...client });
  const name = `callhouse-${stage}-etl`;
  try {
    const { WorkGroup: group } = await athena.send(new GetWorkGroupCommand({ WorkGroup: name }));
    const location = group?.Configuration?.ResultConfiguration?.OutputLocation ?? '';
    const bucket = /^s3:\/\/([^/]+)/.exec(location)?.[1];
    if (bucket !== undefined) return bucket;
    throw new ConfigError(`workgroup ${name} names no place for results; deploy the stage again`);
  } catch (error) {
    if (faultOf(error)?.code !== 'InvalidRequestException') throw athenaError(error);
    throw new ConfigError(
      `stage ${stage} is not deployed in this account and region; deploy it (npm run cdk -- deploy --all -c stage=${stage}), or set AWS_PROFILE and AWS_REGION to where it is`,
    );
  } finally {
    athena.destroy();
  }
}
