import { describe, expect, test } from 'vitest';
import { findSource } from '../../../functions/source/registry.ts';
import { databasesOf } from '../../../schemas/derive/databases.ts';
import { type MergeScope, mergeText } from '../../../schemas/derive/merge.ts';
import { columnsIn } from '../../../schemas/layout.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { TINY } from '../../helpers/tiny-table.ts';

const SCOPE: MergeScope = {
  account: "o'neil",
  loadIds: ['l1', "l'2"],
  days: ['2026-03-01', '2026-03-02'],
  partFrom: '2026-01-01',
  partTo: '2026-03-01',
  removals: true,
};

describe('mergeText', () => {
  test('merges a PHI table in one statement', () => {
    expect(mergeText(TINY, 'phi', SCOPE)).toBe(
      `MERGE INTO "callhouse_phi"."tiny" t
USING (
  SELECT x."account", x."id", x."notes", x."_extra", x."_part_on", CAST(x."_first_seen_at" AS timestamp(6)) AS "_first_seen_at", CAST(x."_changed_at" AS timestamp(6)) AS "_changed_at", CAST(x."_deleted_at" AS timestamp(6)) AS "_deleted_at", x."_seq", x."_load_id", x."_op"
  FROM (
    SELECT s.*, row_number() OVER (PARTITION BY s."account", s."id" ORDER BY s."_seq" DESC, s."_row" DESC) AS rn
    FROM "callhouse_staging"."tiny" s
    WHERE s."acct" = 'o''neil' AND s."day" IN ('2026-03-01', '2026-03-02')
      AND s."account" = 'o''neil' AND s."_load_id" IN ('l1', 'l''2')
      AND (s."_hidden" IS NOT NULL OR ((translate(s."id", 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-', '') = '' AND length(s."id") BETWEEN 1 AND 128 AND NOT (translate(translate(s."id", '.:-', ''), '0123456789', '') = '' AND length(translate(s."id", '.:-', '')) IN (10, 11)))))
  ) x
  WHERE x.rn = 1 AND x."_part_on" BETWEEN DATE '2026-01-01' AND DATE '2026-03-01'
) s
ON t."account" = 'o''neil' AND t."_part_on" BETWEEN DATE '2026-01-01' AND DATE '2026-03-01'
  AND t."account" = s."account" AND t."id" = s."id"
WHEN MATCHED AND s."_seq" > t."_seq" AND s."_op" IN ('blank', 'redact') THEN UPDATE SET
  "notes" = NULL, "_extra" = NULL, "_deleted_at" = s."_deleted_at", "_changed_at" = s."_changed_at", "_seq" = s."_seq", "_load_id" = s."_load_id"
WHEN MATCHED AND s."_seq" > t."_seq" AND s."_op" <> 'upsert' THEN UPDATE SET
  "_deleted_at" = s."_deleted_at", "_changed_at" = s."_changed_at", "_seq" = s."_seq", "_load_id" = s."_load_id"
WHEN MATCHED AND s."_seq" > t."_seq" AND s."_op" = 'upsert' THEN UPDATE SET
  "notes" = s."notes", "_extra" = s."_extra", "_changed_at" = s."_changed_at", "_deleted_at" = s."_deleted_at", "_seq" = s."_seq", "_load_id" = s."_load_id"
WHEN NOT MATCHED AND s."_op" = 'upsert' THEN INSERT
  ("account", "id", "notes", "_extra", "_part_on", "_first_seen_at", "_changed_at", "_deleted_at", "_seq", "_load_id")
  VALUES (s."account", s."id", s."notes", s."_extra", s."_part_on", s."_first_seen_at", s."_changed_at", s."_deleted_at", s."_seq", s."_load_id")`,
    );
  });

  test('only marks rows in the safe twin, and casts decimals and timestamps', () => {
    expect(
      mergeText(TINY, 'safe', SCOPE)
        .split('\n')
        .filter((line) => !/^ {4}/.test(line)),
    ).toEqual([
      'MERGE INTO "callhouse"."tiny" t',
      'USING (',
      '  SELECT x."account", x."id", CAST(x."cost" AS decimal(18,6)) AS "cost", CAST(x."at" AS timestamp(6)) AS "at", x."_part_on", CAST(x."_first_seen_at" AS timestamp(6)) AS "_first_seen_at", CAST(x."_changed_at" AS timestamp(6)) AS "_changed_at", CAST(x."_deleted_at" AS timestamp(6)) AS "_deleted_at", x."_seq", x."_load_id", x."_op"',
      '  FROM (',
      '  ) x',
      `  WHERE x.rn = 1 AND x."_part_on" BETWEEN DATE '2026-01-01' AND DATE '2026-03-01'`,
      ') s',
      `ON t."account" = 'o''neil' AND t."_part_on" BETWEEN DATE '2026-01-01' AND DATE '2026-03-01'`,
      '  AND t."account" = s."account" AND t."id" = s."id"',
      `WHEN MATCHED AND s."_seq" > t."_seq" AND s."_op" <> 'upsert' THEN UPDATE SET`,
      '  "_deleted_at" = s."_deleted_at", "_changed_at" = s."_changed_at", "_seq" = s."_seq", "_load_id" = s."_load_id"',
      `WHEN MATCHED AND s."_seq" > t."_seq" AND s."_op" = 'upsert' THEN UPDATE SET`,
      '  "cost" = s."cost", "at" = s."at", "_changed_at" = s."_changed_at", "_deleted_at" = s."_deleted_at", "_seq" = s."_seq", "_load_id" = s."_load_id"',
      `WHEN NOT MATCHED AND s."_op" = 'upsert' THEN INSERT`,
      '  ("account", "id", "cost", "at", "_part_on", "_first_seen_at", "_changed_at", "_deleted_at", "_seq", "_load_id")',
      '  VALUES (s."account", s."id", s."cost", s."at", s."_part_on", s."_first_seen_at", s."_changed_at", s."_deleted_at", s."_seq", s."_load_id")',
    ]);
  });

  test.each(['phi', 'safe'] as const)(
    'of rows without removals keeps no column of the %s twin but what only an insert writes',
    (twin) => {
      const sql = mergeText(TINY, twin, { ...SCOPE, removals: false });
      const clauses = sql.slice(sql.indexOf('WHEN MATCHED')).split('\n');
      expect(clauses.filter((line) => line.startsWith('WHEN'))).toEqual([
        `WHEN MATCHED AND s."_seq" > t."_seq" AND s."_op" = 'upsert' THEN UPDATE SET`,
        `WHEN NOT MATCHED AND s."_op" = 'upsert' THEN INSERT`,
      ]);
      const updated = [...(clauses[1] ?? '').matchAll(/"(\w+)" = s\./g)].map(([, name]) => name);
      const kept = ['account', 'id', '_part_on', '_first_seen_at'];
      expect([...updated, ...kept].sort()).toEqual(
        columnsIn(TINY, twin)
          .map(({ name }) => name)
          .sort(),
      );
    },
  );

  test('of a removed call that opted out keeps no hash but those of numbers, and of a blanked one none', async () => {
    const [calls] = (await findSource('zudu')).streams['calls']?.tables ?? [];
    if (!calls) throw new Error('zudu has no calls');
    const lines = mergeText(calls, 'safe', SCOPE).split('\n');
    const emptiedBy = (by: string) => {
      const clause = lines[lines.findIndex((line) => line.includes(`"_op" = '${by}'`)) + 1] ?? '';
      return [...clause.matchAll(/"(\w+)" = NULL/g)].map(([, name]) => name).sort();
    };
    const redacted = ['metadata_batch_call_id', 'metadata_campaign', 'metadata_customer_id'];
    const others = ['metadata_batch_call_id', 'metadata_campaign'];
    expect(emptiedBy('redact')).toEqual([...others, ...redacted.map((name) => `${name}_hash`)].sort());
    const numbers = ['_caller_hash', 'from_number_hash', 'to_number_hash'];
    expect(emptiedBy('blank')).toEqual([...emptiedBy('redact'), ...numbers].sort());
  });

  test('reads and writes the databases of the configured prefix', () => {
    const sql = mergeText(TINY, 'phi', SCOPE, databasesOf('clinic'));
    expect(sql).toContain('MERGE INTO "clinic_phi"."tiny" t');
    expect(sql).toContain('FROM "clinic_staging"."tiny" s');
  });

  test('shows a text in the safe twin unless the row names it as hidden; rows of earlier versions show none', () => {
    expect(mergeText(sampleCalls, 'safe', SCOPE)).toContain(
      `CASE WHEN strpos(x."_hidden", ',status,') = 0 THEN x."status" END AS "status"`,
    );
    expect(mergeText(sampleCalls, 'phi', SCOPE)).toContain('x."notes", x."status", x."details"');
    expect(mergeText(sampleCalls, 'phi', SCOPE)).toContain(
      '"notes" = NULL, "status" = NULL, "details" = NULL, "_extra"',
    );
  });

  test('refuses a bound that is not a day', () => {
    expect(() => mergeText(TINY, 'phi', { ...SCOPE, partTo: '2026-3-1' })).toThrow(RangeError);
  });
});
