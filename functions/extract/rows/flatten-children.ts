import { isJsonObject, toJsonText } from '../../../schemas/json-text.ts';
import type { JsonRecord, Table } from '../../../schemas/table.ts';
import type { Rejects } from './coerce.ts';

/** What a row is recognized by. */
interface ChildRow {
  readonly key: string;
  readonly contentHash: string;
}

/** Rows of one record's children in one table. */
export interface FlatChildren<Row extends ChildRow> {
  readonly rows: readonly Row[];
  /** Text of the elements that became no row; '' if there are none. */
  readonly lost: string;
  /** An element has no key. It may be any child that the record seems to lack. */
  readonly hasUnknown: boolean;
}

/** Counts an element whose key another element of its record has too. */
const LISTED_TWICE = 'listed twice in its record, the first one counts';

/**
 * Flattens the children of a record. If several have the same key, the first one becomes the row.
 * @returns undefined if the record says nothing about such children
 */
export function flattenChildren<Row extends ChildRow>(
  table: Table,
  record: JsonRecord,
  rejects: Rejects,
  flatten: (element: JsonRecord) => Row | undefined,
): FlatChildren<Row> | undefined {
  const elements = table.explode?.(record, (reason) => rejects.add(table.name, '', reason));
  if (!elements) return undefined;
  const rows = new Map<string, Row>();
  let lost = '';
  let hasUnknown = false;
  for (const element of elements) {
    const row = isJsonObject(element) ? flatten(element) : undefined;
    const first = row && rows.get(row.key);
    hasUnknown ||= !row;
    if (!isJsonObject(element)) rejects.add(table.name, '', 'a record that is not an object');
    if (first) rejects.add(table.name, '', LISTED_TWICE);
    if (row && !first) rows.set(row.key, row);
    else if (row?.contentHash !== first?.contentHash || !row) lost += lostText(table, element);
  }
  return { rows: [...rows.values()], lost, hasUnknown };
}

/** Text of one element. Its length comes first, so that no two lists of elements give the same text. */
function lostText({ name }: Table, element: unknown): string {
  const text = textOf(element);
  return `!${name}${text.length}:${text}`;
}

function textOf(element: unknown): string {
  try {
    return toJsonText(element) ?? '';
  } catch {
    return '';
  }
}
