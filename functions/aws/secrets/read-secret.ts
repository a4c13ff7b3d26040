import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { checkCredential } from '../../credential-text.ts';
import { CredentialsError, StorageError } from '../../errors.ts';
import type { ErrorContext } from '../../ports.ts';
import { PLACEHOLDER } from '../names.ts';
import { describeFault, faultOf, isCredentialFault, isThrottled, type SdkFault } from '../sdk-errors.ts';

/** One secret of Secrets Manager: a JSON object of texts. */
export interface SecretContent {
  /** Names of the texts that are set. */
  readonly has: (name: string) => boolean;
  /**
   * @throws CredentialsError if the text is not set, still the placeholder, or damaged; it names the secret, never the value
   */
  readonly text: (name: string) => string;
}

/**
 * Reads a secret afresh.
 * @param names the texts that the caller needs, which messages list
 * @throws CredentialsError if the secret may not be read or is not a JSON object; StorageError if AWS does not answer for now
 */
export async function readSecret(
  client: SecretsManagerClient,
  secret: string,
  names: readonly string[],
  context: ErrorContext,
): Promise<SecretContent> {
  const { SecretString: json = '' } = await client
    .send(new GetSecretValueCommand({ SecretId: secret }))
    .catch((error: unknown) => {
      const fault = faultOf(error);
      throw fault ? failureOf(fault, `secret ${secret} (${names.join(', ')})`, context) : error;
    });
  const texts = parseObject(json);
  if (!texts) throw new CredentialsError(`secret ${secret} is not a JSON object; expected ${formOf(names)}`, context);
  return {
    has: (name) => texts[name] !== undefined && texts[name] !== '',
    text: (name) => checkText(texts[name], name, secret, context),
  };
}

/** A failure that may pass says nothing about the credentials: it must not look like ones that a vendor refuses. */
function failureOf(fault: SdkFault, secret: string, context: ErrorContext): CredentialsError | StorageError {
  const { code, status } = fault;
  if (isThrottled(fault) || (status === 0 && !isCredentialFault(fault)) || status >= 500)
    return new StorageError(`${secret} cannot be read now: ${describeFault(fault)} (${code})`, context);
  const otherwise = isCredentialFault(fault) ? 'cannot be read: AWS refused the credentials; sign in again' : undefined;
  return new CredentialsError(`${secret} ${REASONS[code] ?? otherwise ?? 'cannot be read'} (${code})`, context);
}

const REASONS: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'does not exist; deploy the stage, or create the secret',
  AccessDeniedException:
    'may not be read; the role needs secretsmanager:GetSecretValue on it and kms:Decrypt on its key',
  DecryptionFailure: 'cannot be decrypted; the role needs kms:Decrypt on its key',
  InvalidRequestException:
    'cannot be read; if it is scheduled for deletion, restore it (aws secretsmanager restore-secret --secret-id …)',
};

function checkText(value: unknown, name: string, secret: string, context: ErrorContext): string {
  const label = `${name} in ${secret}`;
  const remedy = `store the vendor's: ${putCommand(secret, name)}`;
  if (typeof value !== 'string' || value === '') throw new CredentialsError(`${label} is not set; ${remedy}`, context);
  if (value.trim() === PLACEHOLDER) throw new CredentialsError(`${label} is still the placeholder; ${remedy}`, context);
  return checkCredential(value, label, 'store it again without', context);
}

/** The command that stores a credential. */
function putCommand(secret: string, name: string): string {
  return `aws secretsmanager put-secret-value --secret-id ${secret} --secret-string '${formOf([name])}'`;
}

function formOf(names: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, '…'])));
}

function parseObject(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return { ...value };
  } catch {
    return undefined;
  }
}
