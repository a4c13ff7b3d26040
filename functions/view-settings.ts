import * as z from 'zod';
import { MAPPED, type PlausibleSetting } from '../schemas/views/calls-columns.ts';
import { minutesOf } from '../schemas/views/opening-hours.ts';
import { type ViewSettings, WEEKDAYS } from '../schemas/views/view-settings.ts';

const HOURS = 'expected hours such as 08:00-18:00, the later time second, at most 24:00';

const span = z
  .string({ error: HOURS })
  .regex(/^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/, { error: HOURS })
  .refine((text) => minutesOf(text)[0] < minutesOf(text)[1], { error: HOURS });

const amount = (greatest: number) => {
  const error = `expected a number above 0, at most ${greatest}`;
  return z.number({ error }).positive({ error }).max(greatest, { error });
};

const plausibleSettings = Object.fromEntries(
  Object.values(MAPPED).flatMap((column) =>
    'plausible' in column ? [[column.plausible.setting, amount(1_000_000_000).optional()]] : [],
  ),
) as Record<PlausibleSetting, z.ZodOptional<z.ZodNumber>>;

/** Settings that change nothing but the text of views. */
export const viewFields = {
  /**
   * Hours in which the clinic takes calls on its clock, e.g. `{ mon: ['08:00-12:00', '13:00-18:00'] }`; a day that is left out is
   * closed. Hours past midnight belong to the next day.
   * @default unknown: `is_after_hours` is null
   */
  openingHours: z
    .strictObject(
      Object.fromEntries(WEEKDAYS.map((day) => [day, z.array(span).optional()])) as Record<
        (typeof WEEKDAYS)[number],
        z.ZodOptional<z.ZodArray<typeof span>>
      >,
    )
    .optional(),
  /** Days on which the clinic is closed, `YYYY-MM-DD`. @default none */
  closedDays: z.array(z.iso.date('expected a day such as 2026-12-25')).max(1000).optional(),
  /** A call that is answered within these seconds counts for the service level. @default 20 */
  answerTargetSeconds: amount(3600).optional(),
  /** A call within these days of the caller's last one is a repeat. @default 7 */
  repeatDays: amount(365).optional(),
  /** A follow-up that is older than these days is overdue. @default 3 */
  followUpTargetDays: amount(365).optional(),
  /**
   * Greatest plausible values. Views leave greater ones, and those below 0, out of every figure; `data_quality` counts them.
   * @default { maxCallHours: 24, maxWaitMinutes: 60, maxCost: 10000, maxSessions: 100 }
   */
  plausible: z.strictObject(plausibleSettings).optional(),
};

/** Currency that a source's costs are in, where the vendor does not document it. */
export const costCurrency = z.string().regex(/^[A-Z]{3}$/, 'expected a currency such as USD');

/** What {@link viewSettingsOf} reads. */
export type ViewSettingsSource = Omit<ViewSettings, 'ownUserIds' | 'costCurrencies'> & {
  readonly sources: Readonly<
    Record<
      string,
      { readonly ownUserIds?: readonly string[] | undefined; readonly costCurrency?: string | undefined } | undefined
    >
  >;
};

/** The settings that change the text of views. */
export function viewSettingsOf(settings: ViewSettingsSource): ViewSettings {
  const { timeZone, openingHours, closedDays, answerTargetSeconds, repeatDays, followUpTargetDays, plausible } =
    settings;
  const sources = Object.entries(settings.sources);
  const currencies = sources.flatMap(([name, source]) => (source?.costCurrency ? [[name, source.costCurrency]] : []));
  return {
    ...{ timeZone, openingHours, closedDays, answerTargetSeconds, repeatDays, followUpTargetDays, plausible },
    ownUserIds: [...new Set(sources.flatMap(([, source]) => source?.ownUserIds ?? []))].sort(),
    costCurrencies: Object.fromEntries(currencies),
  };
}
