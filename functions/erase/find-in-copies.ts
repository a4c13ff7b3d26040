import { isJsonObject } from '../../schemas/json-text.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { readStoredPage } from '../extract/pages/stored-page.ts';
import { columnReader, compileUnpackFor } from '../extract/rows/column-reader.ts';
import { compileNames } from '../extract/rows/erased.ts';
import { heldKeyOf, type ShownTexts } from '../extract/rows/shown-texts.ts';
import { joinKey } from '../lake/digest.ts';
import type { ErasedRecords } from '../lake/erasure-ledger.ts';
import { readRawPages } from '../lake/raw-pages.ts';
import { readStaged } from '../lake/staged-files.ts';
import { type CopyPorts, copiesOf } from '../purge/purge-copies.ts';
import type { Source, Stream } from '../source/source.ts';
import type { IsMeant } from './person.ts';

/** Records that copies in the lake show, in whatever version. */
export interface FoundInCopies {
  readonly keys: ReadonlySet<string>;
  /** Values of the column that a stable key is looked up by, of records whose key copies do not tell. */
  readonly aliases: ReadonlySet<string>;
  /** Raw copies of records without a key, which no table has. */
  readonly keyless: number;
}

/** A stream whose copies are searched, and what for. */
export interface CopySearch {
  readonly source: Source;
  readonly account: string;
  readonly name: string;
  readonly stream: Stream;
  readonly isMeant: IsMeant;
  /** Hashes that the person has in `callhouse`. A record that opted out keeps no other trace. */
  readonly hashes: ReadonlySet<string>;
  /** Records that were noted as erased: an erasure that was killed has not removed all of their copies. */
  readonly erased: ErasedRecords | undefined;
  readonly texts: Pick<ShownTexts, 'keyPart'>;
}

/**
 * Searches the raw copies and staged files of a stream. The warehouse knows a record's last version alone: a number that the vendor has
 * corrected or emptied since is only here, and so is a record without a key.
 */
export async function findInCopies(search: CopySearch, ports: CopyPorts): Promise<FoundInCopies> {
  const { source, account, name, stream } = search;
  const id = { source: source.name, account, stream: name };
  const [main] = stream.tables;
  const found = { keys: new Set<string>(), aliases: new Set<string>(), keyless: 0 };
  const noteRecord = readsItsKey(main) ? recordNoter(search, found) : undefined;
  for await (const { key, table } of copiesOf({ id, stream }, ports.store)) {
    if (table === undefined && noteRecord)
      for (const page of await readRawPages(key, id, ports)) readStoredPage(stream, page).records.forEach(noteRecord);
    if (table === main.name) await noteStaged(key, search, found, ports);
  }
  return found;
}

/** False if the key is in part that of another record, which a page does not show. */
function readsItsKey({ key, columns }: Table): boolean {
  return key.every((name) => columns[name]?.paths.every((path) => !path.startsWith('$')));
}

/** Compiles whether a record of a page means the person. */
export function recordTest({ columns }: Table, isMeant: IsMeant): (record: unknown) => boolean {
  const hashed = Object.entries(columns).flatMap(([name, column]) =>
    column.hash === undefined ? [] : [{ kind: column.hash, read: columnReader(name, column, 0).read }],
  );
  const unpack = compileUnpackFor(Object.values(columns).filter(({ hash }) => hash !== undefined));
  return (record) => {
    if (!isJsonObject(record)) return false;
    const own = unpack(record);
    return hashed.some(({ kind, read }) => {
      const value = read(own, own, {}, () => {});
      return value !== null && isMeant(kind, String(value));
    });
  };
}

interface Noted {
  readonly keys: Set<string>;
  readonly aliases: Set<string>;
  keyless: number;
}

function recordNoter({ source, name, stream, isMeant, erased, texts }: CopySearch, found: Noted) {
  const isMeantRecord = recordTest(stream.tables[0], isMeant);
  const namesOf = compileNames(source, name, texts);
  return (record: unknown): void => {
    const names = namesOf(record, {});
    if (!isMeantRecord(record) && !(erased && names.some(erased.has))) return;
    const aliases = names.filter(({ by }) => by === 'alias');
    const key = names.find((one) => one.by === 'key' && one.stream === name)?.text;
    for (const { text } of aliases) found.aliases.add(text);
    if (key === undefined) found.keyless += 1;
    // A page may show a later key than the first one, which the record keeps, and which its alias leads to.
    else if (aliases.length === 0) found.keys.add(key);
  };
}

async function noteStaged(object: string, search: CopySearch, found: Noted, ports: CopyPorts): Promise<void> {
  const { stream, isMeant, hashes, erased, texts, name } = search;
  const [main] = stream.tables;
  const hashed = Object.entries(main.columns).flatMap(([column, { hash }]) => (hash ? [{ column, kind: hash }] : []));
  const hashColumns = [...hashed.map(({ column }) => `${column}_hash`), ...(main.callerNumber ? ['_caller_hash'] : [])];
  const read = [...main.key, ...hashed.map(({ column }) => column), ...hashColumns];
  const columns = await readStaged(object, read, ports);
  const held = heldKeyOf(main, texts);
  for (let row = 0; row < (columns?.[0]?.length ?? 0); row += 1) {
    const values: readonly Value[] = read.map((_, n) => columns?.[n]?.[row] ?? null);
    const key = joinKey(held(values.slice(0, main.key.length)));
    const own = values.slice(main.key.length, main.key.length + hashed.length);
    const isFound =
      values.slice(main.key.length + hashed.length).some((value) => hashes.has(String(value))) ||
      own.some((value, n) => value !== null && isMeant(hashed[n]?.kind ?? 'key', String(value))) ||
      erased?.has({ stream: name, by: 'key', text: key });
    if (isFound) found.keys.add(key);
  }
}
