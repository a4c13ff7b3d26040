import { expect, test } from 'vitest';
import { isNarrowed } from '../../../functions/source/applied-filters.ts';
import { WHOLE_STREAM } from '../../../functions/source/page.ts';

const WHOLE = { partition: WHOLE_STREAM, page: 0, size: 50 };

test.each([
  [{}, false],
  [[], false],
  [null, false],
  ['', false],
  [{ status: null, from: '', agent: { id: null }, direction: 'All' }, false],
  [
    { organization_id: 'o', organizationId: 'o', page: 0, limit: 20, sort_by: 's', sortOrder: 'd', orderBy: 'x' },
    false,
  ],
  [{ start_timestamp: { gte: 1 } }, true],
  [{ call_status: 'ENDED' }, true],
  [{ is_test: false }, true],
  [{ days: 30 }, true],
  [['days'], true],
] as const)('a list with the applied filters %j is narrowed: %s', (filters, expected) => {
  expect(isNarrowed(filters, WHOLE)).toBe(expected);
});

test('a list that was requested with a filter has one', () => {
  const partition = { id: 'inbound', context: {}, query: { direction: 'inbound' } };
  expect(isNarrowed({ direction: 'inbound' }, { ...WHOLE, partition })).toBe(false);
  expect(isNarrowed({ from: 1 }, { ...WHOLE, window: { from: new Date(0) } })).toBe(false);
});
