import { CallhouseError } from '../../../functions/errors.ts';

/** One thing that was looked at; the remedy says what is wrong and what mends it. */
export interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly remedy?: string;
}

/** A check that is well unless `work` fails as expected failures do: they say their own remedy. */
export async function checked(check: string, work: () => unknown): Promise<Check> {
  try {
    await work();
    return { check, ok: true };
  } catch (error) {
    if (!(error instanceof CallhouseError)) throw error;
    return { check, ok: false, remedy: error.message };
  }
}
