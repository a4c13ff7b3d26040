import { setTimeout as wait } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { StorageError } from '../../errors.ts';
import { checkKey, checkPrefix } from '../../object-key.ts';
import type { ByteRange, PutOptions, Store } from '../../ports.ts';
import { clientDefaults } from '../client-defaults.ts';
import { isBeyondEnd, isConflict, isMissing, isTaken, s3Error, type Verb, wasRetried } from './s3-error.ts';

/** Where the objects are, and how they are written. */
export interface S3Options {
  readonly bucket: string;
  /** Put before every key; no slash at either end. @default none, the store uses the complete bucket */
  readonly prefix?: string | undefined;
  /** Id or ARN of the key that encrypts new objects. @default the bucket's own setting */
  readonly kmsKeyId?: string;
  /** Region, endpoint and credentials of the client. @default those of the environment */
  readonly client?: S3ClientConfig | undefined;
  /** @default a timer */
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** Number of tries for failures that the SDK does not retry: conflicting writes, and bodies that end early. */
const TRIES = 6;
const PAUSE_MS = 50;

/** A bucket, or a prefix of it. */
interface Place {
  readonly client: S3Client;
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly base: string;
  readonly name: string;
  readonly encryption: Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId'>;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/**
 * The store port on S3. Keys are created with `If-None-Match: *`, and given bytes replaced with `If-Match`, so of several writers at the
 * same time exactly one succeeds.
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html}
 */
export function s3Store({ bucket, prefix = '', kmsKeyId, client: config, sleep = wait }: S3Options): Store {
  const place: Place = {
    client: new S3Client({ ...clientDefaults('S3'), ...config }),
    bucket,
    base: prefix === '' ? '' : `${checkKey(prefix)}/`,
    name: `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`,
    encryption: kmsKeyId === undefined ? {} : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId },
    sleep,
  };
  return {
    name: place.name,
    get: async (key, range) => within(place, 'read', checkKey(key), () => getObject(place, key, range)),
    put: async (key, body, { replace } = {}) =>
      within(place, 'write', checkKey(key), () => putObject(place, key, body, replace)),
    async *list(start, { after = '' } = {}) {
      yield* listKeys(place, checkPrefix(start), after);
    },
    delete: async (key) => {
      const remove = () => place.client.send(new DeleteObjectCommand(addressOf(place, key)));
      await within(place, 'delete', checkKey(key), remove);
    },
  };
}

function addressOf({ bucket, base }: Place, key: string) {
  return { Bucket: bucket, Key: `${base}${key}` };
}

async function within<T>({ name }: Place, verb: Verb, key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw s3Error(error, verb, name, key);
  }
}

/** Repeats `work`, with growing pauses, while `again` says that its error may pass. */
async function persist<T>({ sleep }: Place, work: () => Promise<T>, again: (error: unknown) => boolean): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work();
    } catch (error) {
      if (tried === TRIES || !again(error)) throw error;
      await sleep(PAUSE_MS * 2 ** tried);
    }
  }
}

async function getObject(place: Place, key: string, range?: ByteRange): Promise<Uint8Array | undefined> {
  const held = await getTagged(place, key, range);
  return held && (range ? held.bytes.subarray(0, Math.max(0, range.to - range.from)) : held.bytes);
}

/** An object's bytes, and the tag that S3 gives them. */
interface Tagged {
  readonly bytes: Uint8Array;
  readonly tag: string | undefined;
}

async function getTagged(place: Place, key: string, range?: ByteRange): Promise<Tagged | undefined> {
  const read = async () => {
    const input = { ...addressOf(place, key), ...(range && { Range: headerOf(range) }) };
    const { Body: body, ETag: tag } = await place.client.send(new GetObjectCommand(input));
    return { bytes: body ? await body.transformToByteArray() : new Uint8Array(), tag };
  };
  try {
    return await persist(place, read, isBrokenOff);
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (isBeyondEnd(error)) return { bytes: new Uint8Array(), tag: undefined };
    throw error;
  }
}

/** The `Range` header includes both ends, so it cannot ask for nothing: one byte is requested, and dropped. */
function headerOf({ from, to }: ByteRange): string {
  return `bytes=${from}-${Math.max(from, to - 1)}`;
}

/** What must hold of the object that is there, if S3 is to write. */
type Condition = Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>;

async function putObject(
  place: Place,
  key: string,
  body: Uint8Array,
  replace: PutOptions['replace'] = false,
): Promise<boolean> {
  if (replace === false) return sendIf(place, key, body, { IfNoneMatch: '*' });
  if (replace === true) return sendIf(place, key, body, {});
  const held = await getTagged(place, key);
  if (held?.tag === undefined || Buffer.compare(held.bytes, replace) !== 0) return false;
  return sendIf(place, key, body, { IfMatch: held.tag });
}

/** @returns false if the condition does not hold */
async function sendIf(place: Place, key: string, body: Uint8Array, condition: Condition): Promise<boolean> {
  let tries = 0;
  const send = () => {
    tries += 1;
    return sendObject(place, key, body, condition);
  };
  try {
    await persist(place, send, isConflict);
    return true;
  } catch (error) {
    if (condition.IfMatch !== undefined && isMissing(error)) return false;
    if (!isTaken(error)) throw error;
    // After a lost answer, a retry finds the object that it wrote itself. Two competing writers never write the same bytes.
    const repeated = tries > 1 || wasRetried(error);
    return repeated && Buffer.compare((await getObject(place, key)) ?? Buffer.of(), body) === 0;
  }
}

async function sendObject(place: Place, key: string, body: Uint8Array, condition: Condition) {
  const type = key.endsWith('.html') ? { ContentType: 'text/html; charset=utf-8' } : {};
  const content = { Body: body, ContentLength: body.byteLength, ...type };
  const input = { ...addressOf(place, key), ...place.encryption, ...content, ...condition };
  await place.client.send(new PutObjectCommand(input));
}

async function* listKeys(place: Place, prefix: string, after: string): AsyncGenerator<string> {
  const { client, bucket, base, name } = place;
  let token: string | undefined;
  do {
    const input = {
      Bucket: bucket,
      Prefix: `${base}${prefix}`,
      StartAfter: token === undefined && after !== '' ? `${base}${after}` : undefined,
      ContinuationToken: token,
    };
    const page = await within(place, 'list', prefix, () => client.send(new ListObjectsV2Command(input)));
    for (const { Key: key } of page.Contents ?? []) if (key !== undefined) yield key.slice(base.length);
    if (page.IsTruncated && page.NextContinuationToken === token)
      throw new StorageError(`${name} returned the same page of its listing twice; expected the next page`);
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

/** True if the body ended early or did not match its checksum. The SDK does not retry that, because the answer had begun. */
function isBrokenOff(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ('code' in error && error.code === 'ECONNRESET') || /aborted|premature|terminated|checksum/i.test(error.message)
  );
}
