import type { HourFigures } from './facts.ts';

/** Deviations above the mean of all hours beyond which an hour counts as the worst one: of 168 hours, chance puts none there. */
const CLEAR = 3.5;
const LEAST_MISSED = 5;
const FULL_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** The hour of the week in which clearly more calls are missed than in others; undefined if none stands out. */
export function worstHour(hours: readonly HourFigures[]): HourFigures | undefined {
  if (hours.length === 0) return undefined;
  const mean = missedIn(hours) / hours.length;
  const [most] = [...hours].sort((a, b) => b.missed - a.missed || a.weekday - b.weekday || a.hour - b.hour);
  if (!most || most.missed < LEAST_MISSED || most.missed <= mean + CLEAR * Math.sqrt(mean)) return undefined;
  return most;
}

/** Missed calls of these hours together. */
export function missedIn(hours: readonly HourFigures[]): number {
  return hours.reduce((sum, { missed }) => sum + missed, 0);
}

/** `Wednesdays from 12:00 to 13:00`. */
export function hourName({ weekday, hour }: Pick<HourFigures, 'weekday' | 'hour'>): string {
  return `${FULL_NAMES[weekday - 1]}s from ${hour}:00 to ${hour + 1}:00`;
}
