import { DAY_MS } from '../../functions/time.ts';
import type { Ring } from './alarms.ts';

/** Something that is made to happen. */
export interface Cause {
  readonly name: string;
  /** First day, and the day after the last one. */
  readonly from: number;
  readonly to: number;
  /** Alarms that must ring meanwhile. */
  readonly rings: readonly RegExp[];
  /** Alarms that may ring besides. @default none */
  readonly mayRing?: readonly RegExp[];
  /** Days after the end in which its alarms may still ring. @default 1 */
  readonly after?: number;
}

/** Name of a cause. */
export type CauseName = keyof typeof PLANTED;

/** What is made to happen, for a stage of so many days. */
const PLANTED = {
  bug: { from: 3, days: 1, rings: [/^dead-letters$/] },
  placeholder: { from: 4, days: 1, rings: [/^run-outcome-of-2$/], mayRing: [/^stale-stream-of-kalem-north$/] },
  vendors: {
    ...{ from: 6, days: 3 },
    rings: [/^run-outcome-of-3$/, /^stale-stream-of-/],
    mayRing: [/^failed-check$/],
  },
  passing: { from: 10, days: 1, rings: [] },
  silence: { from: 12, days: 20, rings: [/^failed-load$/] },
  // Solum lists the calls of the last day only: two full scans miss all others. The list is complete again at the full scan after it.
  thin: {
    ...{ from: 14, days: 8, after: 4 },
    rings: [/^removals-held$/, /^run-outcome-of-4$/],
    mayRing: [/^stale-stream-of-solum-default$/],
  },
  garbled: { from: 28, days: 4, rings: [/^rejects$/] },
  // With `silence` before it, nothing is loaded for 40 days, which is longer than `stagingDays`.
  outage: { from: 32, days: 20, rings: [/^failed-load$/, /^run-outcome-of-5$/], mayRing: [/^load-lag$/] },
  quota: { from: -7, days: 1, rings: [/^failed-load$/, /^run-outcome-of-5$/], mayRing: [/^load-lag$/] },
  resources: { from: -6, days: 1, rings: [/^failed-load$/, /^run-outcome-of-5$/], mayRing: [/^load-lag$/] },
  expired: { from: -5, days: 3, rings: [/^failed-load$/, /^run-outcome-of-5$/, /^load-lag$/] },
  twins: { from: -4, days: 1, rings: [/^failed-check$/] },
  spend: { from: -3, days: 1, rings: [/^spend-of-etl$/, /^spend-of-bi$/, /^spend-of-phi$/] },
} as const;

/** Days at the end, in which the causes are that have a negative `from` above. */
const LAST_DAYS = 8;

/** The causes of a stage of so many days. One that has no room is left out. */
export function causesOf(days: number): Readonly<Partial<Record<CauseName, Cause>>> {
  const placed = Object.entries(PLANTED).map(([name, { from, days: length, ...rest }]) => {
    const first = from < 0 ? days + from : from;
    return { name, from: first, to: first + length, isLast: from < 0, ...rest };
  });
  const fitting = placed.filter(({ to, isLast }) => isLast || to <= days - LAST_DAYS);
  return Object.fromEntries(fitting.map(({ isLast: _, ...cause }) => [cause.name, cause]));
}

/** Those of the alarms that no cause is to ring: nobody would see if they could not. @param alarms names, without the stage's */
export function withoutCause(alarms: readonly string[]): readonly string[] {
  const planted = Object.values(PLANTED).flatMap(({ rings }): readonly RegExp[] => rings);
  return alarms.filter((alarm) => !planted.some((name) => name.test(alarm)));
}

/** True on a day of the cause. */
export function isOn(cause: Cause | undefined, day: number): boolean {
  return cause !== undefined && day >= cause.from && day < cause.to;
}

/**
 * Compares the alarms that rang with their causes.
 * @param start when day 0 begins, ms
 * @returns a sentence for each alarm without a cause, and for each cause without its alarm
 */
export function judgeRings(rings: readonly Ring[], causes: readonly Cause[], start: number): readonly string[] {
  const dayOf = ({ at }: Ring) => Math.floor((at - start) / DAY_MS);
  const belongs = (ring: Ring, { from, to, after = 1, rings: must, mayRing = [] }: Cause) =>
    dayOf(ring) >= from && dayOf(ring) < to + after && [...must, ...mayRing].some((name) => name.test(ring.alarm));
  const without = rings.filter((ring) => !causes.some((cause) => belongs(ring, cause)));
  const silent = causes.flatMap((cause) =>
    cause.rings
      .filter((name) => !rings.some((ring) => name.test(ring.alarm) && belongs(ring, cause)))
      .map((name) => `${cause.name} did not ring ${name.source}`),
  );
  return [...without.map((ring) => `day ${dayOf(ring)}: ${ring.alarm} rang without a cause`), ...silent];
}
