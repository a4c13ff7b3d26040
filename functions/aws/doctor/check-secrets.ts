import { credentialsSecretName, hashSecretName } from '../names.ts';
import { awsSecrets } from '../secrets/aws-secrets.ts';
import { readHashKey } from '../secrets/read-hash-key.ts';
import type { DoctorCheck, DoctorOptions } from './doctor-check.ts';
import { runCheck } from './run-check.ts';

/** Checks that every account's credentials and the hash key can be read. No value is shown. */
export async function checkSecrets({
  stage,
  sources,
  accounts,
  client,
}: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const secrets = awsSecrets({ nameOf: (source, account) => credentialsSecretName(stage, source, account), client });
  const checks: DoctorCheck[] = [];
  for (const { name, credentials } of sources) {
    for (const account of accounts[name] ?? []) {
      const found = await runCheck(`credentials of ${name}, account ${account}`, async () => {
        await secrets.read(name, account, credentials);
        return [];
      });
      checks.push(...found);
    }
  }
  const hash = await runCheck('key of the hashes', async () => {
    await readHashKey(hashSecretName(stage), client);
    return [];
  });
  return [...checks, ...hash];
}
