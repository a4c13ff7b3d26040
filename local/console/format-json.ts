import { toJson } from './show-value.ts';

/** Rows as a JSON array of objects, one row per line. The second column of a name is called `name_1`. */
export function* formatJson(columns: readonly string[], rows: Iterable<readonly unknown[]>): Iterable<string> {
  const names = uniqueNames(columns);
  let before = '[';
  for (const row of rows) {
    yield `${before}\n${JSON.stringify(Object.fromEntries(names.map((name, n) => [name, toJson(row[n])])))}`;
    before = ',';
  }
  yield before === '[' ? '[]\n' : '\n]\n';
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
