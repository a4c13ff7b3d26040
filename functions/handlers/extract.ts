import * as z from 'zod';
import { ConfigError } from '../errors.ts';
import { extractAccount } from '../extract/extract-account.ts';
import type { Ports } from '../ports.ts';
import type { ExtractResult } from '../results.ts';
import type { Settings } from '../settings.ts';
import { findSource } from '../source/registry.ts';

const instant = z.iso
  .datetime({ offset: true, error: 'an instant with Z or an offset, such as 2026-11-21T09:00:00Z' })
  .transform((text) => new Date(text));

/** One tick: by the schedule without a window, as a backfill with one. */
const extractEvent = z.object({
  source: z.string(),
  account: z.string().default('default'),
  at: instant,
  /** True in the events of a schedule, whose `at` is not given by hand. */
  scheduled: z.boolean().default(false),
  streams: z.array(z.string()).optional(),
  window: z.object({ from: instant, to: instant }).optional(),
});
export type ExtractEvent = z.input<typeof extractEvent>;

/** One tick of one account of a source. @throws ConfigError when the event names what is not there */
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
    const unknown = request.streams?.find((stream) => !source.streams[stream]);
    if (unknown !== undefined) {
      throw new ConfigError(
        `source ${name} has no stream ${unknown}; expected one of ${Object.keys(source.streams).join(', ')}`,
      );
    }
    return extractAccount(source, { ...request, isScheduled: scheduled, settings }, ports);
  };
}
