import { describe, expect, test } from 'vitest';
import { joinKey, KEY_SEPARATOR, splitKey } from '../../../functions/lake/digest.ts';
import { kismetCallParticipants, kismetCalls, kismetDailyCallMetrics } from '../../../schemas/tables/kismet.ts';
import { solumCalls } from '../../../schemas/tables/solum.ts';

describe('a key', () => {
  test.each([
    [['a'], 'a'],
    [[12n], '12'],
    [['a', 1n, 2], 'a\u001f1\u001f2'],
    [['', 'b'], '\u001fb'],
    [[''], ''],
  ])('of %o is %j', (values, key) => {
    expect(joinKey(values)).toBe(key);
    expect(KEY_SEPARATOR).toBe('\u001f');
  });

  test.each([
    [solumCalls, 'a', ['a']],
    [kismetCalls, '9007199254740993', [9007199254740993n]],
    [kismetCallParticipants, '4\u001fUser\u001f2', [4n, 'User', 2n]],
    [kismetDailyCallMetrics, 'user\u001f101\u001f20393', ['user', '101', 20_393]],
    // A digest that was rebuilt may hold the day as text.
    [kismetDailyCallMetrics, 'user\u001f101\u001f2025-11-01', ['user', '101', 20_393]],
  ])('of %o, %j, is split into %o', (table, key, values) => {
    expect(splitKey(table, key)).toEqual(values);
  });

  test('is split as it was joined', () => {
    const values = ['organization', 'organization', -3];
    expect(splitKey(kismetDailyCallMetrics, joinKey(values))).toEqual(values);
  });
});
