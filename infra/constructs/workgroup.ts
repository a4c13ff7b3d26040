import { RemovalPolicy as Removal, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

const GB = 1_000_000_000;

export interface WorkgroupProps {
  readonly name: string;
  readonly doc: string;
  readonly bucket: IBucket;
  /** Prefix of the results, with a slash at the end. */
  readonly prefix: string;
  readonly cutoffGb: number;
  /**
   * ARN of the key of results, for workgroups that only read. One that writes tables has none: Athena would lay it over their files
   * too, whatever bucket they are in, while the buckets' own keys keep the two databases apart. @default the bucket's key, by the bucket
   */
  readonly resultsKeyArn?: string | undefined;
  readonly removalPolicy: RemovalPolicy;
}

/** A workgroup whose settings no client can pass over. */
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
