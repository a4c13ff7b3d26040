import { AthenaClient, type AthenaClientConfig, GetWorkGroupCommand } from '@aws-sdk/client-athena';
import { CallhouseError } from '../../errors.ts';
import type { Store } from '../../ports.ts';
import type { Source } from '../../source/source.ts';
import { clientDefaults } from '../client-defaults.ts';
import { s3Store } from '../s3/s3-store.ts';
import { faultOf, isCredentialFault } from '../sdk-errors.ts';
import { awsSecrets, credentialsSecret, readHashKey } from '../secrets/aws-secrets.ts';
import { checkCatalog } from './check-catalog.ts';
import { checkRuns } from './check-runs.ts';

/** One thing that was looked at; the remedy is the command or change that mends it. */
export interface DoctorCheck {
  readonly check: string;
  readonly ok: boolean;
  readonly remedy?: string;
}

/** What of a stage is looked at. Names follow from the stage, as `infra/names.ts` makes them. */
export interface DoctorOptions {
  readonly stage: string;
  readonly sources: readonly Source[];
  /** Accounts by source; a source left out is not deployed. */
  readonly accounts: Readonly<Record<string, readonly string[]>>;
  readonly databasePrefix?: string;
  /** @default the one where the workgroup puts its results */
  readonly bucket?: string;
  readonly now: () => number;
  /** Of every client: region, endpoint, credentials. @default the environment's */
  readonly client?: Pick<AthenaClientConfig, 'region' | 'endpoint' | 'credentials'>;
}

/** Looks whether a stage is deployed, has its credentials and runs; what depends on a thing that is not there is left out. */
export async function doctorAws(options: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const athena = new AthenaClient({ ...clientDefaults('ATHENA'), ...options.client });
  try {
    const { check, bucket = options.bucket } = await checkWorkgroup(athena, options);
    if (!check.ok) return [check];
    const rest = [await settle('tables and views', () => checkCatalog(athena, options)), await checkSecrets(options)];
    if (bucket === undefined) return [check, ...rest.flat()];
    const store: Store = s3Store({ bucket, client: options.client });
    rest.push(await settle(`runs in ${store.name}`, () => checkRuns(store, options)));
    return [check, ...rest.flat()];
  } finally {
    athena.destroy();
  }
}

async function checkWorkgroup(athena: AthenaClient, { stage }: DoctorOptions) {
  const name = `callhouse-${stage}-etl`;
  const check = `workgroup ${name}`;
  try {
    const { WorkGroup: group } = await athena.send(new GetWorkGroupCommand({ WorkGroup: name }));
    const location = group?.Configuration?.ResultConfiguration?.OutputLocation;
    const ok = group?.State !== 'DISABLED';
    const remedy = ok ? undefined : `enable it: aws athena update-work-group --work-group ${name} --state ENABLED`;
    return { check: { check, ok, remedy }, bucket: /^s3:\/\/([^/]+)/.exec(location ?? '')?.[1] };
  } catch (error) {
    const fault = faultOf(error);
    if (!fault) throw error;
    const deploy = `deploy the stage, or set AWS_REGION to where it is: npm run cdk -- deploy --all -c stage=${stage}`;
    const remedy =
      isCredentialFault(fault) || fault.code === 'AccessDeniedException'
        ? `sign in to AWS as someone who may read the stage: aws sso login, or AWS_PROFILE (${fault.code})`
        : fault.status === 0
          ? `reach AWS: check the network and AWS_REGION (${fault.code})`
          : deploy;
    return { check: { check, ok: false, remedy } };
  }
}

async function checkSecrets(options: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const { stage, sources, accounts, client } = options;
  const secrets = awsSecrets({ nameOf: (source, account) => credentialsSecret(stage, source, account), client });
  const checks: DoctorCheck[] = [];
  for (const { name, credentials } of sources) {
    for (const account of accounts[name] ?? []) {
      const found = settle(`credentials of ${name}, account ${account}`, async () => {
        await secrets.read(name, account, credentials);
        return [];
      });
      checks.push(...(await found));
    }
  }
  const hash = settle('key of the hashes', async () => {
    await readHashKey(`callhouse/${stage}/hash-key`, client);
    return [];
  });
  return [...checks, ...(await hash)];
}

/** Checks that come from `work`, or one that says whether it worked: an expected failure says its own remedy. */
async function settle(check: string, work: () => Promise<readonly DoctorCheck[]>): Promise<readonly DoctorCheck[]> {
  try {
    const found = await work();
    return found.length > 0 ? found : [{ check, ok: true }];
  } catch (error) {
    if (!(error instanceof CallhouseError)) throw error;
    return [{ check, ok: false, remedy: error.message }];
  }
}
