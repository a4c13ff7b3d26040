import { isAbsolute } from 'node:path';
import * as z from 'zod';
import { describeUnknown } from './describe-setting.ts';
import { ConfigError } from './errors.ts';
import { isDuration } from './time.ts';
import { costCurrency, viewFields } from './view-settings.ts';

const duration = z.string().refine(isDuration, 'expected a duration such as 15m, 6h or 3d');

/** How often (`every`) a stretch of history is read again; `back` is its length, counted back from the run's scheduled time. */
const tier = z.strictObject({ every: duration, back: duration });

const address = z.url('expected an address such as https://api.example.com');

const sourceSettings = z.strictObject({
  /** Accounts to extract, in addition to those whose credentials are found in the environment. @default ['default'] */
  accounts: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9_]{0,30}$/, 'expected at most 31 lower-case letters, digits and _'))
    .min(1)
    .optional(),
  /** Origin, optionally with a path prefix; https, or http to loopback. @default the vendor's */
  baseUrl: address.optional(),
  /** Address where tokens of OAuth 2 are requested. @default the vendor's; it moves with `baseUrl` if it is on the same origin */
  tokenUrl: address.optional(),
  /**
   * Highest rate of requests per second, of all accounts together; lowered automatically when the vendor answers 429. On AWS each account
   * gets an equal share, on one machine they are read one after the other. @default the source's, else 10, for each account
   */
  maxRps: z.number().positive().max(1000).optional(),
  /** Replaces the tiers of every stream that is read by windows. @default those of each stream */
  tiers: z.array(tier).min(1).optional(),
  /**
   * How often everything is read again, to find late edits, removals and records without a date. With more than 3d, removals
   * are noticed later than documented.
   * @default '3d'
   */
  sweepEvery: duration.optional(),
  /**
   * First day to store, `YYYY-MM-DD`, of figures and of records that the vendor filters by time. A record without a time is stored
   * too; full scans therefore still list everything. @default everything that the vendor lists
   */
  historyStart: z.iso.date('expected a day such as 2026-01-31').optional(),
  /**
   * What it means that a record's opt-out flag is missing or neither true nor false: `true`, the caller opted out; `false`, not.
   * @default such records count as opted out, and a page of 5 records or more of which most are such is refused
   */
  optOutWhenAbsent: z.boolean().optional(),
  /**
   * Texts that `callhouse` shows although they do not fit their column, by column: `{ "solum_calls.language": ["swiss german"] }`.
   * Only name texts that say nothing about a person.
   * @default none
   */
  safeValues: z
    .record(
      z.string().regex(/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/, 'expected a column, such as solum_calls.language'),
      z.array(z.string().min(1)).min(1),
    )
    .optional(),
  /**
   * Ids of the vendor's users with whose credentials Callhouse reads. Their reads are left out of the view `call_access_log`.
   * @default none
   */
  ownUserIds: z
    .array(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected the id of a user: letters, digits, _ and -'))
    .optional(),
  /** Currency of the costs, e.g. `USD`, where the vendor does not document it. @default unknown: costs are shown without a currency */
  costCurrency: costCurrency.optional(),
});

/** The copy of `callhouse` for BI tools on one machine. */
const publish = z.strictObject({
  /** Shortest time between two copies. @default '15m' */
  every: duration.optional(),
  /** Absolute path of the file. Readers of a `group` need one outside the data directory, which only its owner can enter. @default bi/callhouse.duckdb in the data directory */
  path: z
    .string()
    .refine((path) => isAbsolute(path) && path.endsWith('.duckdb'), 'expected an absolute path that ends in .duckdb')
    .optional(),
});

const days = z.int().min(1).max(3650);

/** How long copies are kept on one machine. On AWS, stages have more of these settings, with defaults. */
const retention = z.strictObject({
  /** Days to keep the vendors' answers as served; a replay from them reaches no further back. @default for ever */
  rawDays: days.optional(),
  /** Days to keep staged files after every warehouse has loaded them. @default for ever */
  stagingDays: days.optional(),
  /** On AWS only. */
  resultsDays: days.optional(),
  /** On AWS only. */
  noncurrentDays: days.optional(),
  /** On AWS only. */
  accessLogDays: z.int().min(1).max(7300).optional(),
  /** On AWS only. */
  logDays: days.optional(),
});

/** The manager's page. */
const report = z.strictObject({
  /** Name of the clinic or group, for the head of the page. @default none */
  title: z.string().min(1).max(80).optional(),
  /** Weeks that its charts show, 2 to 26. @default 8 */
  weeks: z.int().min(2).max(26).optional(),
  /**
   * Counts below this number, except 0, are hidden by category, age, hour of the week, clinician and agent, and so is what they could be
   * computed from. US Medicare asks for 11 where its data is published.
   * @default 1: nothing is hidden
   */
  minimumCell: z.int().min(1).max(1000).optional(),
  /** The page says that a stream is behind if it was not read for this time. @default '3h' */
  staleAfter: duration.optional(),
  /** On AWS: the nightly maintenance writes the page to the bucket that readers of `callhouse` can read. @default false */
  publish: z.boolean().optional(),
});

/** All settings of the pipeline, except credentials. */
export const settingsSchema = z.strictObject({
  sources: z.record(z.string(), sourceSettings).default({}),
  /** Time zone of the clinic (IANA name), by which views count days and hours. @default 'UTC' */
  timeZone: z.string().refine(isTimeZone, 'expected an IANA time zone such as America/New_York').default('UTC'),
  /**
   * What happens to a PHI row whose record the vendor removed: `mark` sets `_deleted_at`, `blank` also empties its sensitive
   * columns.
   * @default 'mark'
   */
  onVendorRemoval: z.enum(['mark', 'blank']).default('mark'),
  /** Library that writes staged files. @default 'hyparquet' */
  parquetWriter: z.enum(['hyparquet', 'parquetjs']).default('hyparquet'),
  /** Stops a run after this time; the next run continues. @default 13m on AWS; on one machine 1h, except during the first load of a stream */
  timeLimit: duration.optional(),
  /** How long copies are kept. */
  retention: retention.optional(),
  /** On one machine: the copy of `callhouse` for BI tools. */
  publish: publish.optional(),
  /** The manager's page. */
  report: report.optional(),
  /** On one machine: name or number of the group that may read the copy and exports. @default their owner alone */
  group: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/, 'expected the name or the number of a group')
    .optional(),
  ...viewFields,
});

export type Settings = z.infer<typeof settingsSchema>;
/** The settings as a user writes them: everything has a default. */
export type SettingsInput = z.input<typeof settingsSchema>;

/**
 * Checks settings.
 * @param from where they come from, as messages name it
 * @throws ConfigError that names every wrong setting and what is expected
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

/** Describes one wrong setting in one line: its path, and what is expected. */
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
