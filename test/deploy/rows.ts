import type { ColumnType } from '../../schemas/column.ts';

/** A column that is compared. */
export interface ComparedColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** A signed address has another query at every read: only what is before it counts. */
  readonly signed?: boolean;
}

/** Digits of a double that count: engines add in another order. */
const DIGITS = 12;

/** One value as comparable text, whatever client gave it. */
export function canonical({ type, signed }: ComparedColumn, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  switch (type) {
    case 'timestamp':
      return instantOf(value);
    case 'double':
      return String(Number(Number(value).toPrecision(DIGITS)));
    case 'doubles':
      return `[${listOf(value)
        .map((item) => (item === null ? 'null' : String(Number(item))))
        .join(',')}]`;
    case 'decimal':
      return decimalOf(String(value));
    case 'date':
      return value instanceof Date ? value.toISOString().slice(0, 10) : String(value);
    default:
      return signed ? (String(value).split('?')[0] ?? '') : String(value);
  }
}

/** Rows as sorted lines of text. */
export function linesOf(columns: readonly ComparedColumn[], rows: readonly (readonly unknown[])[]): readonly string[] {
  return rows.map((row) => JSON.stringify(columns.map((column, n) => canonical(column, row[n])))).sort();
}

/** Rows that only one side has, in words; none where both hold the same. */
export function differencesOf(
  name: string,
  columns: readonly ComparedColumn[],
  [here, there]: readonly [here: readonly string[], there: readonly string[]],
): readonly string[] {
  const [only, others] = [without(here, there), without(there, here)];
  if (only.length === 0 && others.length === 0) return [];
  const told = [
    `${name}: ${here.length} rows on AWS, ${there.length} locally; ${only.length} and ${others.length} differ`,
  ];
  const [a, b] = [only[0], others[0]].map((line) =>
    line === undefined ? [] : (JSON.parse(line) as (string | null)[]),
  );
  if (only.length === others.length && a && b) {
    const seen = columns.filter((_, n) => a[n] !== b[n]).map(({ name: column }) => column);
    told.push(`  first pair differs in ${seen.join(', ')}: ${show(a, columns, seen)} | ${show(b, columns, seen)}`);
  } else told.push(`  such as ${(only[0] ?? others[0] ?? '').slice(0, 400)}`);
  return told;
}

function show(row: readonly (string | null)[], columns: readonly ComparedColumn[], names: readonly string[]): string {
  const values = columns.flatMap(({ name }, n) => (names.includes(name) ? [row[n] ?? 'null'] : []));
  return values.map((value) => value.slice(0, 80)).join(', ');
}

/** Rows that `all` contains more often than `some`. */
function without(all: readonly string[], some: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const line of some) counts.set(line, (counts.get(line) ?? 0) + 1);
  return all.filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}

function instantOf(value: unknown): string {
  const date = value instanceof Date ? value : new Date(String(value));
  return Number.isNaN(date.getTime()) ? String(value) : date.toISOString();
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return JSON.parse(String(value)) as unknown[];
}

/** Six digits after the point, in plain notation. */
function decimalOf(text: string): string {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [undefined, '', text];
  return `${sign}${whole}.${fraction.padEnd(6, '0').slice(0, 6)}`;
}
