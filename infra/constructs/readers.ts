import { CfnOutput } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { databasesOf } from '../../schemas/derive/databases.ts';
import type { StageSettings } from '../config.ts';
import { PREFIXES } from './prefixes.ts';
import { type Reader, ReaderRole } from './reader-role.ts';
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

/** BI tools renew a session when it ends; a person who reads health data signs in again. */
const BI_HOURS = 8;
const PHI_HOURS = 1;

/** What `PhiReaderRole` says in place of a role. */
const NOBODY = 'none, because the setting readers.phi names nobody';

/** What both roles may read of the safe bucket. */
function readablePrefixes({ report }: StageSettings): readonly string[] {
  return [PREFIXES.safe, ...(report?.publish ? [PREFIXES.report] : [])];
}

/**
 * The roles for reading; that for health data only if the settings say who may assume it. Athena reads S3 with the caller's
 * permissions, so a view shows a role only what the role may fetch. The BI role has no key, prefix or catalog entry outside `callhouse`.
 * @see {@link https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html}
 */
export class Readers extends Construct {
  constructor(scope: Construct, id: string, props: ReadersProps) {
    super(scope, id);
    const { bi, phi } = props.settings.readers;
    const output = (name: string, value: string) => new CfnOutput(this, name, { value }).overrideLogicalId(name);
    output('BiReaderRole', this.makeBi(props, bi).roleArn);
    output('PhiReaderRole', phi ? this.makePhi(props, phi).roleArn : NOBODY);
  }

  private makeBi({ settings, keys, buckets, workgroups }: ReadersProps, arns: readonly string[] | undefined) {
    const { safe } = databasesOf(settings.databasePrefix);
    return new ReaderRole(this, 'Bi', {
      doc: `Reads only ${safe}, through Athena`,
      assumedBy: arns?.map((arn) => ({ arn, mfa: false })),
      hours: BI_HOURS,
      grants: [
        ...queries(this, workgroups.bi.name),
        savedQueries(this, workgroups.bi.name),
        ...catalogThroughAthena(this),
        catalog(this, [safe], 'read'),
        objects(buckets.safe, 'read', readablePrefixes(settings)),
        objects(buckets.safe, 'add', [PREFIXES.results.bi]),
        ...listingOf(buckets.safe, [PREFIXES.safe, PREFIXES.results.bi]),
        keyForObjects(keys.safe, 'add'),
      ],
    });
  }

  private makePhi({ settings, keys, buckets, workgroups }: ReadersProps, assumedBy: readonly Reader[]) {
    const { safe, phi } = databasesOf(settings.databasePrefix);
    return new ReaderRole(this, 'Phi', {
      doc: `Reads ${safe} and ${phi} through Athena`,
      assumedBy,
      hours: PHI_HOURS,
      grants: [
        ...queries(this, workgroups.phi.name),
        ...catalogThroughAthena(this),
        catalog(this, [safe, phi], 'read'),
        objects(buckets.safe, 'read', readablePrefixes(settings)),
        objects(buckets.lake, 'read', [PREFIXES.phi]),
        objects(buckets.lake, 'add', [PREFIXES.results.phi]),
        ...listingOf(buckets.safe, [PREFIXES.safe]),
        ...listingOf(buckets.lake, [PREFIXES.phi, PREFIXES.results.phi]),
        keyForObjects(keys.safe, 'read'),
        keyForObjects(keys.lake, 'add'),
      ],
    });
  }
}
