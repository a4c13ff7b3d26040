import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinKey, KEY_SEPARATOR } from '../../../functions/lake/digest.ts';
import { splitKey } from '../../../functions/lake/split-key.ts';
import { kismetCallParticipants, kismetCalls, kismetDailyCallMetrics } from '../../../schemas/tables/kismet.ts';
import { solumCalls } from '../../../schemas/tables/solum.ts';
import { holds } from '../../helpers/holds.ts';

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

  test.each([
    // One part with the separator is not two parts.
    [['a\u001fb', 'c'], ' \u001fa%1Fb\u001fc'],
    [['a', 'b\u001fc'], 'a\u001f \u001fb%1Fc'],
    [['%1F', '%'], '%1F\u001f%'],
    // A key of one part needs no escape.
    [['a\u001fb'], 'a\u001fb'],
  ])('of %j escapes the separator: %j', (values, key) => {
    expect(joinKey(values)).toBe(key);
  });

  test('of one text may contain the separator', () => {
    expect(splitKey(solumCalls, 'a\u001fb')).toEqual(['a\u001fb']);
  });

  test('that an earlier version joined as it was is split by the types of its columns', () => {
    expect(splitKey(kismetCallParticipants, '4\u001fUs\u001fer\u001f2')).toEqual([4n, 'Us\u001fer', 2n]);
  });

  test('of any texts is split as it was joined, so no two keys are one text', () => {
    const part = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('\u001f', ' ', '%', '1', '2', 'F', '0', 'a'), maxLength: 6 }),
      fc.constantFrom('__proto__', 'kismet_call_participants\u001f4', '~', 'call_id'),
    );
    const key = fc.tuple(fc.bigInt({ min: 0n, max: 99n }), part, fc.bigInt({ min: 0n, max: 99n }));
    holds(
      fc.property(key, (values) => {
        expect(splitKey(kismetCallParticipants, joinKey(values))).toEqual(values);
      }),
      { numRuns: 3000 },
    );
    holds(
      fc.property(fc.tuple(part, part), fc.tuple(part, part), (one, other) => {
        expect(joinKey(one) === joinKey(other)).toBe(one[0] === other[0] && one[1] === other[1]);
      }),
      { numRuns: 5000 },
    );
  });

  test('is split as it was joined', () => {
    const values = ['organization', 'organization', -3];
    expect(splitKey(kismetDailyCallMetrics, joinKey(values))).toEqual(values);
  });
});
