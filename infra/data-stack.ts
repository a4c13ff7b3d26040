import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { erasureSecretName, hashSecretName, logGroupPrefix, stageName, workgroupName } from '../functions/aws/names.ts';
import { CONFIRMATION_MS } from '../functions/lake/removal-confirmation.ts';
import { DAY_MS } from '../functions/time.ts';
import { databasesOf } from '../schemas/derive/databases.ts';
import type { FieldIds } from '../schemas/derive/field-ids.ts';
import type { SourceInfo, StageSettings } from './config.ts';
import { Catalog } from './constructs/catalog.ts';
import { NamedQueries } from './constructs/named-queries.ts';
import { OwnedKey } from './constructs/owned-key.ts';
import { PREFIXES } from './constructs/prefixes.ts';
import { PrivateBucket } from './constructs/private-bucket.ts';
import { Readers } from './constructs/readers.ts';
import { Workgroup } from './constructs/workgroup.ts';
import { bucketName } from './names.ts';

/** No loader stands still for so long without anybody noticing. */
const STAGING_BACKSTOP_DAYS = 365;

export interface DataStackProps extends StackProps {
  readonly stage: string;
  readonly settings: StageSettings;
  readonly sources: readonly SourceInfo[];
  readonly fieldIds: FieldIds;
}

/** Days for which a replaced part of a digest can be restored. */
const DIGEST_DAYS = 3;

/** Resources that must survive: KMS keys, buckets, the catalog, workgroups, reader roles and the hash key. */
export class DataStack extends Stack {
  readonly keys: { readonly lake: IKey; readonly safe: IKey; readonly ops: IKey };
  readonly buckets: { readonly lake: IBucket; readonly safe: IBucket };

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);
    const { stage, settings, sources, fieldIds } = props;
    // Not RETAIN: it keeps what a failed first deploy has made too, and their names then block the next one.
    const removalPolicy =
      settings.removalPolicy === 'destroy' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    this.keys = this.makeKeys(stage, removalPolicy);
    this.buckets = this.makeBuckets(stage, settings, removalPolicy);
    new Catalog(this, 'Catalog', { settings, sources, fieldIds, buckets: this.buckets, removalPolicy });
    this.makeSecretKeys(stage, removalPolicy);
    const workgroups = this.makeWorkgroups(stage, settings, removalPolicy);
    const { safe: databaseName } = databasesOf(settings.databasePrefix);
    new NamedQueries(this, 'Questions', { workgroup: workgroups.bi, databaseName });
    new Readers(this, 'Readers', { settings, keys: this.keys, buckets: this.buckets, workgroups });
    this.output(stage, settings, workgroups);
  }

  private makeKeys(stage: string, removalPolicy: RemovalPolicy): DataStack['keys'] {
    const key = (id: string, description: string, services?: readonly PolicyStatement[]) =>
      new OwnedKey(this, `${id}Key`, {
        alias: `${stageName(stage)}-${id.toLowerCase()}`,
        description,
        removalPolicy,
        services,
      });
    return {
      lake: key('Lake', 'Callhouse: raw and staged files, state, callhouse_phi and credentials'),
      safe: key('Safe', 'Callhouse: callhouse and the query results of its readers'),
      ops: key('Ops', 'Callhouse: logs and alarms, which contain names and counts only', this.opsServices(stage)),
    };
  }

  /** Lets CloudWatch Logs encrypt this stage's log groups, and CloudWatch and Budgets write to the encrypted alarm topic. */
  private opsServices(stage: string): PolicyStatement[] {
    const logs = new PolicyStatement({
      sid: 'Logs',
      principals: [new ServicePrincipal(`logs.${this.region}.amazonaws.com`)],
      actions: [
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
        'kms:GenerateDataKey',
        'kms:GenerateDataKeyWithoutPlaintext',
        'kms:DescribeKey',
      ],
      resources: ['*'],
    });
    const groups = `arn:${this.partition}:logs:${this.region}:${this.account}:log-group:${logGroupPrefix(stage)}*`;
    logs.addCondition('ArnLike', { 'kms:EncryptionContext:aws:logs:arn': groups });
    const alarms = new PolicyStatement({
      sid: 'Alarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com'), new ServicePrincipal('budgets.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
    });
    alarms.addCondition('StringEquals', { 'aws:SourceAccount': this.account });
    return [logs, alarms];
  }

  private makeBuckets(stage: string, { retention }: StageSettings, removalPolicy: RemovalPolicy): DataStack['buckets'] {
    const common = { noncurrentDays: retention.noncurrentDays, removalPolicy };
    const accessLogs = new PrivateBucket(this, 'AccessLogs', {
      ...common,
      expire: { '': retention.accessLogDays },
      // S3 delivers logs for hours after a request, also those of emptying the other buckets, so this one is never empty in time.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const results = { [PREFIXES.results.all]: retention.resultsDays };
    const expire = {
      ...results,
      [PREFIXES.raw]: retention.rawDays,
      // Maintenance deletes staged files once they are loaded. This is for what it will never see loaded.
      [PREFIXES.staging]: retention.stagingDays + STAGING_BACKSTOP_DAYS,
      // Those that no run used up. S3 counts days from midnight, so none expires while it still counts.
      [PREFIXES.confirmations]: CONFIRMATION_MS / DAY_MS + 1,
    };
    return {
      lake: new PrivateBucket(this, 'Lake', {
        ...common,
        name: bucketName(this, stage, 'lake'),
        key: this.keys.lake,
        accessLogs,
        expire,
        noncurrentDaysOf: { [PREFIXES.digests]: DIGEST_DAYS },
      }),
      safe: new PrivateBucket(this, 'Safe', {
        ...common,
        name: bucketName(this, stage, 'safe'),
        key: this.keys.safe,
        accessLogs,
        expire: results,
      }),
    };
  }

  /**
   * AWS generates the values once. They must survive: the extractors refuse another hash key until everything stored is hashed anew, and
   * another erasure key for ever, because erased records would come back.
   */
  private makeSecretKeys(stage: string, removalPolicy: RemovalPolicy): void {
    // By ARN: given the key object, the CDK would add statements to the key's policy.
    const encryptionKey = Key.fromKeyArn(this, 'LakeKeyByArn', this.keys.lake.keyArn);
    const make = (id: string, secretName: string, variable: string, description: string) =>
      new Secret(this, id, {
        secretName,
        description,
        encryptionKey,
        generateSecretString: {
          secretStringTemplate: '{}',
          generateStringKey: variable,
          passwordLength: 64,
          excludePunctuation: true,
        },
        removalPolicy,
      });
    make(
      'HashKey',
      hashSecretName(stage),
      'CALLHOUSE_HASH_KEY',
      'Key of the hashes in callhouse. After a change, run: callhouse rotate-hash-key --aws',
    );
    make(
      'ErasureKey',
      erasureSecretName(stage),
      'CALLHOUSE_ERASURE_KEY',
      'Key of the ledger of erased records. It must never change, or they are stored again',
    );
  }

  private makeWorkgroups(stage: string, { athena }: StageSettings, removalPolicy: RemovalPolicy) {
    const { lake, safe } = this.buckets;
    const make = (use: 'etl' | 'extract' | 'bi' | 'phi', doc: string, bucket: IBucket, cutoffGb: number, key?: IKey) =>
      new Workgroup(this, `Workgroup-${use}`, {
        name: workgroupName(stage, use),
        doc,
        bucket,
        prefix: PREFIXES.results[use],
        cutoffGb,
        resultsKeyArn: key?.keyArn,
        removalPolicy,
      });
    return {
      etl: make('etl', 'Statements that load and maintain the tables', lake, athena.etlCutoffGb),
      extract: make('extract', 'Statements of the extractors, which read callhouse only', lake, athena.etlCutoffGb),
      bi: make('bi', 'Readers of callhouse', safe, athena.readerCutoffGb, this.keys.safe),
      phi: make('phi', 'Readers of callhouse_phi', lake, athena.readerCutoffGb, this.keys.lake),
    };
  }

  private output(
    stage: string,
    settings: StageSettings,
    { etl, bi, phi }: Readonly<Record<'etl' | 'bi' | 'phi', Workgroup>>,
  ): void {
    const databases = databasesOf(settings.databasePrefix);
    const outputs = {
      Region: this.region,
      Workgroup: bi.name,
      PhiWorkgroup: phi.name,
      EtlWorkgroup: etl.name,
      Databases: [databases.safe, databases.phi, databases.staging].join(','),
      ResultsLocation: bi.resultsLocation,
      Bucket: this.buckets.lake.bucketName,
      SafeBucket: this.buckets.safe.bucketName,
      HashKeySecret: hashSecretName(stage),
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
