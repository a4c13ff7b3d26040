import {
  GetSecretValueCommand,
  SecretsManagerClient,
  type SecretsManagerClientConfig,
} from '@aws-sdk/client-secrets-manager';
import { CredentialsError } from '../../errors.ts';
import type { ErrorContext, Secrets } from '../../ports.ts';
import { clientDefaults } from '../client-defaults.ts';
import { faultOf } from '../sdk-errors.ts';

/** What stands for a credential until its owner puts it in. */
export const PLACEHOLDER = 'REPLACE_ME';
/** What may stand in an HTTP header whatever sends it: printable ASCII. */
const PRINTABLE = /^[\x20-\x7e]*$/;

/** Which secrets are read, and how. */
export interface SecretsOptions {
  /** Name of the secret of one account; see {@link credentialsSecret}. */
  readonly nameOf: (source: string, account: string) => string;
  /** Of the client: region, endpoint, credentials. @default the environment's */
  readonly client?: SecretsManagerClientConfig;
}

/** Name of the secret with the credentials of one account. */
export function credentialsSecret(stage: string, source: string, account: string): string {
  return `callhouse/${stage}/${source}/${account}`;
}

/** Credentials from Secrets Manager: a secret per account, JSON by the names of the environment variables. */
export function awsSecrets({ nameOf, client: config }: SecretsOptions): Secrets {
  const client = new SecretsManagerClient({ ...clientDefaults('SECRETS_MANAGER'), ...config });
  return {
    async read(source, account, names, optional = []) {
      const secret = nameOf(source, account);
      const where = { source, account };
      const held = await readSecret(client, secret, names, where);
      const given = optional.filter((name) => held[name] !== undefined && held[name] !== '');
      return Object.fromEntries([...names, ...given].map((name) => [name, check(held[name], name, secret, where)]));
    },
  };
}

/** The key of the `_hash` columns. @throws CredentialsError when its secret does not hold it */
export async function readHashKey(secret: string, config?: SecretsManagerClientConfig): Promise<string> {
  const client = new SecretsManagerClient({ ...clientDefaults('SECRETS_MANAGER'), ...config });
  const name = 'CALLHOUSE_HASH_KEY';
  return check((await readSecret(client, secret, [name], {}))[name], name, secret, {});
}

async function readSecret(
  client: SecretsManagerClient,
  secret: string,
  names: readonly string[],
  where: ErrorContext,
): Promise<Readonly<Record<string, unknown>>> {
  const { SecretString: text = '' } = await client
    .send(new GetSecretValueCommand({ SecretId: secret }))
    .catch((error: unknown) => {
      const code = faultOf(error)?.code;
      if (code === undefined) throw error;
      throw new CredentialsError(
        `secret ${secret} (${names.join(', ')}) ${REASONS[code] ?? 'cannot be read'} (${code})`,
        where,
      );
    });
  const held = parseObject(text);
  if (held) return held;
  const example = JSON.stringify(Object.fromEntries(names.map((name) => [name, '…'])));
  throw new CredentialsError(`secret ${secret} holds no JSON object; expected ${example}`, where);
}

const REASONS: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'is not there; deploy the stage, or make it',
  AccessDeniedException:
    'may not be read; the role needs secretsmanager:GetSecretValue on it and kms:Decrypt on its key',
  DecryptionFailure: 'cannot be decrypted; the role needs kms:Decrypt on its key',
};

function check(value: unknown, name: string, secret: string, where: ErrorContext): string {
  const at = `${name} in ${secret}`;
  if (typeof value !== 'string' || value === '') throw new CredentialsError(`${at} is not set; put it in`, where);
  if (value.trim() === PLACEHOLDER) {
    throw new CredentialsError(
      `${at} is still the placeholder; put the vendor's in: ${putCommand(secret, name)}`,
      where,
    );
  }
  if (value !== value.trim())
    throw new CredentialsError(`${at} begins or ends with white space; put it in without`, where);
  if (PRINTABLE.test(value)) return value;
  throw new CredentialsError(
    `${at} holds a line break or another character that no credential has; put it in anew`,
    where,
  );
}

/** The command that puts a credential into its secret. */
export function putCommand(secret: string, ...names: readonly string[]): string {
  const json = JSON.stringify(Object.fromEntries(names.map((name) => [name, '…'])));
  return `aws secretsmanager put-secret-value --secret-id ${secret} --secret-string '${json}'`;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return { ...value };
  } catch {
    return undefined;
  }
}
