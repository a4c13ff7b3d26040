import { expect, test } from 'vitest';
import { MINUTE_MS, newReadingTime } from '../../functions/time.ts';

test.each([
  { says: 'each page', minutes: [1, 3, 18], spent: 18 },
  { says: 'a quarter of an hour of a longer time between two pages', minutes: [1, 121, 122], spent: 17 },
  { says: 'a quarter of an hour before the first page', minutes: [75 * 60], spent: 15 },
  { says: 'nothing while the clock is set back', minutes: [5, 2, 4], spent: 7 },
])('the time that a run reads counts $says', ({ minutes, spent }) => {
  let now = 0;
  const readingTime = newReadingTime(() => now);
  for (const minute of minutes) {
    now = minute * MINUTE_MS;
    readingTime();
  }
  expect(readingTime()).toBe(spent * MINUTE_MS);
});
