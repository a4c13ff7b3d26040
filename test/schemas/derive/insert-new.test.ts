import { describe, expect, test } from 'vitest';
import { insertNewText } from '../../../schemas/derive/insert-new.ts';
import { TINY } from '../../helpers/tiny-table.ts';

const SCOPE = {
  account: "o'neil",
  loadIds: ['l1'],
  days: ['2026-03-01'],
  partFrom: '2026-01-01',
  partTo: '2026-03-01',
  removals: false,
};

describe('insertNewText', () => {
  test('inserts what the scope adds, without the rows that are not the latest of their key', () => {
    const superseded = [
      { seq: 1n, row: 4n },
      { seq: 2n, row: 0n },
      { seq: 1n, row: 7n },
    ];
    expect(insertNewText(TINY, 'safe', { ...SCOPE, superseded }).split('\n')).toEqual([
      'INSERT INTO "callhouse"."tiny"',
      '  ("account", "id", "cost", "at", "_part_on", "_first_seen_at", "_changed_at", "_deleted_at", "_seq", "_load_id")',
      'SELECT x."account", x."id", CAST(x."cost" AS decimal(18,6)) AS "cost", CAST(x."at" AS timestamp(6)) AS "at", x."_part_on", CAST(x."_first_seen_at" AS timestamp(6)) AS "_first_seen_at", CAST(x."_changed_at" AS timestamp(6)) AS "_changed_at", CAST(x."_deleted_at" AS timestamp(6)) AS "_deleted_at", x."_seq", x."_load_id"',
      'FROM "callhouse_staging"."tiny" x',
      `WHERE x."acct" = 'o''neil' AND x."day" IN ('2026-03-01')`,
      `  AND x."account" = 'o''neil' AND x."_load_id" IN ('l1')`,
      expect.stringMatching(/^ {2}AND \(x\."_hidden" IS NOT NULL OR /),
      `  AND x."_op" = 'upsert' AND x."_part_on" BETWEEN DATE '2026-01-01' AND DATE '2026-03-01'`,
      '  AND NOT (x."_seq" = 1 AND x."_row" IN (4, 7))',
      '  AND NOT (x."_seq" = 2 AND x."_row" IN (0))',
    ]);
  });
});
