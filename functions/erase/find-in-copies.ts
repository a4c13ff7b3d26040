import type { HashKind } from '../../schemas/column.ts';
import { isJsonObject } from '../../schemas/json-text.ts';
import type { JsonRecord, Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { readStoredPage } from '../extract/pages/stored-page.ts';
import { columnReader, compileUnpack, compileUnpackFor } from '../extract/rows/column-reader.ts';
import { compileNames } from '../extract/rows/erased.ts';
import { heldKeyOf, type ShownTexts } from '../extract/rows/shown-texts.ts';
import { joinKey } from '../lake/digest.ts';
import type { ErasedRecords } from '../lake/erasure-ledger.ts';
import { type RawContext, readRawPages } from '../lake/raw-pages.ts';
import { readStaged } from '../lake/staged-files.ts';
import { type CopyPorts, copiesOf } from '../purge/purge-copies.ts';
import type { Source, Stream } from '../source/source.ts';
import type { IsMeant } from './person.ts';
import type { FoundInCopies, Holder } from './wanted.ts';

/** Records of a stream that are searched for. */
export interface CopySearch {
  readonly source: Source;
  readonly account: string;
  /** Name of the stream. */
  readonly name: string;
  /** Tables that show which records are meant, among them those of details. */
  readonly holders: readonly Holder[];
  readonly isMeant: IsMeant;
  /** Records that were noted as erased: an erasure that was killed has not removed all of their copies. */
  readonly erased: ErasedRecords | undefined;
  readonly texts: Pick<ShownTexts, 'keyPart'>;
}

/**
 * Searches raw copies and staged files. The warehouse knows a record's last version alone: a number that the vendor has corrected or
 * emptied since is only here, and so is a record without a key.
 */
export async function findInCopies(search: CopySearch, ports: CopyPorts): Promise<FoundInCopies> {
  const { source, account, name, holders } = search;
  const found = { keys: new Set<string>(), aliases: new Set<string>(), keyless: 0 };
  for (const of of new Set([name, ...holders.map((holder) => holder.of)])) {
    const stream = source.streams[of];
    if (!stream) continue;
    const id = { source: source.name, account, stream: of };
    const noteRecord = recordNoter(stream, search, found);
    for await (const { key, table } of copiesOf({ id, stream }, ports.store)) {
      if (table === undefined) {
        for (const page of await readRawPages(key, id, ports))
          for (const record of readStoredPage(stream, page).records) noteRecord(record, page.context);
      }
      const holder = holders.find((one) => one.table.name === table);
      if (holder) await noteStaged(key, holder, search, { found, ports });
    }
  }
  return found;
}

/** Compiles whether a record of a page, or a child of it, means the person. */
export function recordTest(tables: Stream['tables'], isMeant: IsMeant): (record: unknown) => boolean {
  const [main] = tables;
  const unpack = compileUnpack(tables, main);
  const tests = tables.map((table) => ({ table, isMeantRow: rowTest(table, isMeant) }));
  return (record) => {
    if (!isJsonObject(record)) return false;
    const parent = unpack(record);
    return tests.some(({ table, isMeantRow }) => {
      if (!isMeantRow) return false;
      if (table === main) return isMeantRow(parent, parent);
      return [...(table.explode?.(parent) ?? [])].some((one) => isJsonObject(one) && isMeantRow(one, parent));
    });
  };
}

/** @returns undefined if the table has no column that can mean a person */
function rowTest({ columns }: Table, isMeant: IsMeant) {
  const hashed = Object.entries(columns).filter(([, { hash }]) => hash !== undefined);
  if (hashed.length === 0) return undefined;
  const unpack = compileUnpackFor(hashed.map(([, column]) => column));
  const readers = hashed.map(([name, column]) => ({ kind: column.hash, ...columnReader(name, column, 0) }));
  return (element: JsonRecord, parent: JsonRecord): boolean => {
    const own = unpack(element);
    return readers.some(({ kind, read }) =>
      means(
        isMeant,
        kind,
        read(own, parent, {}, () => {}),
      ),
    );
  };
}

function means(isMeant: IsMeant, kind: HashKind | undefined, value: Value): boolean {
  return kind !== undefined && value !== null && isMeant(kind, String(value));
}

interface Noted {
  readonly keys: Set<string>;
  readonly aliases: Set<string>;
  keyless: number;
}

/** Compiles what is noted of a record of a page. */
function recordNoter(stream: Stream, { source, name, isMeant, erased, texts }: CopySearch, found: Noted) {
  const isMeantRecord = recordTest(stream.tables, isMeant);
  if (stream.kind === 'details')
    return (record: unknown, { partition }: RawContext): void => {
      if (isMeantRecord(record)) found.keys.add(partition);
    };
  const namesOf = compileNames(source, name, texts);
  const hasOwnKey = readsItsKey(stream.tables[0]);
  return (record: unknown): void => {
    const names = namesOf(record, {});
    if (!isMeantRecord(record) && !(erased && names.some(erased.has))) return;
    const aliases = names.filter(({ by }) => by === 'alias');
    const key = names.find((one) => one.by === 'key' && one.stream === name)?.text;
    for (const { text } of aliases) found.aliases.add(text);
    if (key === undefined && hasOwnKey) found.keyless += 1;
    // A page may show a later key than the first one, which the record keeps, and which its alias leads to.
    else if (key !== undefined && aliases.length === 0) found.keys.add(key);
  };
}

/** False if the key is in part that of another record, which a page does not show. */
function readsItsKey({ key, columns }: Table): boolean {
  return key.every((name) => columns[name]?.paths.every((path) => !path.startsWith('$')));
}

/** Notes the records of a staged file, by its texts and by its hashes: of a record that opted out, nothing else is left. */
async function noteStaged(
  object: string,
  { table, key, columns, values }: Holder,
  { isMeant, erased, texts, name }: CopySearch,
  { found, ports }: { readonly found: Noted; readonly ports: CopyPorts },
): Promise<void> {
  const hashed = Object.entries(table.columns).filter(([, { hash }]) => hash !== undefined);
  const read = [...key, ...columns, ...hashed.map(([column]) => column)];
  const staged = await readStaged(object, read, ports);
  const held = heldKeyOf({ ...table, key }, texts);
  const hashes = new Set(values);
  for (let row = 0; row < (staged?.[0]?.length ?? 0); row += 1) {
    const own = read.map((_, n) => staged?.[n]?.[row] ?? null);
    const record = joinKey(held(own.slice(0, key.length)));
    const shown = own.slice(key.length + columns.length);
    const isFound =
      own.slice(key.length, key.length + columns.length).some((value) => hashes.has(String(value))) ||
      shown.some((value, n) => means(isMeant, hashed[n]?.[1].hash, value)) ||
      erased?.has({ stream: name, by: 'key', text: record });
    if (isFound) found.keys.add(record);
  }
}
