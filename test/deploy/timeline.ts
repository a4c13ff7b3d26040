const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Instants of the simulated days. */
export interface Timeline {
  /** The account is made; the worlds' history ends. */
  readonly start: Date;
  readonly ticks: Readonly<
    Record<
      'first' | 'second' | 'third' | 'fourth' | 'nightly' | 'sixth' | 'seventh' | 'eighth' | 'ninth' | 'last',
      Date
    >
  >;
}

/** Five days back from now, since staged days are projected up to tomorrow by the real clock; past the third day all is swept. */
export function planTimeline(now: number): Timeline {
  const start = Math.floor(now / DAY_MS) * DAY_MS - 5 * DAY_MS + 9 * HOUR_MS;
  const after = (hours: number) => new Date(start + hours * HOUR_MS);
  return {
    start: new Date(start),
    ticks: {
      first: after(0.25), // the extractors' 15 minutes, not yet the loader's hour
      second: after(6.25),
      third: after(80),
      fourth: after(84),
      nightly: after(90), // 03:00
      sixth: after(96),
      seventh: after(99),
      eighth: after(102),
      ninth: after(105),
      last: after(108),
    },
  };
}
