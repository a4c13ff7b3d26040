import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import type { Secrets } from '../../ports.ts';
import { clientDefaults } from '../client-defaults.ts';
import { readSecret } from './read-secret.ts';

/** Which secrets to read, and how. */
export interface SecretsOptions {
  /** Name of the secret with the credentials of one account; see `credentialsSecretName`. */
  readonly nameOf: (source: string, account: string) => string;
  /** Region, endpoint and credentials of the client. @default those of the environment */
  readonly client?: SecretsManagerClientConfig | undefined;
}

/** Credentials from Secrets Manager: one secret per account, a JSON object by the names of the environment variables. */
export function awsSecrets({ nameOf, client: config }: SecretsOptions): Secrets {
  const client = new SecretsManagerClient({ ...clientDefaults('SECRETS_MANAGER'), ...config });
  return {
    async read(source, account, names, optional = []) {
      const secret = await readSecret(client, nameOf(source, account), names, { source, account });
      const present = [...names, ...optional.filter(secret.has)];
      return Object.fromEntries(present.map((name) => [name, secret.text(name)]));
    },
    describe: (source, account, names) => `${names.join(', ')} in secret ${nameOf(source, account)}`,
  };
}
