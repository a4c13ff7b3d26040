import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import type { DatabaseTable } from '../../schemas/derive/database-tables.ts';
import type { TableFieldIds } from '../../schemas/derive/field-ids.ts';
import { icebergFields, icebergPartition, SNAPSHOT_DAYS } from '../../schemas/derive/iceberg.ts';

const SNAPSHOT_AGE_SECONDS = SNAPSHOT_DAYS * 24 * 60 * 60;

export interface IcebergTableProps {
  readonly database: CfnDatabase;
  readonly table: DatabaseTable;
  readonly fieldIds: TableFieldIds;
  /** `s3://bucket/prefix/`, used by this table only. */
  readonly location: string;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * An Iceberg table that CloudFormation creates and alters. It has `Name` and no `TableInput`: with both Glue refuses the table, and
 * with the columns in `TableInput` the first update turns it into a table that is no longer Iceberg.
 * @see {@link https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-glue-table-icebergtableinput.html}
 */
export class IcebergTable extends Construct {
  constructor(scope: Construct, id: string, { database, table, fieldIds, location, removalPolicy }: IcebergTableProps) {
    super(scope, id);
    const partition = icebergPartition(table, fieldIds);
    const resource = new CfnTable(this, 'Resource', {
      catalogId: Stack.of(this).account,
      databaseName: database.ref,
      name: table.name,
      openTableFormatInput: {
        icebergInput: {
          metadataOperation: 'CREATE',
          version: '2',
          icebergTableInput: {
            location,
            schema: { type: 'struct', schemaId: 0, fields: [...icebergFields(table, fieldIds)] },
            ...(partition.length > 0 && { partitionSpec: { specId: 0, fields: [...partition] } }),
            properties: {
              comment: table.doc,
              'format-version': '2',
              'write.format.default': 'parquet',
              'write.parquet.compression-codec': 'zstd',
              'history.expire.max-snapshot-age-ms': String(SNAPSHOT_AGE_SECONDS * 1000),
              // Athena's VACUUM reads the same setting under its own name.
              vacuum_max_snapshot_age_seconds: String(SNAPSHOT_AGE_SECONDS),
            },
          },
        },
      },
    });
    resource.applyRemovalPolicy(removalPolicy);
  }
}
