import { isJsonObject } from '../../../schemas/json-text.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { isBlank, joinKey } from '../../lake/digest.ts';
import type { ErasedName, ErasedRecords } from '../../lake/erasure-ledger.ts';
import type { Source } from '../../source/source.ts';
import { columnReader, compileKey, compileUnpackFor } from './column-reader.ts';
import type { ShownTexts } from './shown-texts.ts';

/** Names of a record, and of the records that it belongs to, by which an erasure may have noted it. */
export type NamesOf = (record: unknown, context: Readonly<Record<string, unknown>>) => readonly ErasedName[];

/**
 * Recognizes a record that was erased, or that belongs to one.
 * @param key the record's, if it has one
 * @returns undefined for any other record; else a text that differs from those of the other records of its list. That is not always the
 * key: the one that it had first is forgotten, and another record may have the one that it shows
 */
export type ErasedKeyOf = (
  record: unknown,
  key: string | undefined,
  context: Readonly<Record<string, unknown>>,
) => string | undefined;

/** Compiles the test for the records of a stream. */
export function compileErasedKey(
  source: Pick<Source, 'streams'>,
  stream: string,
  { erased, texts }: { readonly erased: ErasedRecords; readonly texts: Pick<ShownTexts, 'keyPart'> },
): ErasedKeyOf {
  const namesOf = compileNames(source, stream, texts);
  return (record, key, context) => {
    const names = namesOf(record, context);
    const isErased = (key !== undefined && erased.has({ stream, by: 'key', text: key })) || names.some(erased.has);
    return isErased ? (names.find(({ by }) => by === 'alias')?.text ?? key) : undefined;
  };
}

/**
 * Compiles the names of a stream's records:
 * - the key, both as it is stored and as the vendor serves it, because an unusual id is stored as its hash, which changes with the hash key;
 * - the value that a stable key is looked up by;
 * - the keys of the records that it refers to.
 */
export function compileNames(
  { streams }: Pick<Source, 'streams'>,
  stream: string,
  texts: Pick<ShownTexts, 'keyPart'>,
): NamesOf {
  const table = streams[stream]?.tables[0];
  if (!table) throw new Error(`there is no stream ${stream}`);
  const keys = [texts, AS_SERVED].map((form) => compileKey(table, NO_STABLE_KEYS, form));
  const readers = Object.entries(table.references ?? {}).flatMap(([column, name]) => {
    const [of] = Object.entries(streams).find(([, { tables }]) => tables[0].name === name) ?? [];
    return of === undefined || of === stream
      ? []
      : [{ stream: of, by: 'key' as const, read: readColumn(table, column, texts) }];
  });
  const alias = table.stableKey && { stream, by: 'alias' as const, read: readColumn(table, table.stableKey.by, texts) };
  const columns = alias ? [...readers, alias] : readers;
  return (record, context) => {
    const own = keys.flatMap((keyOf) => keyOf(record, context) ?? []);
    const others = columns.flatMap(({ read, ...name }) => read(record, context).map((text) => ({ ...name, text })));
    return [...own.map((text) => ({ stream, by: 'key' as const, text })), ...others];
  };
}

/** Reads a column, in every form in which it may be stored. */
function readColumn(table: Table, name: string, { keyPart }: Pick<ShownTexts, 'keyPart'>) {
  const column = table.columns[name];
  if (!column) throw new Error(`table ${table.name} has no column ${name}`);
  const reader = columnReader(name, column, 0, true);
  const unpack = compileUnpackFor([column]);
  const held = keyPart(column);
  return (given: unknown, context: Readonly<Record<string, unknown>>): readonly string[] => {
    if (!isJsonObject(given)) return [];
    const record = unpack(given);
    const value: Value = reader.read(record, record, context, () => {});
    if (value === null || isBlank(value)) return [];
    return typeof value === 'string' ? [value, held(value)] : [joinKey([value])];
  };
}

const AS_SERVED: Pick<ShownTexts, 'keyPart'> = { keyPart: () => (text) => text };
const NO_STABLE_KEYS = { get: () => undefined, set() {} };
