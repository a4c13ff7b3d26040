export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const DAYS = 63;
/** New York in summer. */
export const ZONE_MS = -4 * HOUR_MS;

/** Begins of calls: many at noon, few on weekends and at night. */
export function momentsOf(
  random: () => number,
  { until, perDay }: { readonly until: number; readonly perDay: number },
): readonly Date[] {
  const midnight = Math.floor((until + ZONE_MS) / DAY_MS) * DAY_MS - ZONE_MS;
  const days = Array.from({ length: DAYS }, (_, n) => midnight - (DAYS - 1 - n) * DAY_MS);
  return days.flatMap((day) => {
    const weekday = new Date(day + ZONE_MS + HOUR_MS).getUTCDay();
    const share = weekday === 0 || weekday === 6 ? 0.15 : 1;
    const calls = Math.round(perDay * share * (0.8 + random() * 0.4));
    return Array.from({ length: calls }, () => new Date(day + hourOf(random) * HOUR_MS)).filter(
      (moment) => moment.getTime() <= until,
    );
  });
}

function hourOf(random: () => number): number {
  if (random() < 0.12) return random() * 24;
  return 8 + ((random() + random()) / 2) * 10;
}

/** Numbers from 0 to 1 that are the same at each start. */
export function seeded(seed: number): () => number {
  let state = seed * 2_654_435_769;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 4_294_967_296;
  };
}
