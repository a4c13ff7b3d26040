import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  type ListObjectVersionsCommandOutput,
  type ObjectIdentifier,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { StorageError } from '../../errors.ts';
import { checkPrefix } from '../../object-key.ts';
import type { Store } from '../../ports.ts';
import { clientDefaults } from '../client-defaults.ts';
import { s3Error } from './s3-error.ts';

/**
 * A store of a whole bucket that can delete what the bucket keeps of replaced and deleted objects: their earlier versions, and the markers
 * of their deletion.
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html}
 */
export function forgettingStore(store: Store, bucket: string, config?: S3ClientConfig): Store {
  const client = new S3Client({ ...clientDefaults('S3'), ...config });
  return {
    ...store,
    async forgetVersions(prefix) {
      try {
        const versions = await oldVersions(client, { Bucket: bucket, Prefix: checkPrefix(prefix) });
        for (let from = 0; from < versions.length; from += AT_ONCE)
          await deleteAll(client, bucket, versions.slice(from, from + AT_ONCE));
      } catch (error) {
        throw s3Error(error, 'delete', store.name, prefix);
      }
    },
  };
}

/** S3 deletes at most so many in one request. */
const AT_ONCE = 1000;

/** Earlier versions and markers of deletion. They are listed before any of them is deleted, because a page begins after the last one of the page before. */
async function oldVersions(
  client: S3Client,
  given: ListObjectVersionsCommandInput,
): Promise<readonly ObjectIdentifier[]> {
  const found: ObjectIdentifier[] = [];
  let input: ListObjectVersionsCommandInput | undefined = given;
  while (input) {
    const page: ListObjectVersionsCommandOutput = await client.send(new ListObjectVersionsCommand(input));
    const earlier = (page.Versions ?? []).filter(({ IsLatest }) => IsLatest !== true);
    for (const { Key, VersionId } of [...earlier, ...(page.DeleteMarkers ?? [])]) found.push({ Key, VersionId });
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    input = page.IsTruncated ? { ...given, KeyMarker, VersionIdMarker } : undefined;
  }
  return found;
}

async function deleteAll(client: S3Client, bucket: string, versions: readonly ObjectIdentifier[]): Promise<void> {
  const { Errors: errors = [] } = await client.send(
    new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [...versions], Quiet: true } }),
  );
  const [error] = errors;
  if (error)
    throw new StorageError(
      `${errors.length} earlier versions of objects in s3://${bucket} could not be deleted (${error.Code ?? 'unknown'}); expected the right s3:DeleteObjectVersion. Deploy the stage again, or ask for it`,
    );
}
