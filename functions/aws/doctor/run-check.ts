import { CallhouseError } from '../../errors.ts';
import type { DoctorCheck } from './doctor-check.ts';

/**
 * Runs a check.
 * @returns the results of `work`; one passed check if it returns none; one failed check if it throws an expected failure, whose
 * message names the remedy
 */
export async function runCheck(
  check: string,
  work: () => Promise<readonly DoctorCheck[]>,
): Promise<readonly DoctorCheck[]> {
  try {
    const found = await work();
    return found.length > 0 ? found : [{ check, ok: true }];
  } catch (error) {
    if (!(error instanceof CallhouseError)) throw error;
    return [{ check, ok: false, remedy: error.message }];
  }
}
