import { CallhouseError, CredentialsError, StorageError } from '../../errors.ts';
import { describeFault, faultOf, isCredentialFault } from '../sdk-errors.ts';

/** The operation that failed. */
export type Verb = 'read' | 'write' | 'list' | 'delete';

/**
 * What to do, by S3's error code.
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html}
 */
const REMEDIES: Readonly<Record<string, string>> = {
  NoSuchBucket: 'there is no such bucket; deploy the stage, or name another bucket',
  AccessDenied: 'access is denied; the role needs this action on this prefix, and the bucket policy must allow it',
  AllAccessDisabled: 'access is denied to everyone; check the state of the AWS account',
  PermanentRedirect: 'the bucket is in another region; set AWS_REGION to that region',
  AuthorizationHeaderMalformed: 'the bucket is in another region; set AWS_REGION to that region',
  SlowDown: 'S3 asked five times to slow down; no action needed, the next run continues',
  RequestTimeTooSkewed: "this machine's clock is wrong; correct it",
  EntityTooLarge: 'the object is too large',
  InvalidObjectState: 'the object is archived; restore it',
};

/**
 * Turns a failed request into an error that names the store, the first part of the key and the remedy, never content or a
 * complete key.
 * @returns the error to throw; a bug is returned unchanged
 */
export function s3Error(error: unknown, verb: Verb, store: string, key: string): unknown {
  if (error instanceof CallhouseError) return error;
  const fault = faultOf(error);
  if (fault === undefined) return error;
  const place = `${store} (${key.split('/', 1)[0] || 'all'}/)`;
  if (isCredentialFault(fault))
    return new CredentialsError(
      `cannot ${verb} in ${place}: AWS refused the credentials; sign in again (${fault.code})`,
    );
  const remedy = isKmsFault(fault.code, fault.message)
    ? 'access to the encryption key is denied, or the key is disabled; the role needs kms:Decrypt and kms:GenerateDataKey on it'
    : (REMEDIES[fault.code] ?? describeFault(fault));
  return new StorageError(
    `cannot ${verb} in ${place}: ${remedy} (${fault.code})`,
    {},
    { cause: withoutText(fault.code) },
  );
}

/** True if the object does not exist. */
export function isMissing(error: unknown): boolean {
  const code = faultOf(error)?.code;
  return code === 'NoSuchKey' || code === 'NotFound';
}

/** True if the requested bytes begin at or after the object's end. */
export function isBeyondEnd(error: unknown): boolean {
  return faultOf(error)?.code === 'InvalidRange';
}

/** True if the condition of a write failed: the key is taken, or is no longer what it was. */
export function isTaken(error: unknown): boolean {
  return faultOf(error)?.status === 412;
}

/**
 * True if another conditional write of the same key is in progress; S3 has not decided yet which of them succeeds.
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html}
 */
export function isConflict(error: unknown): boolean {
  const fault = faultOf(error);
  return fault?.status === 409 && fault.code !== 'BucketAlreadyOwnedByYou';
}

/** True if the SDK sent the request more than once. */
export function wasRetried(error: unknown): boolean {
  return (faultOf(error)?.attempts ?? 1) > 1;
}

function isKmsFault(code: string, message: string): boolean {
  return code.startsWith('KMS') || (code === 'AccessDenied' && /\bkms:/i.test(message));
}

/** AWS's message may contain the complete key and the role, so only the code is kept. */
function withoutText(code: string): Error {
  return new Error(code);
}
