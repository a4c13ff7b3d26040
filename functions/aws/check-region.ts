import { S3Client } from '@aws-sdk/client-s3';
import { ConfigError } from '../errors.ts';
import { clientDefaults } from './client-defaults.ts';

/** The given region, or that of the environment or profile. @throws ConfigError if there is none */
export async function checkRegion(region?: string): Promise<string> {
  const client = new S3Client({ ...clientDefaults('S3'), ...(region === undefined ? {} : { region }) });
  try {
    return await client.config.region();
  } catch {
    throw new ConfigError('no AWS region is set; set AWS_REGION, or `region` in your AWS profile');
  } finally {
    client.destroy();
  }
}
