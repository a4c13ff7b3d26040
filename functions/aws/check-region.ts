import { S3Client } from '@aws-sdk/client-s3';
import { ConfigError } from '../errors.ts';
import { clientDefaults } from './client-defaults.ts';

/** The region that was given, or that of the environment or the profile. @throws ConfigError where there is none */
export async function checkRegion(region?: string): Promise<string> {
  const client = new S3Client({ ...clientDefaults('S3'), region });
  try {
    return await client.config.region();
  } catch {
    throw new ConfigError('no AWS region is known; set AWS_REGION, or `region` in your AWS profile');
  } finally {
    client.destroy();
  }
}
