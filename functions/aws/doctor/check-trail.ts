import {
  type AdvancedEventSelector,
  CloudTrailClient,
  DescribeTrailsCommand,
  type EventSelector,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
} from '@aws-sdk/client-cloudtrail';
import { clientDefaults } from '../client-defaults.ts';
import { faultOf } from '../sdk-errors.ts';
import type { DoctorCheck, DoctorOptions } from './doctor-check.ts';

const CHECK = 'trail of who reads health data';
const S3_OBJECT = 'AWS::S3::Object';

/**
 * Warns if no trail of the account records who reads objects of the lake bucket, which has the files of `callhouse_phi`.
 * @see {@link https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html}
 */
export async function checkTrail(bucket: string, { client }: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const cloudTrail = new CloudTrailClient({ ...clientDefaults('CLOUDTRAIL'), ...client });
  try {
    if (await hasTrail(cloudTrail, `arn:aws:s3:::${bucket}/`)) return [{ check: CHECK, ok: true }];
    return [
      warn(
        `no trail of CloudTrail records who reads objects of ${bucket}; add one with data events of this bucket, and keep it for six years`,
      ),
    ];
  } catch (error) {
    const code = faultOf(error)?.code;
    if (code === undefined) throw error;
    return [
      warn(`cannot be told (${code}); allow cloudtrail:DescribeTrails, GetTrailStatus and GetEventSelectors to see it`),
    ];
  } finally {
    cloudTrail.destroy();
  }
}

/** A warning: the stage works without a trail. */
function warn(remedy: string): DoctorCheck {
  return { check: CHECK, ok: true, remedy };
}

async function hasTrail(client: CloudTrailClient, objects: string): Promise<boolean> {
  const { trailList: trails = [] } = await client.send(new DescribeTrailsCommand({ includeShadowTrails: true }));
  for (const { TrailARN: name } of trails) {
    const { IsLogging: isLogging } = await client.send(new GetTrailStatusCommand({ Name: name }));
    if (isLogging !== true) continue;
    const selectors = await client.send(new GetEventSelectorsCommand({ TrailName: name }));
    if (selectors.EventSelectors?.some((one) => coversObjects(one, objects))) return true;
    if (selectors.AdvancedEventSelectors?.some((one) => coversAdvanced(one, objects))) return true;
  }
  return false;
}

function coversObjects(
  { ReadWriteType: type, DataResources: resources = [] }: EventSelector,
  objects: string,
): boolean {
  if (type === 'WriteOnly') return false;
  const values = resources.filter(({ Type }) => Type === S3_OBJECT).flatMap(({ Values = [] }) => Values);
  // `arn:aws:s3` without a bucket name matches every bucket.
  return values.some((value) => objects.startsWith(value));
}

function coversAdvanced({ FieldSelectors: fields = [] }: AdvancedEventSelector, objects: string): boolean {
  const of = (name: string) => fields.find(({ Field }) => Field === name);
  if (!of('resources.type')?.Equals?.includes(S3_OBJECT) || of('readOnly')?.Equals?.includes('false')) return false;
  const arn = of('resources.ARN');
  return arn === undefined || [...(arn.StartsWith ?? []), ...(arn.Equals ?? [])].some((one) => objects.startsWith(one));
}
