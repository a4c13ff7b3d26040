import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import { checkHashKey, type FoundHashKey } from '../../hash-key.ts';
import { claimHashKey } from '../../lake/hash-key-mark.ts';
import type { Store } from '../../ports.ts';
import { clientDefaults } from '../client-defaults.ts';
import { readSecret } from './read-secret.ts';

const NAME = 'CALLHOUSE_HASH_KEY';

/**
 * The HMAC key of the `_hash` columns.
 * @param secret name of the secret; see `hashSecretName`
 * @throws CredentialsError if the secret does not contain the key; ConfigError if the key is too short
 */
export async function readHashKey(secret: string, config?: SecretsManagerClientConfig): Promise<FoundHashKey> {
  const client = new SecretsManagerClient({ ...clientDefaults('SECRETS_MANAGER'), ...config });
  const key = (await readSecret(client, secret, [NAME], {})).text(NAME);
  const found = {
    key,
    label: `${NAME} in ${secret}`,
    renew: `store a new one (aws secretsmanager put-secret-value --secret-id ${secret} --secret-string "{\\"${NAME}\\":\\"$(openssl rand -hex 32)\\"}")`,
    rotate: 'callhouse rotate-hash-key --aws',
  };
  checkHashKey(found);
  return found;
}

/** The key of a stage, if the hashes in its lake were made with it. @throws as `readHashKey`; ConfigError if they were not */
export async function stageHashKey(store: Store, secret: string, config?: SecretsManagerClientConfig): Promise<string> {
  const found = await readHashKey(secret, config);
  await claimHashKey(store, found);
  return found.key;
}
