import { CallhouseError } from '../../../functions/errors.ts';

/** Result of one check. The remedy says what is wrong and how to fix it; if the check is ok, it is only a warning. */
export interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly remedy?: string;
  /** What is worth knowing although the check is passed. */
  readonly note?: string;
}

/** Runs one check. It fails if `work` throws a CallhouseError, whose message is the remedy. */
export async function checked(check: string, work: () => unknown): Promise<Check> {
  try {
    await work();
    return { check, ok: true };
  } catch (error) {
    if (!(error instanceof CallhouseError)) throw error;
    return { check, ok: false, remedy: error.message };
  }
}
