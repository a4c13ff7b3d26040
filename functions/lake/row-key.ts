import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { parseDay } from '../time.ts';

/** Separates the parts of a key; a unit separator, which no vendor's documented id contains. */
export const KEY_SEPARATOR = '\u001f';

/** A row's key in the digest: the values of its key columns as text, joined. Unique within the table and account. */
export function joinKey(values: readonly unknown[]): string {
  return values.length === 1 ? String(values[0]) : values.map(String).join(KEY_SEPARATOR);
}

/** The values of the key columns, in the order of `table.key`. Days are days since the epoch. */
export function splitKey(table: Table, key: string): readonly Value[] {
  const parts = key.split(KEY_SEPARATOR);
  return table.key.map((name, n) => {
    const text = parts[n] ?? '';
    const type = table.columns[name]?.type;
    if (type === 'bigint') return BigInt(text);
    return type === 'date' ? (parseDay(text) ?? Number(text)) : text;
  });
}
