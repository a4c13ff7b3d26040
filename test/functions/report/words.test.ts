import { describe, expect, test } from 'vitest';
import { agesFor } from '../../../functions/report/ages.ts';
import { addDays, daysFrom, periodBefore, sinceFirstCall, weekdayOf } from '../../../functions/report/period.ts';
import {
  clock,
  duration,
  lag,
  listed,
  money,
  percent,
  shortName,
  weekdayAndDay,
} from '../../../functions/report/words.ts';

describe('words of the page', () => {
  test.each([
    [0.4, '0 s'],
    [59.6, '1 min'],
    [65, '1 min 5 s'],
    [599, '9 min 59 s'],
    [600, '10 min'],
    [3569, '59 min'],
    [3599, '1 h 00'],
    [7500, '2 h 05'],
    [null, '–'],
  ])('%s seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text));

  test.each([
    [1234.5, 'USD', '$1,235'],
    [12.345, 'EUR', '€12.35'],
    [-3, 'USD', '-$3.00'],
    [99.9, null, '99.90'],
    [null, 'USD', '–'],
  ])('%s of %s is %s', (value, currency, text) => expect(money(value, currency)).toBe(text));

  test('shares, lists, lags and days', () => {
    expect([percent(0.877), percent(0.877, 1), percent(null)]).toEqual(['88%', '87.7%', '–']);
    expect([listed([]), listed(['a']), listed(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c']);
    expect([lag(1), lag(3_600_000), lag(47 * 3_600_000), lag(49 * 3_600_000)]).toEqual([
      'less than an hour',
      '1 hour',
      '47 hours',
      '2 days',
    ]);
    expect(weekdayAndDay('2026-06-18')).toBe('Thu 18 Jun');
    expect(clock(new Date('2026-11-01T05:30:00Z'), 'America/New_York')).toEqual({ day: '2026-11-01', time: '01:30' });
  });

  test('names stay on one line, keep their reading order, and are short', () => {
    expect(shortName('\u202eab\u2066c\nd\u0000')).toBe('abc d');
    expect(shortName(' \u200b ')).toBe('–');
    const long = shortName(`${'x'.repeat(300)}0123456789`);
    expect([...long]).toHaveLength(40);
    expect(long).toMatch(/^x{29}…0123456789$/);
    expect([...shortName('😀'.repeat(90))]).toHaveLength(40);
  });
});

describe('the period', () => {
  test('is the seven days before the first that was not read to its end, and the weeks before them', () => {
    const period = periodBefore('2026-03-10', 3);
    expect(period).toMatchObject({ from: '2026-03-03', to: '2026-03-09', first: '2026-02-17' });
    expect(period.weeks.map(({ to }) => to)).toEqual(['2026-02-23', '2026-03-02', '2026-03-09']);
    expect(sinceFirstCall(periodBefore('2026-03-10', 8), '2026-02-20').first).toBe('2026-02-17');
    expect(sinceFirstCall(periodBefore('2026-03-10', 8), undefined).weeks).toHaveLength(2);
  });

  test('counts days over months and years', () => {
    expect(addDays('2025-12-31', 1)).toBe('2026-01-01');
    expect(daysFrom('2026-02-27', '2026-03-01')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
    expect(daysFrom('2026-03-01', '2026-02-27')).toEqual([]);
    expect(['1969-12-28', '1970-01-01', '2026-06-15'].map(weekdayOf)).toEqual([7, 4, 1]);
  });
});

test('the target is a bound of the ages of follow-ups', () => {
  expect(agesFor(3).map(({ isOverdue }) => isOverdue)).toEqual([false, false, true, true, true, true]);
  expect(agesFor(5).map(({ label }) => label)).toContain('3 to 5 days');
  expect(agesFor(0.5)[0]).toEqual({ label: 'up to 0.5 days', most: 0.5, isOverdue: false });
  expect(agesFor(90).at(-1)).toEqual({ label: 'over 90 days', most: undefined, isOverdue: true });
});
