import { CallhouseError } from '../../../functions/errors.ts';
import { type ExtractEvent, extractHandler } from '../../../functions/handlers/extract.ts';
import type { Ports } from '../../../functions/ports.ts';
import type { ExtractResult } from '../../../functions/results.ts';
import type { Settings } from '../../../functions/settings.ts';

/** What the run of one account needs. `onBug` receives unexpected errors, which do not stop the other accounts. */
export interface ExtractAccountOptions {
  readonly ports: Ports;
  readonly settings: Settings;
  readonly onBug?: (error: unknown) => void;
}

/** Extracts one account. Never throws: the result contains any error. */
export async function tryExtract(
  event: ExtractEvent & { readonly account: string },
  { ports, settings, onBug }: ExtractAccountOptions,
): Promise<ExtractResult> {
  try {
    return await extractHandler(ports, settings)(event);
  } catch (error) {
    const expected = error instanceof CallhouseError;
    if (!expected) onBug?.(error);
    const { source, account, at } = event;
    return {
      source,
      account,
      at,
      streams: [],
      error: expected ? error.message : 'unexpected error, which is a bug; the other sources continued',
      exitCode: expected ? error.exitCode : 1,
    };
  }
}

/** True if nothing was read because another run holds the account's lease. Such a result has an error and the exit code 0. */
export function isBusy({ error, exitCode }: ExtractResult): boolean {
  return exitCode === 0 && error !== undefined;
}
