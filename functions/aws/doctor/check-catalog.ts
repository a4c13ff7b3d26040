import { type AthenaClient, paginateListTableMetadata } from '@aws-sdk/client-athena';
import { databaseTablesOf } from '../../../schemas/derive/database-tables.ts';
import { databasesOf } from '../../../schemas/derive/databases.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { athenaError } from '../athena/athena-error.ts';
import { deployCommand } from '../athena/stage-workgroup.ts';
import { faultOf } from '../sdk-errors.ts';
import type { DoctorCheck, DoctorOptions } from './doctor-check.ts';

/** Checks that the Glue databases contain every table and view. One check per database. */
export async function checkCatalog(athena: AthenaClient, options: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const checks: DoctorCheck[] = [];
  for (const [database, wanted] of expectedNames(options)) {
    const found = await namesIn(athena, database);
    const missing = [...wanted].filter((name) => !found.has(name));
    const remedy = `deploy the stage again: ${deployCommand(options.stage)} (missing: ${missing.join(', ')}). If they are deployed, you may not see them: Lake Formation, see docs/aws.md`;
    const check = `database ${database}: ${wanted.size} tables and views`;
    checks.push(missing.length === 0 ? { check, ok: true } : { check, ok: false, remedy });
  }
  return checks;
}

/** Names of tables and views by database. */
function expectedNames({ sources, databasePrefix }: DoctorOptions): ReadonlyMap<string, ReadonlySet<string>> {
  const databases = databasesOf(databasePrefix);
  const tables = [
    ...new Set(sources.flatMap(({ streams }) => Object.values(streams).flatMap((stream) => stream.tables))),
  ];
  const expected = new Map<string, Set<string>>(Object.values(databases).map((database) => [database, new Set()]));
  for (const { database, name } of databaseTablesOf(tables, databases)) expected.get(database)?.add(name);
  for (const { name } of viewsFor(tables, { timeZone: 'UTC' }, databases)) expected.get(databases.safe)?.add(name);
  for (const { name } of tables) expected.get(databases.staging)?.add(name);
  return expected;
}

/** Names of the tables and views in a database; none if the database does not exist. */
async function namesIn(client: AthenaClient, database: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  try {
    const pages = paginateListTableMetadata({ client }, { CatalogName: 'AwsDataCatalog', DatabaseName: database });
    for await (const { TableMetadataList: list = [] } of pages) for (const { Name: name = '' } of list) names.add(name);
    return names;
  } catch (error) {
    if (/Metadata|InvalidRequest|EntityNotFound/.test(faultOf(error)?.code ?? '')) return names;
    throw athenaError(error);
  }
}
