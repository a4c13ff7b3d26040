import { isJsonObject, type PathIntoOther, pathIntoOther, valueAtPath } from '../../schemas/json-text.ts';
import type { Table } from '../../schemas/table.ts';

/** What to do about a column whose path leads into a list. */
export const READ_LIST_OTHERWISE = 'read the list as json, or its elements in a table of their own (explode)';

/** What to do about a column whose path leads into something other than an object. */
export function remedyForPath({ kind }: Pick<PathIntoOther, 'kind'>): string {
  return kind === 'a list' ? READ_LIST_OTHERWISE : 'correct the path, or ask the vendor';
}

/** An element of a record, and the record. */
interface Element {
  readonly element: unknown;
  readonly record: unknown;
}

/** A column whose path leads into something other than an object, so that it would be null in each row. */
export interface ColumnIntoOther extends PathIntoOther {
  /** Its name; of a child table, after the table's and a dot. */
  readonly column: string;
}

/** Columns of a stream's tables whose paths, in a record, in a child element or with `^` in its record, lead into something other than an object. */
export function* columnsIntoOthers(
  [main, ...children]: readonly [Table, ...Table[]],
  records: readonly object[],
): Iterable<ColumnIntoOther> {
  for (const [column, { paths }] of Object.entries(main.columns)) {
    const found = pathIntoOther(paths, records);
    if (found) yield { column, ...found };
  }
  for (const table of children) {
    const elements = elementsOf(table, records);
    for (const [name, { paths }] of Object.entries(table.columns)) {
      const found = pathIntoOther(paths.flatMap(placeOf), elements);
      if (found) yield { column: `${table.name}.${name}`, ...found, path: shown(found.path), at: shown(found.at) };
    }
  }
}

/**
 * The key column of a child table that no element has a value for, so that no element becomes a row.
 * @param least fewest elements to judge by
 */
export function unseenChildKey(table: Table, records: readonly object[], least: number): string | undefined {
  const elements = elementsOf(table, records);
  if (elements.length < least) return undefined;
  const isSeen = (path: string) => elements.some((one) => valueAtPath(one, path.split('.')) !== undefined);
  return table.key.find((name) => {
    const paths = table.columns[name]?.paths ?? [];
    return !paths.some((path) => path.startsWith('$') || placeOf(path).some(isSeen));
  });
}

function elementsOf({ explode }: Table, records: readonly object[]): readonly Element[] {
  return records
    .filter(isJsonObject)
    .flatMap((record) => [...(explode?.(record) ?? [])].map((element) => ({ element, record })));
}

/** Where the value of a path is in an {@link Element}; nowhere for a fact of the request. */
function placeOf(path: string): string[] {
  if (path.startsWith('$')) return [];
  if (path === '.') return ['element'];
  return [path.startsWith('^') ? `record.${path.slice(1)}` : `element.${path}`];
}

function shown(place: string): string {
  return place.replace(/^record\./, '^').replace(/^element\./, '');
}
