import { expect, test } from 'vitest';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';
import { viewWarehouse } from '../../helpers/view-warehouse.ts';

test('calls of unknown answer count as neither answered nor missed, reached nor unreached; none known is null, not 0', async () => {
  const { insert, rowsOf } = await viewWarehouse();
  let made = 0;
  const call = (day: number, direction: string, status: string) => {
    made += 1;
    const start = `TIMESTAMP '2026-03-0${day} 15:00:00'`;
    return insert(kalemCalls, {
      ...{ call_id: `'${made}'`, direction: `'${direction}'`, status: `'${status}'`, started_at: start },
      answered_at: status === 'completed' ? start : 'NULL',
    });
  };
  await call(2, 'inbound', 'completed');
  await call(2, 'inbound', 'in_progress');
  await call(2, 'outbound', 'in_progress');
  for (const status of ['completed', 'no_answer', 'in_progress']) await call(3, 'outbound', status);
  const measures = 'answered_inbound_calls, missed_calls, outbound_calls, reached_calls, unreached_calls';
  expect(await rowsOf(`SELECT ${measures} FROM callhouse.calls_daily ORDER BY date`)).toEqual([
    [1, 0, 1, null, null],
    [0, 0, 3, 1, 1],
  ]);
});
