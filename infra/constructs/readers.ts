import { CfnOutput } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { databasesOf } from '../../schemas/derive/databases.ts';
import type { StageSettings } from '../config.ts';
import { PREFIXES } from './prefixes.ts';
import { ReaderRole } from './reader-role.ts';
import {
  catalog,
  catalogThroughAthena,
  keyForObjects,
  listingOf,
  objects,
  queries,
  savedQueries,
} from './statements.ts';
import type { Workgroup } from './workgroup.ts';

export interface ReadersProps {
  readonly settings: StageSettings;
  readonly keys: { readonly lake: IKey; readonly safe: IKey };
  readonly buckets: { readonly lake: IBucket; readonly safe: IBucket };
  readonly workgroups: { readonly bi: Workgroup; readonly phi: Workgroup };
}

/**
 * The two roles for reading. Athena reads S3 with the caller's permissions, so a view shows a role only what the role may fetch. The
 * BI role has no key, prefix or catalog entry outside `callhouse`.
 * @see {@link https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html}
 */
export class Readers extends Construct {
  constructor(scope: Construct, id: string, { settings, keys, buckets, workgroups }: ReadersProps) {
    super(scope, id);
    const databases = databasesOf(settings.databasePrefix);
    const readable = [PREFIXES.safe, ...(settings.report?.publish ? [PREFIXES.report] : [])];
    const safeFiles = [objects(buckets.safe, 'read', readable)];
    const bi = new ReaderRole(this, 'Bi', {
      doc: `Reads only ${databases.safe}, through Athena`,
      assumedBy: settings.readers.bi,
      grants: [
        queries(this, workgroups.bi.name),
        savedQueries(this, workgroups.bi.name),
        ...catalogThroughAthena(this),
        catalog(this, [databases.safe], 'read'),
        ...safeFiles,
        objects(buckets.safe, 'add', [PREFIXES.results.bi]),
        ...listingOf(buckets.safe, [PREFIXES.safe, PREFIXES.results.bi]),
        keyForObjects(keys.safe, 'add'),
      ],
    });
    const phi = new ReaderRole(this, 'Phi', {
      doc: `Reads ${databases.safe} and ${databases.phi} through Athena`,
      assumedBy: settings.readers.phi,
      grants: [
        queries(this, workgroups.phi.name),
        ...catalogThroughAthena(this),
        catalog(this, [databases.safe, databases.phi], 'read'),
        ...safeFiles,
        objects(buckets.lake, 'read', [PREFIXES.phi]),
        objects(buckets.lake, 'add', [PREFIXES.results.phi]),
        ...listingOf(buckets.safe, [PREFIXES.safe]),
        ...listingOf(buckets.lake, [PREFIXES.phi, PREFIXES.results.phi]),
        keyForObjects(keys.safe, 'read'),
        keyForObjects(keys.lake, 'add'),
      ],
    });
    new CfnOutput(this, 'BiReaderRole', { value: bi.roleArn }).overrideLogicalId('BiReaderRole');
    new CfnOutput(this, 'PhiReaderRole', { value: phi.roleArn }).overrideLogicalId('PhiReaderRole');
  }
}
