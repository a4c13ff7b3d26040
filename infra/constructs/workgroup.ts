import { RemovalPolicy as Removal, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

const GB = 1_000_000_000;

export interface WorkgroupProps {
  readonly name: string;
  readonly doc: string;
  readonly bucket: IBucket;
  /** Prefix of the query results, ending in `/`. */
  readonly prefix: string;
  /** A statement fails once it has scanned this many GB (10^9 bytes). */
  readonly cutoffGb: number;
  /**
   * ARN of the KMS key for query results, for workgroups that only read. A workgroup that writes tables must have none: Athena would
   * encrypt the tables' files with it too, but each database must use its bucket's key. @default the bucket's key
   */
  readonly resultsKeyArn?: string | undefined;
  readonly removalPolicy: RemovalPolicy;
}

/** An Athena workgroup whose settings clients cannot override. */
export class Workgroup extends Construct {
  readonly name: string;
  readonly resultsLocation: string;

  constructor(scope: Construct, id: string, props: WorkgroupProps) {
    super(scope, id);
    this.name = props.name;
    this.resultsLocation = props.bucket.s3UrlForObject(props.prefix);
    const resource = new CfnWorkGroup(this, 'Resource', {
      name: props.name,
      description: props.doc,
      recursiveDeleteOption: props.removalPolicy === Removal.DESTROY,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: props.cutoffGb * GB,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: this.resultsLocation,
          expectedBucketOwner: Stack.of(this).account,
          ...(props.resultsKeyArn !== undefined && {
            encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: props.resultsKeyArn },
          }),
        },
      },
    });
    resource.applyRemovalPolicy(props.removalPolicy);
  }
}
