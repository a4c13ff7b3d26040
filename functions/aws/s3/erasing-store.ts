import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  type ListObjectVersionsCommandOutput,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { Store } from '../../ports.ts';
import { clientDefaults } from '../client-defaults.ts';
import { s3Error } from './s3-error.ts';

/**
 * A store that keeps nothing of what it replaces or deletes: after each, it deletes the earlier versions of the object, and the marker
 * of its deletion.
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html}
 */
export function erasingStore(store: Store, bucket: string, config?: S3ClientConfig): Store {
  const client = new S3Client({ ...clientDefaults('S3'), ...config });
  const forget = (key: string) => deleteOldVersions(client, { bucket, key, name: store.name });
  return {
    ...store,
    async put(key, body, options) {
      const isWritten = await store.put(key, body, options);
      if (options?.replace) await forget(key);
      return isWritten;
    },
    async delete(key) {
      await store.delete(key);
      await forget(key);
    },
  };
}

interface Place {
  readonly bucket: string;
  readonly key: string;
  readonly name: string;
}

async function deleteOldVersions(client: S3Client, { bucket, key, name }: Place): Promise<void> {
  try {
    for (const version of await oldVersions(client, { Bucket: bucket, Prefix: key }))
      if (version.Key === key) await client.send(new DeleteObjectCommand({ Bucket: bucket, ...version }));
  } catch (error) {
    throw s3Error(error, 'delete', name, key);
  }
}

/** Earlier versions of the objects whose keys begin so, and markers of deletion. They are listed before any of them is deleted. */
async function oldVersions(client: S3Client, given: ListObjectVersionsCommandInput) {
  const found: { readonly Key: string | undefined; readonly VersionId: string | undefined }[] = [];
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
