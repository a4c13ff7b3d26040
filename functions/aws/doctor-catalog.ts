import { type AthenaClient, paginateListTableMetadata } from '@aws-sdk/client-athena';
import { databaseTablesOf } from '../../schemas/derive/database-tables.ts';
import { databasesOf } from '../../schemas/derive/databases.ts';
import { viewsFor } from '../../schemas/views/views.ts';
import { athenaError } from './athena-failure.ts';
import type { DoctorCheck, DoctorOptions } from './doctor.ts';
import { faultOf } from './sdk-errors.ts';

/** Every table and view stands in its database. */
export async function checkCatalog(athena: AthenaClient, options: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const checks: DoctorCheck[] = [];
  for (const [database, wanted] of expectedTables(options)) {
    const there = await tablesIn(athena, database);
    const missing = [...wanted].filter((name) => !there.has(name));
    const remedy = `deploy the stage again: npm run cdk -- deploy --all -c stage=${options.stage} (missing: ${missing.join(', ')})`;
    const check = `database ${database}: ${wanted.size} tables and views`;
    checks.push(missing.length === 0 ? { check, ok: true } : { check, ok: false, remedy });
  }
  return checks;
}

function expectedTables({ sources, databasePrefix }: DoctorOptions): ReadonlyMap<string, ReadonlySet<string>> {
  const databases = databasesOf(databasePrefix);
  const tables = [
    ...new Set(sources.flatMap(({ streams }) => Object.values(streams).flatMap((stream) => stream.tables))),
  ];
  const found = new Map<string, Set<string>>(Object.values(databases).map((database) => [database, new Set()]));
  for (const { database, name } of databaseTablesOf(tables, databases)) found.get(database)?.add(name);
  for (const { name } of viewsFor(tables, { timeZone: 'UTC' }, databases)) found.get(databases.safe)?.add(name);
  for (const { name } of tables) found.get(databases.staging)?.add(name);
  return found;
}

async function tablesIn(client: AthenaClient, database: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  try {
    const pages = paginateListTableMetadata({ client }, { CatalogName: 'AwsDataCatalog', DatabaseName: database });
    for await (const { TableMetadataList: list = [] } of pages) for (const { Name: name = '' } of list) names.add(name);
    return names;
  } catch (error) {
    // There is no such database: then none of its tables is there either.
    if (/Metadata|InvalidRequest|EntityNotFound/.test(faultOf(error)?.code ?? '')) return names;
    throw athenaError(error);
  }
}
