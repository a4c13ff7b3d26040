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
  const renamed = Object.entries(mapping).map(([name, expression]) => [name, rename(expression)]);
  return { mapping: Object.fromEntries(renamed) as unknown as CallsMapping, details };
}

function replaceOutsideTexts(expression: string, replace: (part: string) => string): string {
  return expression.replace(/'[^']*'|[^']+/g, (part) => (part.startsWith("'") ? part : replace(part)));
}
