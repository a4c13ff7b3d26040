import type { SettingsInput } from '../../../functions/settings.ts';
import type { FaultOptions, GivenOptions } from '../../simulators/start-simulators.ts';

/** One run of the demo. */
export interface Scene {
  readonly title: string;
  /** Hours by which the vendors' clock moves on before the run. */
  readonly hours: number;
  /** Faults of the vendors during the run. */
  readonly faults?: FaultOptions;
  /** Share of page requests before which the list moves, 0 to 1. */
  readonly drift?: number;
}

/** The world of the demo, where some callers call again. */
export const DEMO_WORLD: GivenOptions = { repeatCallers: 0.2 };
/** Calls that move a list while it is read began up to this long before. */
export const DRIFT_HOURS = 48;

/** A first load, then what happens to a pipeline in its first weeks. */
export const SCENES: readonly Scene[] = [
  { title: 'first load: 30 days of history', hours: 0 },
  { title: 'an hour later', hours: 1 },
  { title: 'six hours later', hours: 6 },
  { title: 'a day later; 20 % of the answers fail', hours: 24, faults: { rate: 0.2, seed: 7 } },
  { title: 'three days later; lists move while they are read', hours: 72, drift: 0.3 },
  { title: 'three more days later', hours: 72 },
  { title: 'two hours later: missing records are checked a second time', hours: 2 },
];

/** Settings of the demo's clinic. */
export const DEMO_SETTINGS: SettingsInput = {
  timeZone: 'America/New_York',
  openingHours: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [day, ['08:00-18:00']])),
};

/** The query that the demo shows at its end. */
export const FIRST_QUERY =
  'select source, count(*) as calls, round(avg(duration_seconds)) as average_seconds, max(started_at) as newest from calls group by source order by source';
