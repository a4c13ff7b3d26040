import { afterEach, expect, test } from 'vitest';
import { writeWindow } from '../../functions/extract/pages/write-window.ts';
import { newRejects } from '../../functions/extract/rows/coerce.ts';
import { compileFlatten } from '../../functions/extract/rows/flatten.ts';
import { dayOf, dayText } from '../../functions/time.ts';
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
