import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { parseDay } from '../time.ts';
import { ESCAPED, KEY_SEPARATOR } from './digest.ts';

/** The values of the key columns, in the order of `table.key`. Days are days since the epoch. */
export function splitKey(table: Table, key: string): readonly Value[] {
  const parts = table.key.length === 1 ? [key] : splitParts(table, key);
  return table.key.map((name, n) => {
    const text = parts[n] ?? '';
    const type = table.columns[name]?.type;
    if (type === 'bigint') return BigInt(text);
    return type === 'date' ? (parseDay(text) ?? Number(text)) : text;
  });
}

function splitParts({ key: columns, columns: declared }: Table, key: string): readonly string[] {
  const parts: string[] = [];
  const tokens = key.split(KEY_SEPARATOR);
  for (let n = 0; n < tokens.length; n += 1) {
    const token = tokens[n] ?? '';
    if (token === ESCAPED && n + 1 < tokens.length) {
      n += 1;
      parts.push(unescapePart(tokens[n] ?? ''));
    } else parts.push(token);
  }
  // Earlier lakes did not escape the separator: if there are too many parts, they belong to the key's text part.
  const surplus = parts.length - columns.length;
  const textAt = columns.findIndex((name) => declared[name]?.type === 'text');
  if (surplus <= 0 || textAt === -1) return parts;
  const joined = parts.slice(textAt, textAt + surplus + 1).join(KEY_SEPARATOR);
  return [...parts.slice(0, textAt), joined, ...parts.slice(textAt + surplus + 1)];
}

function unescapePart(text: string): string {
  return text.replaceAll('%20', ESCAPED).replaceAll('%1F', KEY_SEPARATOR).replaceAll('%25', '%');
}
