import { MAPPED, type PlausibleSetting } from './calls-columns.ts';

/** Days of the week as settings write them, in the order of ISO 8601: Monday is 1. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Settings of a deployment that change views. */
export interface ViewSettings {
  /** IANA time zone of the clinic, e.g. `America/New_York`. */
  readonly timeZone: string;
  /** Kismet users whose credentials Callhouse uses. `call_access_log` leaves out their reads. @default [] */
  readonly ownUserIds?: readonly string[] | undefined;
  /** Hours in which the clinic takes calls, `HH:MM-HH:MM` on its clock. A day that is left out is closed. @default unknown */
  readonly openingHours?: { readonly [day in (typeof WEEKDAYS)[number]]?: readonly string[] | undefined } | undefined;
  /** Days on which the clinic is closed, `YYYY-MM-DD`. @default none */
  readonly closedDays?: readonly string[] | undefined;
  /** A call that is answered within these seconds counts for the service level. @default 20 */
  readonly answerTargetSeconds?: number | undefined;
  /** A call within these days of the caller's last one is a repeat. @default 7 */
  readonly repeatDays?: number | undefined;
  /** A follow-up that is older than these days is overdue. @default 3 */
  readonly followUpTargetDays?: number | undefined;
  /** Greatest plausible values, in the unit of each setting. @default see `MAPPED` in `calls-columns.ts` */
  readonly plausible?: { readonly [name in PlausibleSetting]?: number | undefined } | undefined;
  /** Currency of a source whose vendor does not document it, by name of the source, e.g. `{ zudu: 'USD' }`. @default unknown */
  readonly costCurrencies?: Readonly<Record<string, string>> | undefined;
}

const TARGETS = { answerTargetSeconds: 20, repeatDays: 7, followUpTargetDays: 3 };

/** The targets of the settings, with their defaults. */
export function targetsOf({ answerTargetSeconds, repeatDays, followUpTargetDays }: ViewSettings): typeof TARGETS {
  return {
    answerTargetSeconds: answerTargetSeconds ?? TARGETS.answerTargetSeconds,
    repeatDays: repeatDays ?? TARGETS.repeatDays,
    followUpTargetDays: followUpTargetDays ?? TARGETS.followUpTargetDays,
  };
}

/** Columns of `calls` whose greatest plausible value is a setting. */
export type BoundedColumn = {
  readonly [name in keyof typeof MAPPED]: (typeof MAPPED)[name] extends { readonly plausible: object } ? name : never;
}[keyof typeof MAPPED];

/** Greatest plausible value of a column of `calls`, in the column's unit. */
export function greatestOf(column: BoundedColumn, { plausible }: ViewSettings): number {
  const { setting, greatest, times } = MAPPED[column].plausible;
  return (plausible?.[setting] ?? greatest) * times;
}
