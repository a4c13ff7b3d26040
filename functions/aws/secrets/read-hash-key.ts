import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import { clientDefaults } from '../client-defaults.ts';
import { readSecret } from './read-secret.ts';

const NAME = 'CALLHOUSE_HASH_KEY';

/**
 * The HMAC key of the `_hash` columns.
 * @param secret name of the secret; see `hashSecretName`
 * @throws CredentialsError if the secret does not contain the key
 */
export async function readHashKey(secret: string, config?: SecretsManagerClientConfig): Promise<string> {
  const client = new SecretsManagerClient({ ...clientDefaults('SECRETS_MANAGER'), ...config });
  return (await readSecret(client, secret, [NAME], {})).text(NAME);
}
