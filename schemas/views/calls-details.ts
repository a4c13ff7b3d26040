import { quoteName } from '../derive/sql-text.ts';
import { columnsIn } from '../layout.ts';
import type { CallsMapping, Table } from '../table.ts';

/** A table of details whose columns a mapping names. */
export interface DetailsJoin {
  readonly table: Table;
  /** Names in the joined text, by column: unique, so that a column of the calls may have the same name. */
  readonly columns: ReadonlyMap<string, string>;
  /** Columns of the calls, and the joined names that they are equal to. */
  readonly on: readonly (readonly [own: string, joined: string])[];
}

/** A mapping that names joined columns, and what must be joined for it. */
export interface JoinedMapping {
  readonly mapping: CallsMapping;
  readonly details: readonly DetailsJoin[];
}

/** A column of another table, such as `acme_call_details.cost`. */
const QUALIFIED = /\b([a-z][a-z0-9_]*)\.([a-z_][a-z0-9_]*)\b/g;

/** Columns of other tables that an expression names, outside of its texts. */
export function qualifiedNames(expression: string): readonly { readonly table: string; readonly column: string }[] {
  const found = withoutTexts(expression).matchAll(QUALIFIED);
  return [...found].map(([, table = '', column = '']) => ({ table, column }));
}

/** Words of SQL in an expression of `calls` that name no column. */
export const SQL_WORDS: ReadonlySet<string> = new Set(
  'and or not is null case when then else end in like between true false distinct from'.split(' '),
);

/** Words that are no function, no type after AS, no name in quotes and no part of a qualified name. */
const WORD = /(?<![\w".]|\b[aA][sS]\s)[a-z_][a-z0-9_]*\b(?![".]|\s*\()/g;

/**
 * An expression with the table's columns in quotes: the name of a vendor's field, such as `order`, may be a reserved word of one of the
 * engines. A column that is called like a word in `SQL_WORDS` can be a complete expression, but no part of one.
 */
export function quoteColumns(expression: string, table: Table): string {
  const names = new Set(columnsIn(table, 'safe').map(({ name }) => name));
  if (names.has(expression)) return quoteName(expression);
  const quote = (word: string) => (names.has(word) && !SQL_WORDS.has(word) ? quoteName(word) : word);
  return replaceOutsideTexts(expression, (part) => part.replace(WORD, quote));
}

/** An expression without its texts in quotes. */
export function withoutTexts(expression: string): string {
  return expression.replace(/'[^']*'/g, "''");
}

/** Key column of a details table that holds the given key column of its record; it reads it as `$name`. */
export function recordColumn({ key, columns }: Table, name: string): string | undefined {
  return key.find((own) => columns[own]?.paths.length === 1 && columns[own].paths[0] === `$${name}`);
}

/** Finds the tables of details that a mapping names, and gives their columns names of their own. */
export function withDetails(calls: Table, mapping: CallsMapping, tables: readonly Table[]): JoinedMapping {
  const named = Object.values(mapping).flatMap(qualifiedNames);
  const joined = [...new Set(named.map(({ table }) => table))].flatMap((name) =>
    tables.filter((table) => table.name === name && table.source === calls.source),
  );
  const details = joined.map((table, n): DetailsJoin => {
    const alias = (column: string) => `_d${n + 1}_${column}`;
    const on = ['account', ...calls.key].map(
      (own) => [own, own === 'account' ? own : (recordColumn(table, own) ?? '')] as const,
    );
    const used = [
      ...on.map(([, column]) => column),
      ...named.filter((one) => one.table === table.name).map(({ column }) => column),
    ];
    return {
      table,
      columns: new Map(used.map((column) => [column, alias(column)])),
      on: on.map(([own, column]) => [own, alias(column)]),
    };
  });
  const rename = (expression: string) =>
    replaceOutsideTexts(expression, (part) =>
      part.replace(QUALIFIED, (text, table: string, column: string) => {
        const join = details.find((one) => one.table.name === table);
        return join?.columns.get(column) ?? text;
      }),
    );
  const renamed = Object.entries(mapping).map(([name, expression]) => [name, quoteColumns(rename(expression), calls)]);
  return { mapping: Object.fromEntries(renamed) as unknown as CallsMapping, details };
}

function replaceOutsideTexts(expression: string, replace: (part: string) => string): string {
  return expression.replace(/'[^']*'|[^']+/g, (part) => (part.startsWith("'") ? part : replace(part)));
}
