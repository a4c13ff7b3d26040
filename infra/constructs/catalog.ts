import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnDatabase } from 'aws-cdk-lib/aws-glue';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { tablesOf } from '../../functions/load/plan.ts';
import { viewSettingsOf } from '../../functions/view-settings.ts';
import { databaseTablesOf } from '../../schemas/derive/database-tables.ts';
import { databasesOf } from '../../schemas/derive/databases.ts';
import { type FieldIds, fieldIdsOf } from '../../schemas/derive/field-ids.ts';
import { viewsFor } from '../../schemas/views/views.ts';
import type { SourceInfo, StageSettings } from '../config.ts';
import { IcebergTable } from './iceberg-table.ts';
import { PREFIXES } from './prefixes.ts';
import { PrestoView } from './presto-view.ts';
import { StagingTable } from './staging-table.ts';

export interface CatalogProps {
  readonly settings: StageSettings;
  /** All known sources: the tables of a source stay when it is no longer extracted. */
  readonly sources: readonly SourceInfo[];
  readonly fieldIds: FieldIds;
  readonly buckets: { readonly lake: IBucket; readonly safe: IBucket };
  readonly removalPolicy: RemovalPolicy;
}

/** The three Glue databases with all tables and views, derived from their declarations. */
export class Catalog extends Construct {
  constructor(scope: Construct, id: string, props: CatalogProps) {
    super(scope, id);
    const { settings, removalPolicy } = props;
    const names = databasesOf(settings.databasePrefix);
    const safe = this.database(
      'Safe',
      names.safe,
      'Calls, audit logs and metrics without sensitive columns.',
      removalPolicy,
    );
    const phi = this.database('Phi', names.phi, 'The sensitive columns, under the same keys.', removalPolicy);
    const staging = this.database(
      'Staging',
      names.staging,
      'Staged files, which the pipeline merges into the tables.',
      removalPolicy,
    );
    this.staging(staging, props);

    const tables = tablesOf(props.sources);
    for (const table of databaseTablesOf(tables, names)) {
      const inPhi = table.database === names.phi;
      const bucket = inPhi ? props.buckets.lake : props.buckets.safe;
      new IcebergTable(this, `${inPhi ? 'Phi' : 'Safe'}-${table.name}`, {
        database: inPhi ? phi : safe,
        table,
        fieldIds: fieldIdsOf(props.fieldIds, table, names),
        // With the database's name: if `databasePrefix` changes, VACUUM of the new tables must not find the files of those that remain.
        location: bucket.s3UrlForObject(`${inPhi ? PREFIXES.phi : PREFIXES.safe}${table.database}/${table.name}/`),
        removalPolicy,
      });
    }
    for (const view of viewsFor(tables, viewSettingsOf(settings), names)) {
      new PrestoView(this, `View-${view.name}`, { database: safe, databaseName: names.safe, view, removalPolicy });
    }
  }

  private database(id: string, name: string, description: string, removalPolicy: RemovalPolicy): CfnDatabase {
    const database = new CfnDatabase(this, id, {
      catalogId: Stack.of(this).account,
      databaseInput: { name, description },
    });
    database.applyRemovalPolicy(removalPolicy);
    return database;
  }

  private staging(database: CfnDatabase, { sources, buckets, removalPolicy }: CatalogProps): void {
    for (const source of sources) {
      for (const table of tablesOf([source])) {
        new StagingTable(this, `Staging-${table.name}`, {
          database,
          table,
          location: buckets.lake.s3UrlForObject(`${PREFIXES.staging}${table.name}/`),
          removalPolicy,
        });
      }
    }
  }
}
