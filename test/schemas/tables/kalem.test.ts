import { expect, test } from 'vitest';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';

test.each([
  ['in-progress', 'in_progress'],
  ['a-b-c', 'a_b_c'],
  ['no_answer', 'no_answer'],
  [7, 7],
])('kalem_calls.status of %j is %j', (status, expected) => {
  expect(kalemCalls.columns['status']?.transform?.(status)).toBe(expected);
});
