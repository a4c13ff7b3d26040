import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import { clientDefaults } from '../client-defaults.ts';
import { readSecret } from './read-secret.ts';

const NAME = 'CALLHOUSE_ERASURE_KEY';

/**
 * The key of the ledger of erased records, which AWS generates at the first deployment and which never changes.
 * @param secret name of the secret; see `erasureSecretName`
 * @throws CredentialsError if the secret does not contain the key
 */
export async function readErasureKey(secret: string, config?: SecretsManagerClientConfig): Promise<string> {
  const client = new SecretsManagerClient({ ...clientDefaults('SECRETS_MANAGER'), ...config });
  return (await readSecret(client, secret, [NAME], {})).text(NAME);
}
