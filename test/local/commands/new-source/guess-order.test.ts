import { expect, test } from 'vitest';
import { guessColumns } from '../../../../local/commands/new-source/guess-columns.ts';
import { orderLines } from '../../../../local/commands/new-source/guess-order.ts';

const at = (hours: number) => new Date(Date.parse('2026-11-01T09:00:00Z') + hours * 3_600_000).toISOString();

/** What is declared for records with these starts, and these instants at which they were created. */
function guess(starts: readonly (number | null)[], created: readonly number[] = []) {
  const records = starts.map((start, n) => ({
    id: `c${n}`,
    started_at: start === null ? null : at(start),
    ...(created[n] !== undefined && { created_at: at(created[n] ?? 0) }),
  }));
  const { columns, key = 'id' } = guessColumns(records);
  return orderLines({ source: 'nova', columns, key }, records).join().trim();
}

test.each([
  ['newest first', [3, 2, 2, 1], [], "order: ['started_at'],"],
  ['newest first, where one never began', [3, null, 1], [], "order: ['started_at'],"],
  ['newest first by both times', [3, 2, 1], [3, 2, 1], "order: ['started_at', 'created_at'],"],
  ['newest first by its creation', [2, 3, 1], [3, 2, 1], "order: ['created_at'],"],
] as const)('a sample that is %s declares it', (_how, starts, created, line) => {
  expect(guess(starts, created)).toBe(line);
});

test.each([
  ['oldest first', [1, 2, 3], 'The sample is sorted oldest first.'],
  ['not sorted', [1, 3, 2], 'The sample is not sorted, so that each run reads the complete list.'],
  ['of one time', [2, 2], 'Nothing shows how the list is sorted.'],
  ['of one record', [2], 'Nothing shows how the list is sorted.'],
] as const)('a sample that is %s declares no order, and says what to find out', (_how, starts, says) => {
  const line = guess(starts);
  expect(line).toContain(`// ${says}`);
  expect(line).toMatch(/declare order: \['started_at'\]\.$/);
});
