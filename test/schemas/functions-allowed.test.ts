import { beforeAll, describe, expect, test } from 'vitest';
import { allStatements, type Statement } from '../helpers/all-statements.ts';

/** Functions that mean the same on Athena (Trino) and DuckDB. A parser accepts any name, so try a new one on both engines first. */
const FUNCTIONS = new Set(
  [
    'count max min sum avg max_by row_number lag lead coalesce nullif least abs round lower replace trim date_diff date_trunc extract',
    'strpos translate length',
  ].flatMap((names) => names.split(' ')),
);
/** Words that may precede a parenthesis without being a function. */
const WORDS = new Set(
  [
    'and as by case cast else filter from in not on or over select then try_cast using values when where insert set',
    'join exists union all distinct having with interval between is end group order partition',
    'decimal timestamp varchar',
  ].flatMap((names) => names.split(' ')),
);

/** The statements that only Athena understands, each in the one form that we generate. */
const ATHENA_FORMS = [
  /^OPTIMIZE \w+\.\w+ REWRITE DATA USING BIN_PACK(?: WHERE account = '\w+')?$/,
  /^VACUUM \w+\.\w+$/,
];

let statements: readonly Statement[] = [];
beforeAll(async () => {
  statements = await allStatements();
});

/** Names that precede a parenthesis, outside text literals and quoted names. */
function calledIn(sql: string): readonly string[] {
  const bare = sql.replace(/'(?:[^']|'')*'/g, "''").replace(/"(?:[^"]|"")*"/g, '""');
  return [...bare.matchAll(/\b([a-z_][a-z0-9_]*)\s*\(/gi)].map(([, name = '']) => name.toLowerCase());
}

describe('every generated statement', () => {
  test('calls only functions that mean the same on both engines', () => {
    const strange = statements
      .filter(({ grammar }) => grammar === 'trino')
      .flatMap(({ name, sql }) => calledIn(sql).map((called) => ({ name, called })))
      .filter(({ called }) => !FUNCTIONS.has(called) && !WORDS.has(called) && !/^[a-z]$/.test(called));
    expect(strange).toEqual([]);
  });

  // Trino 476 loses the filter of `count(*) FILTER (WHERE x)` beside `count(x)`; `count(CASE WHEN x THEN 1 END)` is right everywhere.
  test('filters no aggregate by a bare boolean', () => {
    const strange = statements.filter(({ sql }) => /FILTER\s*\(\s*WHERE\s+(?:NOT\s+)?[\w."]+\s*\)/i.test(sql));
    expect(strange.map(({ name }) => name)).toEqual([]);
  });

  test('measures durations in milliseconds, because DuckDB counts crossed boundaries of larger units and Trino completed ones', () => {
    const units = statements.flatMap(({ sql }) => [...sql.matchAll(/date_diff\('(\w+)'/g)].map(([, unit]) => unit));
    expect(new Set(units)).toEqual(new Set(['millisecond']));
  });

  test('has no syntax that only DuckDB understands, if it is for both engines', () => {
    for (const { sql } of statements.filter(({ grammar }) => grammar === 'trino')) {
      const bare = sql.replace(/'(?:[^']|'')*'/g, "''");
      expect(bare).not.toMatch(/::|->>?|\bQUALIFY\b|\bEXCLUDE\b|\bILIKE\b|\bBY NAME\b|\bGROUP BY ALL\b|\[\]/i);
    }
  });

  test('has a known form, if it is for Athena only', () => {
    const strange = statements.filter(
      ({ grammar, sql }) => grammar === 'athena' && !ATHENA_FORMS.some((form) => form.test(sql)),
    );
    expect(strange.map(({ name }) => name)).toEqual([]);
  });

  test('is shorter than the 262,144 bytes that Athena accepts', () => {
    for (const { sql } of statements) expect(Buffer.byteLength(sql)).toBeLessThan(262_144);
  });
});
