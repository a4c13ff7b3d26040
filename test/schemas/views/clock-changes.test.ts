import { expect, test } from 'vitest';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';
import { viewWarehouse } from '../../helpers/view-warehouse.ts';

const HOUR_MS = 3_600_000;
/** Days of New York on which the clocks change, with their beginning in UTC. */
const DAYS = [
  // 02:00 becomes 03:00.
  { day: '2025-03-09', begin: '2025-03-09T05:00:00Z', hours: 23, twice: undefined, never: 2 },
  // 02:00 becomes 01:00.
  { day: '2025-11-02', begin: '2025-11-02T04:00:00Z', hours: 25, twice: 1, never: undefined },
];

test('a day on which the clocks change has each call once, in its hour', async () => {
  const { insert, rowsOf } = await viewWarehouse();
  for (const { day, begin, hours, twice, never } of DAYS) {
    // An hour before the day begins, to an hour after it ends, at half past.
    for (let hour = -1; hour <= hours; hour += 1) {
      const at = new Date(Date.parse(begin) + (hour + 0.5) * HOUR_MS).toISOString().slice(0, 19);
      await insert(kalemCalls, { account: `'${day}'`, call_id: `'${hour}'`, started_at: `TIMESTAMP '${at}'` });
    }
    const own = `account = '${day}' AND date = DATE '${day}'`;
    expect(await rowsOf(`SELECT calls FROM callhouse.calls_daily WHERE ${own}`)).toEqual([[hours]]);
    const found = await rowsOf(`SELECT hour, calls FROM callhouse.calls_hourly WHERE ${own} ORDER BY hour`);
    const clock = Array.from({ length: 24 }, (_, hour) => [hour, hour === twice ? 2 : 1]);
    expect(found).toEqual(clock.filter(([hour]) => hour !== never));
  }
});
