import * as z from 'zod';
import { describeUnknown } from './describe-setting.ts';
import { ConfigError } from './errors.ts';

const duration = z.string().regex(/^[1-9]\d*(m|h|d)$/, 'a duration such as 15m, 6h or 3d');

/** How often a stretch of history, counted back from the run's scheduled time, is read again. */
const tier = z.strictObject({ every: duration, back: duration });

const sourceSettings = z.strictObject({
  /** Accounts besides the sets of credentials found in the environment. @default ['default'] */
  accounts: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9_]{0,30}$/, 'lower-case letters, digits and _'))
    .min(1)
    .optional(),
  /** Origin, optionally with a path prefix; https, or http to loopback. @default the vendor's */
  baseUrl: z.url().optional(),
  /** Requests per second the token bucket starts at. @default 10 */
  maxRps: z.number().positive().max(1000).optional(),
  /** Replaces the tiers of every windowed stream. */
  tiers: z.array(tier).min(1).optional(),
  /** How often everything is read again, for null cursors, late edits and removals; at most 3d keeps the promise on removals. @default '3d' */
  sweepEvery: duration.optional(),
  /** First day to load. @default everything the vendor lists */
  historyStart: z.iso.date().optional(),
  /** Ids of the vendor's users that Callhouse itself reads with: their reads are left out of `call_access_log`. @default none */
  ownUserIds: z
    .array(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'the id of a user: letters, digits, _ and -'))
    .optional(),
});

/** Everything a user may set, apart from credentials. */
export const settingsSchema = z.strictObject({
  sources: z.record(z.string(), sourceSettings).default({}),
  /** IANA zone of the clinic, for `calls_hourly` and the day of `calls_daily`. @default 'UTC' */
  timeZone: z.string().refine(isTimeZone, 'an IANA time zone such as America/New_York').default('UTC'),
  /** What a removal at the vendor does to the PHI row: only mark it, or also blank its sensitive columns. @default 'mark' */
  onVendorRemoval: z.enum(['mark', 'blank']).default('mark'),
  /** @default 'hyparquet' */
  parquetWriter: z.enum(['hyparquet', 'parquetjs']).default('hyparquet'),
  /** Stops a run after this long, to go on at the next. @default none on one machine, 13m on AWS */
  timeLimit: duration.optional(),
});

export type Settings = z.infer<typeof settingsSchema>;
export type SourceSettings = z.infer<typeof sourceSettings>;
/** What a user writes: everything has a default. */
export type SettingsInput = z.input<typeof settingsSchema>;

/** What of the settings changes the text of views. */
export function viewSettingsOf({ timeZone, sources }: Pick<Settings, 'timeZone' | 'sources'>) {
  const ownUserIds = new Set(Object.values(sources).flatMap((source) => source.ownUserIds ?? []));
  return { timeZone, ownUserIds: [...ownUserIds].sort() };
}

/**
 * Checks settings whole.
 * @throws ConfigError that names every wrong setting and what it may be
 */
export function parseSettings(input: unknown, from: string): Settings {
  const parsed = settingsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ConfigError(`${from}: ${describeSettings(parsed.error)}`);
}

function describeSettings({ issues }: z.ZodError): string {
  const lines = issues.flatMap((issue) => {
    return issue.code === 'unrecognized_keys' ? describeUnknown(issue, settingsSchema) : [describeIssue(issue)];
  });
  return lines.join('; ');
}

/** One line for one wrong setting: its path, what it holds, what it may hold. */
export function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.') || 'the settings';
  return `${path}: ${issue.message}`;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}
