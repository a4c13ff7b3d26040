import type { AthenaClient } from '@aws-sdk/client-athena';
import { deployCommand, getStageWorkgroup } from '../athena/stage-workgroup.ts';
import { workgroupName } from '../names.ts';
import { faultOf, isCredentialFault, type SdkFault } from '../sdk-errors.ts';
import type { DoctorCheck, DoctorOptions } from './doctor-check.ts';

/**
 * Checks that the stage's workgroup exists and is enabled.
 * @returns also the bucket of its lake, if it can be read, and whether AWS refuses the caller or does not answer
 */
export async function checkWorkgroup(
  athena: AthenaClient,
  { stage }: DoctorOptions,
): Promise<{ readonly check: DoctorCheck; readonly isRefused: boolean; readonly bucket?: string | undefined }> {
  const check = `workgroup ${workgroupName(stage, 'etl')}`;
  try {
    const { name, isEnabled, bucket } = await getStageWorkgroup(athena, stage);
    if (isEnabled) return { check: { check, ok: true }, isRefused: false, bucket };
    const remedy = `enable it: aws athena update-work-group --work-group ${name} --state ENABLED`;
    return { check: { check, ok: false, remedy }, isRefused: false, bucket };
  } catch (error) {
    const fault = faultOf(error);
    if (!fault) throw error;
    const isRefused = isRefusal(fault) || fault.status === 0;
    return { check: { check, ok: false, remedy: remedyFor(fault, stage) }, isRefused };
  }
}

function isRefusal(fault: SdkFault): boolean {
  return isCredentialFault(fault) || fault.code === 'AccessDeniedException';
}

function remedyFor(fault: SdkFault, stage: string): string {
  if (isRefusal(fault))
    return `sign in to AWS as someone who may read the stage: aws sso login, or AWS_PROFILE (${fault.code})`;
  if (fault.status === 0) return `AWS did not answer: check the network and AWS_REGION (${fault.code})`;
  return `deploy the stage, or set AWS_REGION to where it is: ${deployCommand(stage)}`;
}
