import * as z from 'zod';
import { ConfigError } from '../errors.ts';
import { extractAccount } from '../extract/extract-account.ts';
import type { Ports } from '../ports.ts';
import type { ExtractResult } from '../results.ts';
import type { Settings } from '../settings.ts';
import { findSource } from '../source/registry.ts';

const instant = z.iso
  .datetime({ offset: true, error: 'expected an instant with Z or an offset, such as 2026-11-21T09:00:00Z' })
  .transform((text) => new Date(text));

/** One run of one account. A backfill gives a window, the schedule does not. */
const extractEvent = z.object({
  source: z.string(),
  account: z.string().default('default'),
  /** Scheduled time of the run: everything relative, such as tiers, counts back from it. */
  at: instant,
  /** True in the events of a schedule; false if a person gave `at`. */
  scheduled: z.boolean().default(false),
  /** Streams to read. @default all */
  streams: z.array(z.string()).optional(),
  window: z
    .object({ from: instant, to: instant })
    .refine(({ from, to }) => from <= to, { error: 'expected from to be no later than to' })
    .optional(),
});
export type ExtractEvent = z.input<typeof extractEvent>;

/**
 * Handles extract events: both the Lambda and the command line call it.
 * @throws ConfigError if the event is malformed, or names a source or stream that does not exist
 */
export function extractHandler(ports: Ports, settings: Settings) {
  return async (event: unknown): Promise<ExtractResult> => {
    const parsed = extractEvent.safeParse(event);
    if (!parsed.success) {
      throw new ConfigError(
        parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the event'}: ${message}`).join('; '),
      );
    }
    const { source: name, scheduled, ...request } = parsed.data;
    const source = await findSource(name);
    const unknown = request.streams?.find((stream) => !Object.hasOwn(source.streams, stream));
    if (unknown !== undefined) {
      throw new ConfigError(
        `source ${name} has no stream ${unknown}; expected one of ${Object.keys(source.streams).join(', ')}`,
      );
    }
    return extractAccount(source, { ...request, isScheduled: scheduled, settings }, ports);
  };
}
