import { CallhouseError, CredentialsError, StorageError } from '../../errors.ts';
import { describeFault, faultOf, isCredentialFault } from '../sdk-errors.ts';

/** What was being done. */
export type Verb = 'read' | 'write' | 'list' | 'delete';

const REMEDIES: Readonly<Record<string, string>> = {
  NoSuchBucket: 'there is no such bucket; deploy the stage, or name another',
  AccessDenied: 'access is denied; the role needs this action on this prefix, and its bucket lets it in',
  AllAccessDisabled: 'access is denied to everyone; see the AWS account',
  PermanentRedirect: 'it lies in another region; set AWS_REGION to its own',
  AuthorizationHeaderMalformed: 'it lies in another region; set AWS_REGION to its own',
  SlowDown: 'S3 asks to slow down, five times; the next run goes on',
  RequestTimeTooSkewed: "this machine's clock is wrong; set it",
  EntityTooLarge: 'the object is too large',
  InvalidObjectState: 'the object is archived; restore it',
};

/** A failed request as its owner can act on it: the store, the first part of the key, the remedy; no content, no whole key. */
export function s3Error(error: unknown, verb: Verb, store: string, key: string): unknown {
  if (error instanceof CallhouseError) return error;
  const fault = faultOf(error);
  if (fault === undefined) return error;
  const place = `${store} (${key.split('/', 1)[0] || 'all'}/)`;
  if (isCredentialFault(fault))
    return new CredentialsError(
      `cannot ${verb} in ${place}: AWS refuses the credentials; sign in again (${fault.code})`,
    );
  const remedy = isKmsFault(fault.code, fault.message)
    ? 'the encryption key is denied or disabled; the role needs kms:Decrypt and kms:GenerateDataKey on it'
    : (REMEDIES[fault.code] ?? describeFault(fault));
  return new StorageError(
    `cannot ${verb} in ${place}: ${remedy} (${fault.code})`,
    {},
    { cause: withoutText(fault.code) },
  );
}

/** There is no such object. */
export function isMissing(error: unknown): boolean {
  const code = faultOf(error)?.code;
  return code === 'NoSuchKey' || code === 'NotFound';
}

/** The key is taken. */
export function isTaken(error: unknown): boolean {
  return faultOf(error)?.status === 412;
}

/** Another write of the same key is under way; which of them holds is not decided yet. */
export function isConflict(error: unknown): boolean {
  const fault = faultOf(error);
  return fault?.status === 409 && fault.code !== 'BucketAlreadyOwnedByYou';
}

/** The SDK sent it more than once. */
export function wasRetried(error: unknown): boolean {
  return (faultOf(error)?.attempts ?? 1) > 1;
}

function isKmsFault(code: string, message: string): boolean {
  return code.startsWith('KMS') || (code === 'AccessDenied' && /\bkms:/i.test(message));
}

/** The message of AWS may hold the whole key and the role: only the code goes on. */
function withoutText(code: string): Error {
  return new Error(code);
}
