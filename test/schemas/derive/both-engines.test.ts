import { describe, expect, test } from 'vitest';
import { loads, rejects } from '../../../schemas/bookkeeping.ts';
import { insertText } from '../../../schemas/derive/insert.ts';
import { mergeText } from '../../../schemas/derive/merge.ts';
import { createView } from '../../../schemas/derive/view-sql.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { allTables } from '../../../scripts/all-tables.ts';

const SCOPE = {
  account: 'default',
  loadIds: ['l1'],
  days: ['2026-03-01'],
  partFrom: '2026-01-01',
  partTo: '2026-03-01',
  removals: true,
};
const tables = await allTables();
const views = viewsFor(tables, { timeZone: 'America/New_York', ownUserIds: ['7'] });
const statements = [
  ...tables.flatMap((table) =>
    (['phi', 'safe'] as const).map((twin) => ({
      name: `MERGE into ${twin} ${table.name}`,
      sql: mergeText(table, twin, SCOPE),
    })),
  ),
  ...views.map((view) => ({ name: `view ${view.name}`, sql: createView(view) })),
  ...[loads, rejects].map((table) => ({ name: `rows of ${table.name}`, sql: insertText(table, [{ load_id: 'x' }]) })),
];
/** Syntax that DuckDB accepts and Athena does not, or that the two read differently. */
const FOREIGN =
  /::|->>?|\bQUALIFY\b|\bEXCLUDE\b|\bREPLACE \(|count_if|\[\]|json_extract_string|date_diff\('(?!millisecond)|\/ \d+\.\d|\bILIKE\b|\bstrftime\b/i;

describe('a statement for both engines', () => {
  test.each(statements)('$name uses only syntax that both read alike', ({ sql }) => {
    expect(sql).not.toMatch(FOREIGN);
    expect(sql.length).toBeLessThan(100_000);
  });

  test.each(statements.filter(({ name }) => name.startsWith('view')))('$name names its columns: no star', ({ sql }) => {
    expect(sql).not.toMatch(/SELECT\s+\*|\.\*/);
  });
});
