import { describe, expect, test } from 'vitest';
import { withoutZone } from '../../../local/console/clinic-times.ts';
import { clinicTimeTest } from '../../../schemas/derive/clinic-times.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { allTables } from '../../../scripts/all-tables.ts';

const tables = await allTables();
const views = viewsFor(tables, { timeZone: 'UTC' });

describe('clinicTimeTest', () => {
  test.each([
    ['select * from calls', { local_at: true, started_at: false, LOCAL_AT: true, _changed_at: false }],
    ['select max(started_at) as newest from calls', { newest: false }],
    ["select date_trunc('hour', c.local_at) as hour, started_at from calls c", { hour: true, started_at: false }],
    ['select max(locally_at) as newest from mine', { newest: false }],
  ] as const)('of %s', (sql, expected) => {
    const isClinicTime = clinicTimeTest(tables, views, sql);
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, isClinicTime(name)]))).toEqual(expected);
  });
});

test('withoutZone leaves Z out of times on the clinic’s clock alone, and of none that has a zone', () => {
  const at = new Date('2026-10-30T13:40:41Z');
  const result = {
    columns: ['local_at', 'started_at', 'now'],
    rows: [
      [at, at, at],
      [null, at, at],
    ],
    zoned: [2],
  };
  expect(withoutZone(result, (name) => name !== 'started_at').rows).toEqual([
    ['2026-10-30T13:40:41.000', at, at],
    [null, at, at],
  ]);
});
