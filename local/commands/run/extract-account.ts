import { CallhouseError } from '../../../functions/errors.ts';
import { type ExtractEvent, extractHandler } from '../../../functions/handlers/extract.ts';
import type { Ports } from '../../../functions/ports.ts';
import type { ExtractResult } from '../../../functions/results.ts';
import type { Settings } from '../../../functions/settings.ts';

/** What one account's run reaches, and whom it tells of a bug; the others go on. */
export interface ExtractAccountOptions {
  readonly ports: Ports;
  readonly settings: Settings;
  readonly onBug?: (error: unknown) => void;
}

/** One run of one account; whatever happens is in the result. */
export async function extractAccount(
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
      error: expected ? error.message : 'unexpected error, which is a bug; the other sources went on',
      exitCode: expected ? error.exitCode : 1,
    };
  }
}

/** True if nothing was read because another run holds the account's lease. Such a result has an error and the exit code 0. */
export function isBusy({ error, exitCode }: ExtractResult): boolean {
  return exitCode === 0 && error !== undefined;
}
