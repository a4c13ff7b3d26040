import { quoteList, quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { splitKey } from '../lake/split-key.ts';
import { dayText } from '../time.ts';

/** Values in one test, so that it fits into a statement. */
const AT_ONCE = 500;

/** A column as text. Every engine writes an integer, a day and a text in the same way. */
export function asText(name: string): string {
  return `CAST(${quoteName(name)} AS varchar)`;
}

/** Tests that together hold for rows of which one of the columns has one of the values. */
export function valueTests(columns: readonly string[], values: Iterable<string>): readonly string[] {
  return chunks(values).map((some) => columns.map((name) => `${asText(name)} IN ${quoteList(some)}`).join(' OR '));
}

/** Tests that together hold for the rows of these keys. */
export function keyTests(table: Table, keys: Iterable<string>): readonly string[] {
  const [only] = table.key;
  if (table.key.length === 1 && only !== undefined) return valueTests([only], keys);
  return chunks(keys).map((some) => some.map((key) => `(${keyTest(table, key)})`).join(' OR '));
}

function keyTest(table: Table, key: string): string {
  return splitKey(table, key)
    .map((value, n) => `${asText(table.key[n] ?? '')} = ${quoteText(textOf(table, n, value))}`)
    .join(' AND ');
}

function textOf({ key, columns }: Table, n: number, value: Value): string {
  return columns[key[n] ?? '']?.type === 'date' ? dayText(Number(value)) : String(value);
}

/** Lists of so many values that a list fits into a statement. */
export function chunks(values: Iterable<string>): readonly (readonly string[])[] {
  const all = [...values];
  return Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, n) => all.slice(n * AT_ONCE, (n + 1) * AT_ONCE));
}
