import { checkRegion } from '../../functions/aws/check-region.ts';
import { s3Store } from '../../functions/aws/s3/s3-store.ts';
import { ConfigError } from '../../functions/errors.ts';
import type { Store } from '../../functions/ports.ts';
import { quietSdk } from './quiet-sdk.ts';

const URL_SHAPE = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([A-Za-z0-9._=-]+(?:\/[A-Za-z0-9._=-]+)*))?$/;

/** The store at `s3://bucket` or `s3://bucket/prefix`, with the credentials and region of the AWS CLI. @throws ConfigError */
export async function bucketStore(url: string): Promise<Store> {
  quietSdk();
  const match = URL_SHAPE.exec(url);
  if (!match || url.includes('..')) {
    throw new ConfigError(
      '--data-dir is not a valid bucket: expected s3://bucket or s3://bucket/prefix, with letters, digits and ._=- between slashes',
    );
  }
  const [, bucket = '', prefix] = match;
  return s3Store({ bucket, prefix, client: { region: await checkRegion() } });
}
