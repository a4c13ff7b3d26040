import { RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import {
  credentialsSecretName,
  erasureSecretName,
  extractName,
  hashSecretName,
  PLACEHOLDER,
  workgroupName,
} from '../../functions/aws/names.ts';
import { tablesOf } from '../../functions/load/plan.ts';
import { databasesOf } from '../../schemas/derive/databases.ts';
import { pipelineSettings, type SourceInfo } from '../config.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineParts } from './pipeline-parts.ts';
import { PREFIXES } from './prefixes.ts';
import { RunSchedule } from './run-schedule.ts';
import { catalog, type Grant, keyForObjects, listing, listingOf, objects, queries, secretValue } from './statements.ts';

export interface SourceExtractorProps {
  readonly source: SourceInfo;
  readonly account: string;
  readonly parts: PipelineParts;
}

/** Secret, Lambda and schedule of one account of a source. */
export class SourceExtractor extends Construct {
  readonly functionArn: string;

  constructor(scope: Construct, id: string, { source, account, parts }: SourceExtractorProps) {
    super(scope, id);
    const { stage, settings } = parts;
    const functionName = extractName(stage, source.name, account);
    const secretName = credentialsSecretName(stage, source.name, account);
    new Secret(this, 'Credentials', {
      secretName,
      description: `Credentials of ${source.name}, account ${account}: replace ${PLACEHOLDER} by the vendor's values`,
      encryptionKey: parts.keys.lake,
      // If this value changed, a deployment would overwrite the owner's credentials. It depends on the credentials' names only.
      secretObjectValue: Object.fromEntries(
        source.credentials.map((name) => [name, SecretValue.unsafePlainText(PLACEHOLDER)]),
      ),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const lambda = new PipelineFunction(this, 'Extract', {
      ...parts.functionDefaults,
      functionName,
      doc: `Extracts ${source.name}, account ${account}`,
      entry: parts.entryOf('extract'),
      memoryMb: settings.memory.extractMb,
      grants: [
        ...grantsFor(this, source, account, parts),
        ...secretValue(this, [secretName, hashSecretName(stage), erasureSecretName(stage)], parts.keys.lake),
      ],
      environment: {
        ...parts.environment,
        CALLHOUSE_WORKGROUP: workgroupName(stage, 'extract'),
        CALLHOUSE_SOURCE: source.name,
        CALLHOUSE_ACCOUNT: account,
        CALLHOUSE_SECRET: secretName,
        CALLHOUSE_HASH_SECRET: hashSecretName(stage),
        CALLHOUSE_ERASURE_SECRET: erasureSecretName(stage),
        CALLHOUSE_SETTINGS: JSON.stringify(pipelineSettings(settings, source.name)),
      },
    });
    this.functionArn = lambda.functionArn;
    new RunSchedule(this, 'Schedule', {
      ...parts.schedule,
      name: functionName,
      every: settings.schedules.extract,
      functionArn: lambda.functionArn,
      event: { source: source.name, account },
    });
  }
}

/** Access to its own objects, and to the safe tables of its source, from which it rebuilds its state if the commit log is lost. */
function grantsFor(scope: Construct, source: SourceInfo, account: string, parts: PipelineParts): Grant[] {
  const { keys, buckets, stage, settings } = parts;
  const tables = tablesOf([source]).map(({ name }) => name);
  const ofAccount = (prefixes: readonly string[]) => prefixes.map((prefix) => `${prefix}${source.name}/${account}/`);
  const state = PREFIXES.state.filter((prefix) => prefix !== PREFIXES.digests);
  const staged = tables.map((table) => `${PREFIXES.staging}${table}/acct=${account}/`);
  const { safe: database } = databasesOf(settings.databasePrefix);
  const safe = tables.map((table) => `${PREFIXES.safe}${database}/${table}/`);
  return [
    objects(buckets.lake, 'purge', [...ofAccount([PREFIXES.raw, PREFIXES.digests]), ...staged]),
    objects(buckets.lake, 'change', ofAccount([...state, PREFIXES.confirmations])),
    objects(buckets.lake, 'read', [`${PREFIXES.erasures}${source.name}/${account}/`]),
    listing(buckets.lake, 's3:ListBucketVersions'),
    keyForObjects(keys.lake, 'change'),
    ...queries(scope, workgroupName(stage, 'extract')),
    catalog(scope, [database], 'read'),
    objects(buckets.safe, 'read', safe),
    objects(buckets.lake, 'add', [PREFIXES.results.extract, PREFIXES.keys]),
    ...listingOf(buckets.safe, safe),
    keyForObjects(keys.safe, 'read'),
  ];
}
