import { describe, expect, test } from 'vitest';
import { code, id, text, timestamp } from '../../../schemas/column.ts';
import { hashColumns, hashRowsText, hashSources, rehashText } from '../../../schemas/derive/rehash.ts';
import { keyNamesText, namedColumns, renameTexts } from '../../../schemas/derive/rename-keys.ts';
import { defineTable } from '../../../schemas/table.ts';
import { TINY } from '../../helpers/tiny-table.ts';

/** A call with two numbers, one of them shown by its hash alone, and with a key of two parts. */
const calls = defineTable({
  ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id', 'part'] },
  callerNumber: { inbound: 'from', outbound: 'to', direction: 'way' },
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    part: id({ path: 'part', nullable: false, doc: 'Part.' }),
    from: text({ path: 'from', sensitive: true, hash: 'phone', doc: 'From.' }),
    to: text({ path: 'to', sensitive: true, doc: 'To.' }),
    way: id({ path: 'way', doc: 'Direction.' }),
    at: timestamp({ path: 'at', doc: 'Start.' }),
  },
});
const SPAN = { account: "o'neill", partFrom: '2026-01-01', partTo: '2026-01-31' };
const STAGED = { account: "o'neill", loadId: 'load-1', day: '2026-02-01' };

describe('the hashes of a table', () => {
  test('are made from the hashed columns, and from what tells the caller’s number', () => {
    expect(hashColumns(calls)).toEqual(['from_hash', '_caller_hash']);
    expect(hashSources(calls)).toEqual(['from', 'to', 'way']);
    expect([hashColumns(TINY), hashSources(TINY)]).toEqual([[], []]);
  });

  test('are read with their sources, from the half that has them', () => {
    expect(hashRowsText(calls, SPAN)).toBe(`SELECT t."id", t."part", CAST(t."_part_on" AS varchar),
  p."from", p."to", p."way", t."from_hash", t."_caller_hash"
FROM "callhouse"."calls" t
LEFT JOIN "callhouse_phi"."calls" p
  ON p."account" = t."account" AND p."id" = t."id" AND p."part" = t."part" AND p."account" = 'o''neill' AND p."_part_on" BETWEEN DATE '2026-01-01' AND DATE '2026-01-31'
WHERE t."account" = 'o''neill' AND t."_part_on" BETWEEN DATE '2026-01-01' AND DATE '2026-01-31'`);
  });

  test('are replaced by those of staged rows, by key', () => {
    expect(rehashText(calls, { ...SPAN, ...STAGED })).toBe(`MERGE INTO "callhouse"."calls" t
USING (
  SELECT "account", "id", "part", "from_hash", "_caller_hash"
  FROM "callhouse_staging"."calls"
  WHERE "acct" = 'o''neill' AND "day" IN ('2026-02-01')
    AND "account" = 'o''neill' AND "_load_id" = 'load-1'
) s
ON t."account" = 'o''neill' AND t."_part_on" BETWEEN DATE '2026-01-01' AND DATE '2026-01-31' AND t."id" = s."id" AND t."part" = s."part"
WHEN MATCHED THEN UPDATE SET
  "from_hash" = s."from_hash", "_caller_hash" = s."_caller_hash"`);
  });
});

describe('keys that do not show their text', () => {
  test('may be in key columns and in references', () => {
    expect(namedColumns(calls)).toEqual(['id', 'part', 'way']);
    const lines = defineTable({
      ...{ name: 'lines', source: 'nova', doc: 'Lines.', key: ['id'] },
      columns: {
        id: id({ path: 'id', nullable: false, doc: 'Id.' }),
        kind: code('mobile')({ path: 'kind', doc: 'A word of the list, which may be the key of another record.' }),
        note: text({ path: 'note', doc: 'Note.' }),
      },
    });
    expect(namedColumns(lines)).toEqual(['id', 'kind']);
  });

  test('are read with what is kept of them', () => {
    expect(keyNamesText(calls, "o'neill")).toBe(`SELECT DISTINCT "id", "part", "way", "_extra"
FROM "callhouse_phi"."calls"
WHERE "account" = 'o''neill' AND ("id" LIKE '~%' OR "part" LIKE '~%' OR "way" LIKE '~%')`);
  });

  const merge = (database: string, column: string) => `MERGE INTO "${database}"."calls" t
USING (
  SELECT "_extra" AS "earlier", "_hidden" AS "present"
  FROM "callhouse_staging"."calls"
  WHERE "acct" = 'o''neill' AND "day" IN ('2026-02-01')
    AND "account" = 'o''neill' AND "_load_id" = 'load-1'
) s
ON t."account" = 'o''neill' AND t."${column}" = s."earlier"
WHEN MATCHED THEN UPDATE SET "${column}" = s."present"`;

  test('are renamed in each half that has the column', () => {
    expect(renameTexts(calls, ['id'], STAGED)).toEqual([merge('callhouse_phi', 'id'), merge('callhouse', 'id')]);
    expect(renameTexts(calls, ['from'], STAGED)).toEqual([merge('callhouse_phi', 'from')]);
    expect(renameTexts(calls, [], STAGED)).toEqual([]);
  });
});
