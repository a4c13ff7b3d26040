import { AthenaClient } from '@aws-sdk/client-athena';
import { clientDefaults } from '../client-defaults.ts';
import { s3Store } from '../s3/s3-store.ts';
import { checkCatalog } from './check-catalog.ts';
import { checkGlue } from './check-glue.ts';
import { checkLimits } from './check-limits.ts';
import { checkReaders } from './check-readers.ts';
import { checkRuns } from './check-runs.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkTrail } from './check-trail.ts';
import { checkWorkgroup } from './check-workgroup.ts';
import type { DoctorCheck, DoctorOptions } from './doctor-check.ts';
import { runCheck } from './run-check.ts';

/**
 * Checks that a stage is deployed, has its credentials, and runs. If the workgroup is not there, only the limits of the account are
 * checked too; if AWS refuses the caller or does not answer, nothing else, because it would fail for the same reason.
 */
export async function doctorAws(options: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const athena = new AthenaClient({ ...clientDefaults('ATHENA'), ...options.client });
  try {
    const { check, isRefused, bucket = options.bucket } = await checkWorkgroup(athena, options);
    if (isRefused) return [check];
    const checks = [check, ...(await checkLimits(options))];
    if (!check.ok) return checks;
    checks.push(...(await runCheck('tables and views', () => checkCatalog(athena, options))));
    checks.push(...(await runCheck('catalog', () => checkGlue(options))));
    checks.push(...(await checkSecrets(options)), ...checkReaders(options));
    if (bucket === undefined) return checks;
    const store = s3Store({ bucket, client: options.client });
    checks.push(...(await runCheck(`runs in ${store.name}`, () => checkRuns(store, options))));
    checks.push(...(await checkTrail(bucket, options)));
    return checks;
  } finally {
    athena.destroy();
  }
}
