import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { checkCredential } from '../../credential-text.ts';
import { CredentialsError } from '../../errors.ts';
import type { ErrorContext } from '../../ports.ts';
import { PLACEHOLDER } from '../names.ts';
import { faultOf } from '../sdk-errors.ts';

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
 * @throws CredentialsError if the secret cannot be read or is not a JSON object
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
      const code = faultOf(error)?.code;
      if (code === undefined) throw error;
      const reason = REASONS[code] ?? 'cannot be read';
      throw new CredentialsError(`secret ${secret} (${names.join(', ')}) ${reason} (${code})`, context);
    });
  const texts = parseObject(json);
  if (!texts) throw new CredentialsError(`secret ${secret} is not a JSON object; expected ${formOf(names)}`, context);
  return {
    has: (name) => texts[name] !== undefined && texts[name] !== '',
    text: (name) => checkText(texts[name], name, secret, context),
  };
}

const REASONS: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'does not exist; deploy the stage, or create the secret',
  AccessDeniedException:
    'may not be read; the role needs secretsmanager:GetSecretValue on it and kms:Decrypt on its key',
  DecryptionFailure: 'cannot be decrypted; the role needs kms:Decrypt on its key',
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
