import { Stack as CdkStack, type Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/**
 * A policy statement that names its actions and resources, without the wildcards that the CDK's `grant*` methods add. If a resource
 * must contain a wildcard, `wildcard` is the reason, and cdk-nag's finding is acknowledged with it.
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
/** The catalog that Glue keeps, as Athena names it. */
const DATA_CATALOG = 'datacatalog/AwsDataCatalog';
const READ_CATALOG = [
  'GetDatabase',
  'GetDatabases',
  'GetTable',
  'GetTables',
  'GetPartition',
  'GetPartitions',
  'BatchGetPartition',
];

/** What may be done with objects: `read`; `add` also writes; `change` also deletes; `purge` also deletes earlier versions, which may hold values that were taken out. */
export type ObjectAccess = 'read' | 'add' | 'change' | 'purge';

const WRITE_OBJECT = ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'];
const OBJECT_ACTIONS: Readonly<Record<ObjectAccess, readonly string[]>> = {
  read: ['s3:GetObject'],
  add: WRITE_OBJECT,
  change: [...WRITE_OBJECT, 's3:DeleteObject'],
  purge: [...WRITE_OBJECT, 's3:DeleteObject', 's3:DeleteObjectVersion'],
};

/** Access to the objects under these prefixes. */
export function objects(bucket: IBucket, access: ObjectAccess, prefixes: readonly string[]): Grant {
  return allow(
    OBJECT_ACTIONS[access],
    prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`)),
    {
      wildcard: 'The objects under one prefix: the pipeline chooses the rest of a key at run time',
    },
  );
}

/**
 * Listing of all objects. Without it S3 answers "access denied" for a missing object. An object's name contains no health data.
 * @param also further actions on the bucket. @default none
 */
export function listing(bucket: IBucket, ...also: readonly 's3:ListBucketVersions'[]): Grant {
  const actions = ['s3:ListBucket', 's3:GetBucketLocation', 's3:ListBucketMultipartUploads', ...also];
  return allow(actions, [bucket.bucketArn]);
}

/** Listing of the objects under these prefixes only. */
export function listingOf(bucket: IBucket, prefixes: readonly string[]): readonly Grant[] {
  const conditions = { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } };
  return [
    allow(['s3:ListBucket'], [bucket.bucketArn], { conditions }),
    allow(['s3:GetBucketLocation'], [bucket.bucketArn]),
  ];
}

/** Use of a KMS key through S3 only. */
export function keyForObjects(key: IKey, access: ObjectAccess): Grant {
  const actions = access === 'read' ? ['kms:Decrypt'] : ['kms:Decrypt', 'kms:GenerateDataKey'];
  return allow(actions, [key.keyArn], { conditions: viaService(key, 's3') });
}

/**
 * Running statements in one workgroup and reading their results. A statement that names its catalog, or reads a view, also needs the
 * catalog's own entry, which consists of its name.
 * @see {@link https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html}
 */
export function queries(scope: Construct, workgroup: string): readonly Grant[] {
  return [
    allow(
      RUN_QUERY.map((action) => `athena:${action}`),
      [arn(scope, 'athena', `workgroup/${workgroup}`)],
    ),
    allow(['athena:GetDataCatalog'], [arn(scope, 'athena', DATA_CATALOG)]),
  ];
}

/** The saved queries of one workgroup, which the query editor shows. */
export function savedQueries(scope: Construct, workgroup: string): Grant {
  const actions = ['ListNamedQueries', 'GetNamedQuery', 'BatchGetNamedQuery'];
  return allow(
    actions.map((action) => `athena:${action}`),
    [arn(scope, 'athena', `workgroup/${workgroup}`)],
  );
}

/** The catalog's metadata through Athena, which BI tools read before they query. */
export function catalogThroughAthena(scope: Construct): readonly Grant[] {
  const metadata = ['GetDatabase', 'ListDatabases', 'GetTableMetadata', 'ListTableMetadata'];
  return [
    allow(
      metadata.map((action) => `athena:${action}`),
      [arn(scope, 'athena', DATA_CATALOG)],
    ),
    allow(['athena:ListDataCatalogs', 'athena:ListWorkGroups'], ['*'], {
      wildcard:
        'These two actions support no resource. They return names only, and JDBC drivers and the console need them',
    }),
  ];
}

/** Catalog entries of these databases; `alter` also allows Iceberg commits. */
export function catalog(scope: Construct, databases: readonly string[], access: 'read' | 'alter'): Grant {
  const actions = access === 'read' ? READ_CATALOG : [...READ_CATALOG, 'UpdateTable'];
  const named = databases.flatMap((name) => [`database/${name}`, `table/${name}/*`]);
  // Athena reads the database `default` for every query.
  return allow(
    actions.map((action) => `glue:${action}`),
    ['catalog', 'database/default', ...named].map((resource) => arn(scope, 'glue', resource)),
    { wildcard: 'All tables of one database, including those that a new source will add' },
  );
}

/** Listing and deleting the versions that Glue keeps of the tables of these databases. */
export function tableVersions(scope: Construct, databases: readonly string[]): Grant {
  const named = databases.flatMap((name) => [`database/${name}`, `table/${name}/*`, `tableVersion/${name}/*`]);
  return allow(
    ['glue:GetTableVersions', 'glue:BatchDeleteTableVersion'],
    ['catalog', ...named].map((resource) => arn(scope, 'glue', resource)),
    { wildcard: 'All tables of one database with their versions, including those that a new source will add' },
  );
}

/** Reading these secrets. AWS appends six characters to a secret's name, which are unknown before it exists. */
export function secretValue(scope: Construct, names: readonly string[], key: IKey): readonly Grant[] {
  return [
    allow(
      ['secretsmanager:GetSecretValue'],
      names.map((name) => `${secretArn(scope, name)}-??????`),
    ),
    allow(['kms:Decrypt'], [key.keyArn], { conditions: viaService(scope, 'secretsmanager') }),
  ];
}

/** Grants these actions on these resources. */
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
