import { Stack as CdkStack, type Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/**
 * A policy statement with its actions and resources named: what `grant*` of the CDK would widen with wildcards. Where a resource
 * has to end in one, `wildcard` says why, and that is what the resource is acknowledged with.
 */
export interface Grant {
  readonly statement: PolicyStatement;
  readonly wildcard?: string;
}

const READ_QUERY = [
  'GetQueryExecution',
  'GetQueryResults',
  'GetQueryResultsStream',
  'BatchGetQueryExecution',
  'ListQueryExecutions',
];
const RUN_QUERY = [...READ_QUERY, 'StartQueryExecution', 'StopQueryExecution', 'GetWorkGroup'];
const READ_CATALOG = [
  'GetDatabase',
  'GetDatabases',
  'GetTable',
  'GetTables',
  'GetPartition',
  'GetPartitions',
  'BatchGetPartition',
];

/** What may be done with objects: read them; write more; also replace and remove them. */
export type ObjectAccess = 'read' | 'add' | 'change';

const WRITE_OBJECT = ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'];
const OBJECT_ACTIONS: Readonly<Record<ObjectAccess, readonly string[]>> = {
  read: ['s3:GetObject'],
  add: WRITE_OBJECT,
  change: [...WRITE_OBJECT, 's3:DeleteObject'],
};

/** Objects under these prefixes. */
export function objects(bucket: IBucket, access: ObjectAccess, prefixes: readonly string[]): Grant {
  return allow(
    OBJECT_ACTIONS[access],
    prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`)),
    {
      wildcard: 'The objects under one prefix: the rest of a key is made while the pipeline runs',
    },
  );
}

/** Names of all objects. Without it S3 answers "access denied" for an object that is not there, and a name tells no health data. */
export function listing(bucket: IBucket): Grant {
  return allow(['s3:ListBucket', 's3:GetBucketLocation', 's3:ListBucketMultipartUploads'], [bucket.bucketArn]);
}

/** Names of the objects under these prefixes alone. */
export function listingOf(bucket: IBucket, prefixes: readonly string[]): readonly Grant[] {
  const conditions = { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } };
  return [
    allow(['s3:ListBucket'], [bucket.bucketArn], { conditions }),
    allow(['s3:GetBucketLocation'], [bucket.bucketArn]),
  ];
}

/** Use of a key for objects in S3, and for nothing else. */
export function keyForObjects(key: IKey, access: ObjectAccess): Grant {
  const actions = access === 'read' ? ['kms:Decrypt'] : ['kms:Decrypt', 'kms:GenerateDataKey'];
  return allow(actions, [key.keyArn], { conditions: viaService(key, 's3') });
}

/** Statements and their results in one workgroup. */
export function queries(scope: Construct, workgroup: string): Grant {
  return allow(
    RUN_QUERY.map((action) => `athena:${action}`),
    [arn(scope, 'athena', `workgroup/${workgroup}`)],
  );
}

/** What a BI tool asks before it queries: the catalog's metadata through Athena. */
export function catalogThroughAthena(scope: Construct): readonly Grant[] {
  const metadata = ['GetDataCatalog', 'GetDatabase', 'ListDatabases', 'GetTableMetadata', 'ListTableMetadata'];
  return [
    allow(
      metadata.map((action) => `athena:${action}`),
      [arn(scope, 'athena', 'datacatalog/AwsDataCatalog')],
    ),
    allow(['athena:ListDataCatalogs', 'athena:ListWorkGroups'], ['*'], {
      wildcard: 'These two actions know no resource; they tell names only, and JDBC and the console cannot do without',
    }),
  ];
}

/** Entries of these databases in the catalog; `alter` lets Iceberg commit. */
export function catalog(scope: Construct, databases: readonly string[], access: 'read' | 'alter'): Grant {
  const actions = access === 'read' ? READ_CATALOG : [...READ_CATALOG, 'UpdateTable'];
  const named = databases.flatMap((name) => [`database/${name}`, `table/${name}/*`]);
  // Athena asks for the database `default` whatever the query names.
  return allow(
    actions.map((action) => `glue:${action}`),
    ['catalog', 'database/default', ...named].map((resource) => arn(scope, 'glue', resource)),
    { wildcard: 'The tables of one database: all of them, and those that a new source will add' },
  );
}

/** The value of a secret; the six characters that AWS appends to its name are not known before. */
export function secretValue(scope: Construct, names: readonly string[], key: IKey): readonly Grant[] {
  return [
    allow(
      ['secretsmanager:GetSecretValue'],
      names.map((name) => `${secretArn(scope, name)}-??????`),
    ),
    allow(['kms:Decrypt'], [key.keyArn], { conditions: viaService(scope, 'secretsmanager') }),
  ];
}

/** Allows these actions on these resources. */
export function allow(
  actions: readonly string[],
  resources: readonly string[],
  {
    wildcard,
    conditions,
  }: { readonly wildcard?: string; readonly conditions?: Record<string, Record<string, unknown>> } = {},
): Grant {
  const statement = { actions: [...actions], resources: [...resources], ...(conditions && { conditions }) };
  return { statement: new PolicyStatement(statement), ...(wildcard !== undefined && { wildcard }) };
}

function viaService(scope: Construct, service: string): Record<string, Record<string, string>> {
  return { StringEquals: { 'kms:ViaService': `${service}.${CdkStack.of(scope).region}.amazonaws.com` } };
}

function secretArn(scope: Construct, name: string): string {
  const { partition, region, account }: Stack = CdkStack.of(scope);
  return `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}`;
}

function arn(scope: Construct, service: string, resource: string): string {
  const { partition, region, account }: Stack = CdkStack.of(scope);
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}
