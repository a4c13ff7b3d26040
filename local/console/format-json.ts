import type { RowFormat } from './row-format.ts';
import { toJson } from './show-value.ts';

/** Rows as a JSON array of objects, one row per line. The second column of a name is called `name_1`. */
export function jsonFormat(columns: readonly string[]): RowFormat {
  const names = uniqueNames(columns);
  let before = '[';
  const object = (row: readonly unknown[]) => {
    const line = JSON.stringify(Object.fromEntries(names.map((name, n) => [name, toJson(row[n])])));
    const text = `${before}\n${line.replace(UNSEEN, escapeCharacter)}`;
    before = ',';
    return text;
  };
  return {
    add: (rows) => rows.map(object).join(''),
    end: () => (before === '[' ? '[]\n' : '\n]\n'),
  };
}

/** Characters that JSON allows in a text, and that may command a terminal or reverse what it shows. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** `\\u202e`; the value stays the same. */
function escapeCharacter(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}

function uniqueNames(columns: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return columns.map((column) => {
    let name = column;
    for (let n = 1; seen.has(name); n += 1) name = `${column}_${n}`;
    seen.add(name);
    return name;
  });
}
