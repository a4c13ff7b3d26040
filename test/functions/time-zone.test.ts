import { afterEach, expect, test } from 'vitest';
import { writeWindow } from '../../functions/extract/pages/write-window.ts';
import { newRejects } from '../../functions/extract/rows/coerce.ts';
import { compileFlatten } from '../../functions/extract/rows/flatten.ts';
import type { WindowRule } from '../../functions/source/source.ts';
import { dayOf, dayText, parseInstant } from '../../functions/time.ts';
import { solumCalls } from '../../schemas/tables/solum.ts';
import { named } from '../helpers/flatten-text.ts';
import { testTexts } from '../helpers/texts.ts';

const own = process.env['TZ'];
afterEach(() => {
  if (own === undefined) delete process.env['TZ'];
  else process.env['TZ'] = own;
});

test.each(['America/St_Johns', 'Pacific/Kiritimati', 'Nowhere/Nothing'])(
  'report 38: the time zone %s of the machine changes no value and no request',
  (zone) => {
    process.env['TZ'] = zone;
    const flatten = compileFlatten([solumCalls], {
      rejects: newRejects(),
      stableKeys: new Map(),
      texts: testTexts(),
    });
    const texts = ['2026-11-01T23:30:00Z', '2026-11-01T23:30:00', '2026-11-01 23:30', 'Sun, 1 Nov 2026 23:30:00 GMT'];
    for (const started_at of texts) {
      const flat = flatten({ id: 'a', started_at }, {});
      expect(flat && named(flat.row)['started_at']).toBe(Date.UTC(2026, 10, 1, 23, 30));
    }
    const at = Date.UTC(2026, 10, 1, 23, 30);
    expect(dayText(dayOf(at))).toBe('2026-11-01');
    expect(writeWindow({ from: new Date(at) }, { by: 'started_at', as: 'day' }).from).toBe('2026-11-01');
  },
);

/** Nights in which clocks change, a day that Samoa left out, a leap day, a year's end and a leap second, each with its UTC day. */
const INSTANTS: readonly [text: string, day: string][] = [
  ['2026-03-08T06:59:59.999Z', '2026-03-08'],
  ['2026-03-29T01:00:00.000Z', '2026-03-29'],
  ['2026-11-01T05:30:00.000Z', '2026-11-01'],
  ['2011-12-30T12:00:00.000Z', '2011-12-30'],
  ['2024-02-29T23:59:59.999Z', '2024-02-29'],
  ['2026-12-31T23:59:59.999Z', '2026-12-31'],
  ['2027-01-01T00:00:00.000Z', '2027-01-01'],
  ['2016-12-31T23:59:60Z', '2016-12-31'],
];
const FORMS: readonly WindowRule['as'][] = ['iso', 'iso-offset', 'iso-seconds', 'day', 'seconds', 'millis'];

test.each(['America/New_York', 'Europe/Berlin', 'Pacific/Apia', 'Asia/Kathmandu'])(
  'in the time zone %s days and windows are those of UTC, also where clocks change',
  (zone) => {
    const windows = () =>
      INSTANTS.map(([text]) => {
        const at = parseInstant(text)?.ms ?? 0;
        const window = { from: new Date(at - 86_400_000), to: new Date(at) };
        return FORMS.map((as) => writeWindow(window, { by: 'started_at', as }));
      });
    process.env['TZ'] = 'UTC';
    const expected = windows();
    process.env['TZ'] = zone;
    expect(new Date(2026, 6, 1).getTimezoneOffset()).not.toBe(0);
    expect(windows()).toEqual(expected);
    for (const [text, day] of INSTANTS) expect(dayText(dayOf(parseInstant(text)?.ms ?? 0))).toBe(day);
  },
);
