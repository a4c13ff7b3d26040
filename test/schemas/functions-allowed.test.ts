import { beforeAll, describe, expect, test } from 'vitest';
import { allStatements, type Statement } from '../helpers/all-statements.ts';

/** Functions that mean the same on Athena (Trino) and DuckDB. A parser lets any name pass, so a new one must be tried on both first. */
const FUNCTIONS = new Set(
  'count max min sum avg max_by row_number coalesce least abs round lower replace date_diff extract'.split(' '),
);
/** What stands before a parenthesis and is no function. */
const WORDS = new Set(
  [
    'and as by case cast else filter from in not on or over select then try_cast using values when where insert set',
    'join exists union all distinct having with interval between is end group order partition',
    'decimal timestamp varchar',
  ].flatMap((names) => names.split(' ')),
);

/** What only Athena reads, in the one form of each that is made. */
const COLUMN = String.raw`\x60\w+\x60 (?:string|bigint|double|boolean|timestamp|date|decimal\(18,6\)|array<double>)`;
const COMMENT = " COMMENT '(?:[^']|'')*'";
const ATHENA_FORMS = [
  /^OPTIMIZE \w+\.\w+ REWRITE DATA USING BIN_PACK(?: WHERE account = '\w+')?$/,
  /^VACUUM \w+\.\w+$/,
  new RegExp(String.raw`^ALTER TABLE \x60\w+\x60\.\x60\w+\x60 ADD COLUMNS \(${COLUMN}(?:, ${COLUMN})*\)$`),
  new RegExp(
    [
      String.raw`^CREATE TABLE IF NOT EXISTS \x60\w+\x60\.\x60\w+\x60 \(\s+`,
      String.raw`${COLUMN}${COMMENT}(?:,\s+${COLUMN}${COMMENT})*\s+\)\s+`,
      String.raw`(?:PARTITIONED BY \(\x60account\x60, month\(\x60_part_on\x60\)\)\s+)?`,
      String.raw`LOCATION '[^']+'\s+TBLPROPERTIES \('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd'\)$`,
    ].join(''),
  ),
];

let statements: readonly Statement[] = [];
beforeAll(async () => {
  statements = await allStatements();
});

/** Names before a parenthesis, outside texts and quoted names. */
function calledIn(sql: string): readonly string[] {
  const bare = sql.replace(/'(?:[^']|'')*'/g, "''").replace(/"(?:[^"]|"")*"/g, '""');
  return [...bare.matchAll(/\b([a-z_][a-z0-9_]*)\s*\(/gi)].map(([, name = '']) => name.toLowerCase());
}

describe('the statements', () => {
  test('call only functions that mean the same on both engines', () => {
    const strange = statements
      .filter(({ grammar }) => grammar === 'trino')
      .flatMap(({ name, sql }) => calledIn(sql).map((called) => ({ name, called })))
      .filter(({ called }) => !FUNCTIONS.has(called) && !WORDS.has(called) && !/^[a-z]$/.test(called));
    expect(strange).toEqual([]);
  });

  test('count no boundaries: of minutes and days DuckDB counts those, Trino whole ones', () => {
    const units = statements.flatMap(({ sql }) => [...sql.matchAll(/date_diff\('(\w+)'/g)].map(([, unit]) => unit));
    expect(new Set(units)).toEqual(new Set(['millisecond']));
  });

  test('hold nothing that only DuckDB reads', () => {
    for (const { sql } of statements.filter(({ grammar }) => grammar === 'trino')) {
      const bare = sql.replace(/'(?:[^']|'')*'/g, "''");
      expect(bare).not.toMatch(/::|->>?|\bQUALIFY\b|\bEXCLUDE\b|\bILIKE\b|\bBY NAME\b|\[\]/i);
    }
  });

  test('of Athena alone have one of the forms that are known', () => {
    const strange = statements.filter(
      ({ grammar, sql }) => grammar === 'athena' && !ATHENA_FORMS.some((form) => form.test(sql)),
    );
    expect(strange.map(({ name }) => name)).toEqual([]);
  });

  test('are below the 256 KiB of text that Athena takes', () => {
    for (const { sql } of statements) expect(sql.length).toBeLessThan(262_144);
  });
});
