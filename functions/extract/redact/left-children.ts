import { isJsonObject } from '../../../schemas/json-text.ts';
import type { JsonRecord, Table } from '../../../schemas/table.ts';
import { childId, childKey, decodeChildren } from '../../lake/child-rows.ts';
import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import { joinKey } from '../../lake/digest.ts';
import type { Stream } from '../../source/source.ts';
import { columnReader, compileUnpack, compileUnpackFor } from '../rows/column-reader.ts';
import type { ShownTexts } from '../rows/shown-texts.ts';
import { compileDropSensitive } from './drop-sensitive.ts';
import { writeRedacted } from './redact-page.ts';

/** Ids (`childId`) of children that are deleted, of a record that is not. */
export function leftChildren({ children }: Pick<DigestEntry, 'children'>): ReadonlySet<string> {
  return new Set([...decodeChildren(children)].flatMap(([id, { deleted }]) => (deleted ? [id] : [])));
}

/** The keys, in one table, of children with these ids. */
export function keysIn(table: Table, ids: Iterable<string>): readonly string[] {
  return [...ids].flatMap((id) => childKey(table, id) ?? []);
}

/** Removes the sensitive values of children from an earlier copy of their record, in place. */
export type DropChildren = (record: unknown, ids: ReadonlySet<string>) => void;

/** Compiles the removal. If children are not objects within the record, but in JSON text, the copy loses everything that is sensitive. */
export function compileDropChildren({ tables }: Stream, texts: ShownTexts): DropChildren {
  const [main, ...others] = tables;
  const unpack = compileUnpack(tables, main);
  const dropAll = compileDropSensitive(tables, texts);
  const kinds = others.map((table) => ({
    table,
    keyOf: childKeyReader(table, texts),
    drop: compileDropSensitive([table], texts),
  }));
  return (record, ids) => {
    if (!isJsonObject(record)) return;
    const before = writeRedacted(record);
    const parent = unpack(record);
    let isChanged = false;
    for (const { table, keyOf, drop } of kinds) {
      for (const element of table.explode?.(parent) ?? []) {
        const key = keyOf(element, parent);
        if (key === undefined || !ids.has(childId(table, key))) continue;
        const served = writeRedacted(element);
        drop(element);
        isChanged ||= writeRedacted(element) !== served;
      }
    }
    if (isChanged && writeRedacted(record) === before) dropAll(record);
  };
}

/** Reads the key of a child, as `flatten` computes it; undefined if it has none. */
function childKeyReader({ key, columns }: Table, texts: Pick<ShownTexts, 'keyPart'>) {
  const declared = key.flatMap((name) => columns[name] ?? []);
  const unpack = compileUnpackFor(declared);
  const parts = declared.map((column, n) => ({
    column: columnReader(key[n] ?? '', column, 0, true),
    hold: texts.keyPart(column),
  }));
  return (element: unknown, parent: JsonRecord): string | undefined => {
    if (!isJsonObject(element)) return undefined;
    const own = unpack(element);
    const values = parts.map(({ column, hold }) => {
      const value = column.read(own, parent, {}, () => {});
      return typeof value === 'string' ? hold(value) : value;
    });
    return values.includes(null) ? undefined : joinKey(values);
  };
}
