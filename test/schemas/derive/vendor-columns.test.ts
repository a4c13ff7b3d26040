import { expect, test } from 'vitest';
import { id } from '../../../schemas/column.ts';
import { vendorColumns } from '../../../schemas/derive/vendor-columns.ts';
import { type CallsMapping, defineTable } from '../../../schemas/table.ts';

/** What the table says of a column of `calls`, of a vendor with this mapping. */
function cellOf(column: string, calls: Partial<CallsMapping>): string | undefined {
  const table = defineTable({
    ...{ name: 'nova_calls', source: 'nova', doc: 'Calls.', key: ['id'] },
    columns: { id: id({ path: 'id', nullable: false, doc: 'Id.' }) },
    calls: calls as CallsMapping,
  });
  const row = vendorColumns([table])
    ?.split('\n')
    .find((line) => line.startsWith(`| \`${column}\` |`));
  return row?.split('|')[2]?.trim();
}

test.each([
  { column: 'channel', calls: {}, cell: '–' },
  { column: 'channel', calls: { channel: 'medium' }, cell: 'yes' },
  { column: 'channel', calls: { channel: "'phone'" }, cell: 'always phone' },
  { column: 'channel', calls: { channel: "'web' || suffix" }, cell: 'yes' },
  { column: 'channel', calls: { channel: "prefix || 'web'" }, cell: 'yes' },
  { column: 'channel', calls: { channel: "'a' || 'b'" }, cell: 'yes' },
  { column: 'answered', calls: { answered: 'taken', answered_basis: "'stated'" }, cell: 'yes, stated' },
  { column: 'cost_currency', calls: { cost: 'price' }, cell: 'by a setting' },
])('what a vendor gives of $column, with $calls, is $cell', ({ column, calls, cell }) => {
  expect(cellOf(column, calls)).toBe(cell);
});

test('there is no table if no vendor has calls', () => {
  expect(vendorColumns([])).toBeUndefined();
});
