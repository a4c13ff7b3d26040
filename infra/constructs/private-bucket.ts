import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  type LifecycleRule,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

export interface PrivateBucketProps {
  /** @default a name that CloudFormation generates */
  readonly name?: string;
  /** KMS key for all objects. @default S3-managed keys, the only ones that S3 accepts for access logs */
  readonly key?: IKey;
  /** Bucket for the access logs. @default no access logs */
  readonly accessLogs?: IBucket;
  /** By prefix: days after which objects expire. @default none expire */
  readonly expire?: Readonly<Record<string, number>>;
  /** Days for which an overwritten or deleted object can be restored. */
  readonly noncurrentDays: number;
  /** By prefix: a shorter time, because much is replaced there. @default `noncurrentDays` */
  readonly noncurrentDaysOf?: Readonly<Record<string, number>>;
  readonly removalPolicy: RemovalPolicy;
}

/** A versioned bucket without public access or plain HTTP. Objects expire as `expire` says. */
export class PrivateBucket extends Bucket {
  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id, {
      ...(props.name !== undefined && { bucketName: props.name }),
      encryption: props.key ? BucketEncryption.KMS : BucketEncryption.S3_MANAGED,
      ...(props.key && { encryptionKey: props.key, bucketKeyEnabled: true }),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      ...(props.accessLogs && {
        serverAccessLogsBucket: props.accessLogs,
        serverAccessLogsPrefix: `${id.toLowerCase()}/`,
      }),
      lifecycleRules: lifecycleRules(props),
      removalPolicy: props.removalPolicy,
    });
    if (props.key) this.pinKey(props.key);
  }

  /**
   * Refuses objects that are to be encrypted in another way than with the bucket's key; a request that does not say how gets it.
   * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html}
   */
  private pinKey(key: IKey): void {
    const refuse = (sid: string, header: string, expected: string) =>
      new PolicyStatement({
        sid,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        resources: [this.arnForObjects('*')],
        conditions: { Null: { [header]: 'false' }, StringNotEquals: { [header]: expected } },
      });
    this.addToResourcePolicy(refuse('OtherEncryption', 's3:x-amz-server-side-encryption', 'aws:kms'));
    this.addToResourcePolicy(refuse('OtherKey', 's3:x-amz-server-side-encryption-aws-kms-key-id', key.keyArn));
  }

  /** `Bucket` may give undefined here, which `IBucket` does not take. */
  override get isWebsite(): boolean {
    return false;
  }
}

function lifecycleRules({ expire = {}, noncurrentDays, noncurrentDaysOf = {} }: PrivateBucketProps): LifecycleRule[] {
  return [
    {
      id: 'noncurrent',
      noncurrentVersionExpiration: Duration.days(noncurrentDays),
      expiredObjectDeleteMarker: true,
      abortIncompleteMultipartUploadAfter: Duration.days(1),
    },
    ...Object.entries(noncurrentDaysOf).map(([prefix, days]) => ({
      id: `noncurrent ${prefix}`,
      prefix,
      // Of two rules for one object, S3 follows the one that expires it earlier.
      noncurrentVersionExpiration: Duration.days(Math.min(days, noncurrentDays)),
    })),
    ...Object.entries(expire).map(([prefix, days]) => ({
      id: prefix || 'all',
      prefix,
      expiration: Duration.days(days),
    })),
  ];
}
