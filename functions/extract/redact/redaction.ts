import { type Emptying, emptiedColumns } from '../../../schemas/derive/emptied.ts';
import { columnIndex, layoutOf } from '../../../schemas/layout.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { joinKey } from '../../lake/digest.ts';
import type { RawPage } from '../../lake/raw-pages.ts';
import type { Purge } from '../../purge/purge-copies.ts';
import type { RowMatch } from '../../purge/row-match.ts';
import { recordKeyIn } from '../../source/details.ts';
import type { Stream } from '../../source/source.ts';
import { readStoredPage } from '../pages/stored-page.ts';
import type { KeyOf } from '../rows/column-reader.ts';
import { heldKeyOf, referencesTo } from '../rows/shown-texts.ts';
import type { StreamSession } from '../session/session.ts';
import { compileDropSensitive, type DropSensitive } from './drop-sensitive.ts';
import { compileDropChildren, type DropChildren, keysIn } from './left-children.ts';
import { writeRedacted } from './redact-page.ts';

/** The records whose copies lose their sensitive values. */
export interface EmptiedRecords {
  /** Keys of the records. With each, the value of the column that its stable key is looked up by, if there is one. */
  readonly aliases: ReadonlyMap<string, string | undefined>;
  /** By key of a record that stays: its alias, and the ids of its children that are deleted. */
  readonly left: ReadonlyMap<string, { readonly alias: string | undefined; readonly ids: ReadonlySet<string> }>;
  /** Keys of those that were removed at the vendor. They keep no hash either. */
  readonly blanked: ReadonlySet<string>;
  /** Reads the key of a record in an earlier copy. */
  readonly keyOf: KeyOf;
}

/** How the sensitive values of these records are removed from every copy. */
export function redactionOf(session: StreamSession, emptied: EmptiedRecords): Purge {
  const { id, stream, texts } = session;
  const { left, blanked } = emptied;
  const drop = {
    sensitive: compileDropSensitive(stream.tables, texts),
    children: left.size > 0 ? compileDropChildren(stream, texts) : () => {},
  };
  return {
    ...{ id, stream, held: texts },
    matches: [...matchesOf(stream, new Set(emptied.aliases.keys())), ...leftMatches(stream, emptied)],
    page: (page) => redactedPage(stream, drop, page, emptied),
    rows: (table, columns, found) => emptyRows({ stream, texts, blanked, left }, table, columns, found),
  };
}

/** Rows of the records, and those that belong to them. */
function matchesOf(stream: Stream, values: ReadonlySet<string>): readonly RowMatch[] {
  return stream.tables.flatMap((table) => {
    const columns = recordKeyIn(stream, table);
    return columns ? [{ table, columns, values }] : [];
  });
}

/** Rows of deleted children of records that stay. */
function leftMatches({ tables: [, ...tables] }: Stream, { left }: EmptiedRecords): readonly RowMatch[] {
  const ids = [...left.values()].flatMap((one) => [...one.ids]);
  return tables.flatMap((table) => {
    const values = new Set(keysIn(table, ids));
    return values.size > 0 ? [{ table, columns: table.key, values }] : [];
  });
}

/**
 * The page without the sensitive values of these records; the same bytes if it has none of them. Undefined if it cannot be written again,
 * so that it is not kept.
 */
function redactedPage(
  stream: Stream,
  drop: { readonly sensitive: DropSensitive; readonly children: DropChildren },
  page: RawPage,
  { aliases, left, keyOf }: EmptiedRecords,
): Buffer | undefined {
  const { context, body } = page;
  // Details have no field that is known to be safe, so no page of them is kept.
  if (stream.kind === 'details') return aliases.has(context.partition) ? undefined : body;
  const names = [...aliases, ...[...left].map(([key, { alias }]) => [key, alias] as const)];
  if (!names.some(([key, alias]) => mayContain(body, key, alias))) return body;
  const { json, records, hidesMembers } = readStoredPage(stream, page);
  const keyed = records.map((record) => ({ record, key: keyOf(record, {}) ?? '' }));
  const found = keyed.filter(({ key }) => aliases.has(key) || left.has(key));
  if (found.length === 0 && !hidesMembers) return body;
  const before = found.map(({ record }) => writeRedacted(record));
  for (const { record, key } of found) {
    const ids = left.get(key)?.ids;
    if (ids) drop.children(record, ids);
    else drop.sensitive(record);
  }
  if (!hidesMembers && found.every(({ record }, n) => writeRedacted(record) === before[n])) return body;
  const text = writeRedacted(json);
  return text === undefined ? undefined : Buffer.from(text);
}

/** False if the bytes contain none of the ids. An id that JSON can write in several ways, or that is stored as its hash, may be there. */
function mayContain(body: Buffer, ...ids: readonly (string | undefined)[]): boolean {
  return ids.some((id) => id !== undefined && (!/^[\w.:-]+$/.test(id) || body.includes(id)));
}

interface EmptyOptions extends Pick<StreamSession, 'stream' | 'texts'>, Pick<EmptiedRecords, 'blanked' | 'left'> {}

/** Empties rows in place. @returns undefined if they were empty before */
function emptyRows(
  { stream, texts, blanked, left }: EmptyOptions,
  table: Table,
  columns: Value[][],
  found: ReadonlySet<number>,
): Value[][] | undefined {
  const index = columnIndex(table);
  const key = recordKeyIn(stream, table) ?? [];
  const held = heldKeyOf({ ...table, key }, texts);
  const shown = shownColumns(table, stream.tables[0], texts);
  const hidden = columns[index('_hidden')] ?? [];
  let isChanged = false;
  const put = (name: string, row: number, value: Value) => {
    const values = columns[index(name)];
    if (!values || (values[row] ?? null) === value) return;
    values[row] = value;
    isChanged = true;
  };
  for (const row of found) {
    const parts = held(key.map((name) => columns[index(name)]?.[row] ?? null));
    for (const [n, name] of key.entries()) put(name, row, parts[n] ?? null);
    const record = joinKey(parts);
    const by: Emptying = blanked.has(record) || left.has(record) ? 'blank' : 'redact';
    for (const name of emptiedColumns(table, by)) put(name, row, null);
    for (const { name, isKept } of shown) {
      const value = columns[index(name)]?.[row];
      if (isHidden(hidden[row], name) || (typeof value === 'string' && !isKept(value))) put(name, row, null);
    }
  }
  return isChanged ? columns : undefined;
}

/** Columns that `callhouse` shows some texts of, and which of these stay: not those that other records have earned, as in a raw copy. */
function shownColumns(table: Table, main: Table, texts: StreamSession['texts']) {
  const references = referencesTo(main, table);
  return layoutOf(table).flatMap(({ name, placement }) => {
    const column = table.columns[name];
    if (placement !== 'shown' || !column) return [];
    const isKept = references.has(name) ? () => true : texts.ruleOfOptedOut(`${table.name}.${name}`, column);
    return [{ name, isKept }];
  });
}

/** True if `callhouse` does not show the column in a row. Files of earlier versions do not say so. */
function isHidden(hidden: Value | undefined, name: string): boolean {
  return typeof hidden !== 'string' || hidden.includes(`,${name},`);
}
