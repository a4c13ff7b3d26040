import { expect, test } from 'vitest';
import { checkOddities } from '../../../functions/check/check-oddities.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { testWarehouse } from '../../helpers/warehouse.ts';

test.each([
  [1, '1 time: It is odd.'],
  [2, '2 times: It is odd.'],
])('an oddity that occurs %d times says so', async (found, message) => {
  const engine = testWarehouse(await temporaryFolder()).open();
  try {
    const oddities = `SELECT 'odd', 'kalem', 'default', ${found}, 'It is odd.'`;
    expect(await checkOddities([{ name: 'calls', oddities }], { engine })).toMatchObject([{ found, message }]);
  } finally {
    await engine.close();
  }
});
