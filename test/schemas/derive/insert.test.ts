import { describe, expect, test } from 'vitest';
import { databasesOf } from '../../../schemas/derive/databases.ts';
import { type BookkeepingRow, insertText } from '../../../schemas/derive/insert.ts';
import type { OwnTable } from '../../../schemas/own-table.ts';

const table: OwnTable = {
  name: 'runs',
  doc: '.',
  key: ['id', 'order'],
  columns: {
    id: { type: 'text', nullable: false, doc: '.' },
    order: { type: 'bigint', nullable: false, doc: '.' },
    at: { type: 'timestamp', nullable: true, doc: '.' },
  },
};

describe('insertText', () => {
  test('inserts the rows whose key the table does not hold', () => {
    const rows: readonly BookkeepingRow[] = [
      { id: "o'neil", order: 1, at: '2026-03-01T10:00:00.5+01:00' },
      { id: 'b', order: 0 },
    ];
    expect(insertText(table, rows)).toBe(
      `MERGE INTO "callhouse"."runs" t
USING (SELECT "id", "order", "at" FROM (VALUES
  ('o''neil', CAST(1 AS bigint), TIMESTAMP '2026-03-01 09:00:00.500'),
  ('b', CAST(0 AS bigint), CAST(NULL AS timestamp(6)))
) AS v ("id", "order", "at")) s
ON t."id" = s."id" AND t."order" = s."order"
WHEN NOT MATCHED THEN INSERT ("id", "order", "at")
  VALUES (s."id", s."order", s."at")`,
    );
  });

  test.each([
    ['text', null, 'CAST(NULL AS varchar)'],
    ['text', '', "''"],
    ['bigint', null, 'CAST(NULL AS bigint)'],
    ['boolean', false, 'false'],
    ['timestamp', '2026-03-01T00:00:00Z', "TIMESTAMP '2026-03-01 00:00:00.000'"],
  ] as const)('writes the %s value %j as %s', (type, value, expected) => {
    const one: OwnTable = {
      name: 't',
      doc: '.',
      key: ['a'],
      columns: { a: { type, nullable: true, doc: '.' } },
    };
    expect(insertText(one, [{ a: value }])).toContain(`(VALUES\n  (${expected})\n)`);
  });

  test('writes to the safe database of the configured prefix', () => {
    expect(insertText(table, [{ id: 'a', order: 1 }], databasesOf('clinic'))).toMatch(
      /^MERGE INTO "clinic"\."runs" t\n/,
    );
  });
});
