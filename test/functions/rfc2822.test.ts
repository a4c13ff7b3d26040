import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRfc2822 } from '../../functions/rfc2822.ts';
import { holds } from '../helpers/holds.ts';

test('the date of any second is read as written', () => {
  const second = fc.integer({ min: 0, max: 253_402_300_799 }).map((seconds) => seconds * 1000);
  holds(
    fc.property(second, fc.integer({ min: -12, max: 14 }), (ms, hours) => {
      expect(parseRfc2822(new Date(ms).toUTCString())).toEqual({ ms, zoned: true });
      const zone = `${hours < 0 ? '-' : '+'}${String(Math.abs(hours)).padStart(2, '0')}30`;
      const local = ms + Math.sign(hours || 1) * (Math.abs(hours) * 60 + 30) * 60_000;
      if (local < 0 || local >= 253_402_300_800_000) return;
      expect(parseRfc2822(new Date(local).toUTCString().replace('GMT', zone))).toEqual({ ms, zoned: true });
    }),
    { numRuns: 500 },
  );
});

test.each([
  '',
  'soon',
  '2026-11-10T09:00:00Z',
  'Tue 10 Nov 2026',
  'Tue, 10 Nov 2026',
  '10 Nov 2026 25:00:00 GMT',
  '10 Foo 2026 09:00 GMT',
])('%j is no such date', (text) => {
  expect(parseRfc2822(text)).toBeUndefined();
});
