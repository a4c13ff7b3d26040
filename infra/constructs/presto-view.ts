import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { Construct } from 'constructs';
import { describeColumn } from '../../schemas/derive/ddl.ts';
import { EXPANDED_TEXT, prestoView } from '../../schemas/derive/presto-view.ts';
import { GLUE_TYPES } from '../../schemas/derive/sql-types.ts';
import type { View } from '../../schemas/views/view.ts';

export interface PrestoViewProps {
  readonly database: CfnDatabase;
  /** Literal name of the database: the view's text is base64, in which CloudFormation cannot replace a CDK token. */
  readonly databaseName: string;
  readonly view: View;
  readonly removalPolicy: RemovalPolicy;
}

/** A view for Athena and Trino. CloudFormation creates its catalog entry, so a change shows in `cdk diff` and can be rolled back. */
export class PrestoView extends Construct {
  constructor(scope: Construct, id: string, { database, databaseName, view, removalPolicy }: PrestoViewProps) {
    super(scope, id);
    const columns = Object.entries(view.columns);
    const resource = new CfnTable(this, 'Resource', {
      catalogId: Stack.of(this).account,
      databaseName: database.ref,
      tableInput: {
        // No description: Trino would read it as the comment, and recognizes a view by the comment "Presto View".
        name: view.name,
        tableType: 'VIRTUAL_VIEW',
        parameters: { presto_view: 'true', comment: 'Presto View' },
        partitionKeys: [],
        viewOriginalText: prestoView(view, databaseName),
        viewExpandedText: EXPANDED_TEXT,
        storageDescriptor: {
          columns: columns.map(([name, column]) => ({
            name,
            type: GLUE_TYPES[column.type],
            comment: describeColumn(column).slice(0, 255),
          })),
          // Athena refuses a view whose catalog entry has no SerDe info; an empty one is enough.
          serdeInfo: {},
        },
      },
    });
    resource.applyRemovalPolicy(removalPolicy);
  }
}
