import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import { STAGING_PARTITIONS, stagingColumns } from '../../schemas/derive/ddl.ts';
import type { Table } from '../../schemas/table.ts';

export interface StagingTableProps {
  readonly database: CfnDatabase;
  readonly table: Table;
  /** `s3://bucket/staging/<table>/` */
  readonly location: string;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * An external table over staged files. Athena computes its partitions from the files' keys, so no partition is ever registered.
 * @see {@link https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html}
 */
export class StagingTable extends Construct {
  constructor(scope: Construct, id: string, { database, table, location, removalPolicy }: StagingTableProps) {
    super(scope, id);
    const resource = new CfnTable(this, 'Resource', {
      catalogId: Stack.of(this).account,
      databaseName: database.ref,
      tableInput: {
        name: table.name,
        description: `Staged rows of ${table.name}, including rows of runs that never committed.`,
        tableType: 'EXTERNAL_TABLE',
        parameters: { EXTERNAL: 'TRUE', classification: 'parquet', ...projection(location) },
        partitionKeys: STAGING_PARTITIONS.map(({ name, type, doc }) => ({ name, type, comment: doc })),
        storageDescriptor: {
          columns: stagingColumns(table).map(({ name, type, doc }) => ({ name, type, comment: doc.slice(0, 255) })),
          location,
          inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
          serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
        },
      },
    });
    resource.applyRemovalPolicy(removalPolicy);
  }
}

/**
 * The account is whatever a statement names (it must), so that files of an account that the stage no longer names are found. NOW is in
 * UTC. One day is added so that a run just after midnight finds its own files.
 */
function projection(location: string): Record<string, string> {
  return {
    'projection.enabled': 'true',
    'projection.acct.type': 'injected',
    'projection.day.type': 'date',
    'projection.day.format': 'yyyy-MM-dd',
    'projection.day.range': '2025-01-01,NOW+1DAYS',
    'projection.day.interval': '1',
    'projection.day.interval.unit': 'DAYS',
    'storage.location.template': `${location}acct=\${acct}/day=\${day}/`,
  };
}
