import { describe, expect, test } from 'vitest';
import { adviceOf } from '../../../functions/report/advice.ts';
import { contextOf } from '../../../functions/report/context.ts';
import type { KeyFigure, ReportFacts } from '../../../functions/report/facts.ts';
import { periodBefore } from '../../../functions/report/period.ts';
import { firstScreen } from '../../../functions/report/sections/first-screen.ts';
import { solumCalls } from '../../../schemas/tables/solum.ts';

const AT = new Date('2026-06-19T14:00:00Z');
const STREAM = { source: 'solum', account: 'default', stream: 'calls', lastStatus: 'ok', through: AT };
const FACTS: ReportFacts = {
  period: periodBefore('2026-06-19', 8),
  accounts: [{ source: 'solum', account: 'default', until: '2026-06-19' }],
  streams: [STREAM],
  ...{ figures: [], days: [], hours: [], waits: [], categories: [], followUps: [], clinicians: [], visits: [] },
  ...{ agents: [], quality: [], reconciliation: undefined },
};
const REQUEST = {
  ...{ title: undefined, weeks: 8, minimumCell: 1, staleAfterMs: 3_600_000 },
  ...{ views: { timeZone: 'UTC' }, tables: [solumCalls], at: AT },
};
const figure = (metric: string, more: Partial<KeyFigure>): KeyFigure => ({
  ...{ source: null, account: null, metric, unit: 'ratio', better: 1, base: 900, previousBase: 900 },
  ...{ value: null, previous: null, isComplete: true },
  ...more,
});
const CALLS = figure('calls', { unit: 'calls', better: 0, value: 400, previous: 410 });
const advice = (
  { figures = [], ...facts }: Partial<ReportFacts>,
  minimumCell = 1,
  calls: readonly KeyFigure[] = [CALLS],
) => {
  const request = { ...REQUEST, minimumCell };
  return adviceOf(contextOf({ ...FACTS, ...facts, figures: [...calls, ...figures] }, request)).map((item) =>
    item.replace(/<[^>]+>/g, ''),
  );
};
const hours = [
  ...Array.from({ length: 50 }, (_, n) => ({
    weekday: 1 + (n % 5),
    hour: 8 + Math.floor(n / 5),
    missed: 1,
    answered: 9,
  })),
  { weekday: 3, hour: 18, missed: 20, answered: 5 },
];

describe('what to do', () => {
  test('is nothing if nothing stands out', () => {
    const calm = [
      figure('service_level', { value: 0.79, base: 40 }),
      figure('booking_rate', { value: 0.3, previous: 0.31 }),
    ];
    expect(advice({ figures: calm, hours: hours.slice(0, 50) })).toEqual([]);
  });

  test('is to find out why nothing was there', () => {
    expect(advice({}, 1, [])[0]).toMatch(/^Find out why there were no calls in these seven days/);
  });

  test('begins with what was not read, since other advice would rest on it', () => {
    const late = { ...STREAM, through: new Date('2026-06-18T14:00:00Z') };
    const list = advice({ streams: [late, { ...STREAM, account: 'north', through: null }], hours });
    expect(list[0]).toBe(
      'Have the connection to Solum · north repaired: nothing of it was ever read completely. Details',
    );
    expect(list[1]).toBe(
      'Have the connection to Solum · default repaired: later calls than Thu 18 Jun, 14:00 are missing below. Details',
    );
    expect(list[2]).toContain('Put one more person');
  });

  test('names follow-ups that wait too long', () => {
    const followUps = [
      { bin: 1, open: 30, overdue: 0, oldest: 2 },
      { bin: 4, open: 12, overdue: 12, oldest: 29.6 },
    ];
    expect(advice({ followUps })).toEqual([
      'Call back 12 follow-ups of 42 that have waited more than 3 days; the oldest for 30 days. How old they are',
    ]);
    const few = [
      { bin: 1, open: 39, overdue: 0, oldest: 2 },
      { bin: 4, open: 3, overdue: 3, oldest: 29.6 },
    ];
    expect(advice({ followUps: few }, 11)).toEqual([
      'Call back the follow-ups that have waited more than 3 days. How old they are',
    ]);
  });

  test('names the hour in which calls are missed, unless it is hidden', () => {
    expect(advice({ hours })).toEqual([
      'Put one more person on the phones on Wednesdays from 18:00 to 19:00: 20 of the 70 calls that were missed in 2 weeks fell into this hour. All hours',
    ]);
    expect(advice({ hours }, 21)).toEqual([]);
  });

  test('names what became clearly worse', () => {
    const figures = [
      figure('missed_calls', { unit: 'calls', better: -1, value: 60, previous: 20 }),
      figure('service_level', { value: 0.6 }),
      figure('booking_rate', { value: 0.2, previous: 0.3 }),
      figure('repeat_call_rate', { better: -1, value: 0.3, previous: 0.2 }),
    ];
    expect(advice({ figures }).map((item) => item.split(':')[0])).toEqual([
      'Find out why more calls were missed',
      'Answer sooner',
      'Find out why fewer calls end in a booking',
      'Find out why more callers call again',
    ]);
    expect(advice({ figures: figures.map((one) => ({ ...one, isComplete: false })) })).toEqual([]);
  });

  test('names a longer wait where it is not too long anyway', () => {
    const longer = figure('wait_p50', { unit: 's', better: -1, value: 40, previous: 20 });
    expect(advice({ figures: [longer] })).toEqual([
      'Find out why callers wait longer: 40 s, after 20 s the week before. Details',
    ]);
    expect(advice({ figures: [longer, figure('service_level', { value: 0.6 })] })).toEqual([
      expect.stringContaining('Answer sooner'),
    ]);
  });
});

describe('nothing to do', () => {
  const textWith = (figures: readonly KeyFigure[]) =>
    firstScreen(contextOf({ ...FACTS, figures: [CALLS, ...figures] }, REQUEST)).replace(/<[^>]+>/g, ' ');
  const CLAIM = 'no figure is clearly worse than the week before';

  test('says that no figure is clearly worse', () => {
    expect(textWith([figure('cost', { unit: 'currency', better: -1, value: 90, previous: 89 })])).toContain(CLAIM);
  });

  test.each([
    figure('answer_rate', { value: 0.8, previous: 0.9 }),
    figure('cost', { unit: 'currency', better: -1, value: 90, previous: 40 }),
    figure('cost', {
      ...{ unit: 'currency', better: -1, value: 90, previous: 40 },
      ...{ source: 'solum', account: 'default' },
    }),
  ])('says nothing of the kind if one is, of which no advice speaks ($metric of $account)', (worse) => {
    const text = textWith([worse]);
    expect(text).not.toContain(CLAIM);
    expect(text).toContain('Nothing urgent');
    expect(text).toContain('the figures that are clearly worse than the week before are marked');
  });
});
