import { GetDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { databasesOf } from '../../../schemas/derive/databases.ts';
import { StorageError } from '../../errors.ts';
import { clientDefaults } from '../client-defaults.ts';
import { glueTableVersions } from '../glue/table-versions.ts';
import { logGroupName, maintainName } from '../names.ts';
import { describeFault, faultOf } from '../sdk-errors.ts';
import type { DoctorCheck, DoctorOptions } from './doctor-check.ts';

/** More versions than a week of loads every minute makes; the maintenance leaves 10 each night. */
const MANY_VERSIONS = 10_000;

/** Checks that the maintenance prunes the versions of tables, and tells which databases Lake Formation governs. */
export async function checkGlue(options: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const databases = databasesOf(options.databasePrefix);
  return [
    await checkVersions(databases.safe, options),
    ...(await governedDatabases(Object.values(databases), options.client)),
  ];
}

async function checkVersions(database: string, { stage, client }: DoctorOptions): Promise<DoctorCheck> {
  const check = `versions of table ${database}.loads`;
  const versions = glueTableVersions(client);
  try {
    let count = 0;
    for await (const page of versions.list(database, 'loads')) {
      count += page.length;
      if (count >= MANY_VERSIONS) break;
    }
    if (count < MANY_VERSIONS) return { check, ok: true };
    const log = `aws logs tail ${logGroupName(stage, maintainName(stage))} --since 2d`;
    const remedy = `Glue keeps ${count} versions or more, and allows 100,000; the nightly maintenance should leave 10: see ${log}`;
    return { check, ok: false, remedy };
  } finally {
    versions.close();
  }
}

/**
 * One check for each database where IAM policies are not enough. It passes: whether Lake Formation grants the roles what they need shows
 * in the other checks.
 * @see {@link https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html}
 */
async function governedDatabases(
  names: readonly string[],
  config: DoctorOptions['client'],
): Promise<readonly DoctorCheck[]> {
  const client = new GlueClient({ ...clientDefaults('GLUE'), ...config });
  try {
    const checks: DoctorCheck[] = [];
    for (const name of names) {
      const { Database: database } = await client.send(new GetDatabaseCommand({ Name: name }));
      if (database?.CreateTableDefaultPermissions?.length !== 0) continue;
      const check = `database ${name}: Lake Formation governs it, and must grant its tables to the roles (docs/aws.md)`;
      checks.push({ check, ok: true });
    }
    return checks;
  } catch (error) {
    const fault = faultOf(error);
    if (!fault) throw error;
    throw new StorageError(
      `Glue does not show the databases: ${describeFault(fault)} (${fault.code}); sign in as someone who may read the catalog, or grant glue:GetDatabase and, with Lake Formation, Describe`,
    );
  } finally {
    client.destroy();
  }
}
