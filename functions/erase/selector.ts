import { HASH_KINDS, type HashKind } from '../../schemas/column.ts';
import { hashColumns } from '../../schemas/derive/rehash.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import type { Table } from '../../schemas/table.ts';
import { ConfigError } from '../errors.ts';
import { keyedHash } from '../extract/rows/hashes.ts';
import { type ShownTexts, shownTexts } from '../extract/rows/shown-texts.ts';
import { recordKeyIn } from '../source/details.ts';
import type { Source, Stream } from '../source/source.ts';
import type { FindPorts } from './find-records.ts';
import { type IsMeant, isMeantBy, type Person, textsOf } from './person.ts';
import type { Holder, Wanted } from './wanted.ts';

/** Whose records are erased. */
export type Selector = { readonly kind: 'call'; readonly source: string; readonly id: string } | Person;

/** The stream whose records are calls, in every source. */
const CALLS = 'calls';

/** How the selector finds records in the streams of an account; nothing for streams that cannot have such a record. */
export async function wantedRecords(
  selector: Selector,
  { source, account }: Pick<Wanted, 'source' | 'account'>,
  { hashKey, ...ports }: FindPorts & { readonly hashKey: string },
): Promise<readonly Wanted[]> {
  if (selector.kind === 'call') {
    const stream = source.name === selector.source ? source.streams[CALLS] : undefined;
    return stream ? [{ source, account, stream, name: CALLS, holders: [byId(stream, selector.id, hashKey)] }] : [];
  }
  const isMeant = isMeantBy(selector, hashKey);
  const wanted = new Map<string, Wanted>();
  for (const { name, ...place } of placesOf(source, selector.kind)) {
    const stream = source.streams[name];
    if (!stream) continue;
    const { table } = place;
    const values = await hashesFor(selector, { table, account, isMeant }, { hashKey, ...ports });
    const holders = [...(wanted.get(name)?.holders ?? []), { ...place, values }];
    wanted.set(name, { source, account, stream, name, holders, isMeant });
  }
  return [...wanted.values()];
}

/** Texts without a visible character, as vendors send them. */
const BLANK_TEXTS = ['', ' '];

/** @throws ConfigError if the hash is that of an empty text, which the rows of many persons may have */
export function checkNamesPerson(selector: Selector, hashKey: string): void {
  if (selector.kind !== 'hash') return;
  const isBlankHash = isMeantBy(selector, hashKey);
  if (HASH_KINDS.some((kind) => BLANK_TEXTS.some((text) => isBlankHash(kind, text))))
    throw new ConfigError('--hash is that of an empty text, so it names no person; erase these calls by --call');
}

/** A call is found by the vendor's id, which may be held as its hash, or by the id that its stable key is looked up by. */
function byId({ tables: [table] }: Stream, id: string, hashKey: string): Holder {
  const by = table.stableKey?.by;
  const columns = [...table.key, ...(by === undefined ? [] : [by])];
  const texts = keyTexts(hashKey);
  const values = [id, ...columns.map((name) => texts.keyPart(table.columns[name])(id))];
  return { of: CALLS, table, key: table.key, columns, values: [...new Set(values)] };
}

/** A table with what the selector names, and the stream of its records. */
type Place = Omit<Holder, 'values'> & { readonly name: string };

/** Tables that can hold what the selector names: those of records, of their children, and of their details. */
function placesOf({ streams }: Source, kind: Person['kind']): readonly Place[] {
  return Object.entries(streams).flatMap(([of, stream]) =>
    stream.tables.flatMap((table): readonly Place[] => {
      const columns = hashColumnsFor(table, kind);
      const key = recordKeyIn(stream, table);
      if (columns.length === 0 || !key) return [];
      return [{ of, name: stream.kind === 'details' ? stream.parent : of, table, key, columns }];
    }),
  );
}

/** How parts of keys are held. */
export function keyTexts(hashKey: string): Pick<ShownTexts, 'keyPart'> {
  return shownTexts({ hashKey, at: 0 });
}

/** Columns with hashes of this kind; with all of them if a hash is given. */
function hashColumnsFor(table: Table, kind: 'phone' | 'patient' | 'hash'): readonly string[] {
  if (kind === 'hash') return hashColumns(table);
  const columns = hashedColumns(table, kind).map((name) => `${name}_hash`);
  return kind === 'phone' && table.callerNumber ? [...columns, '_caller_hash'] : columns;
}

function hashedColumns({ columns }: Table, kind: HashKind): readonly string[] {
  return Object.keys(columns).filter((name) => columns[name]?.hash === kind);
}

/** A table of an account, and what is searched for in it. */
interface Searched {
  readonly table: Table;
  readonly account: string;
  readonly isMeant: IsMeant;
}

async function hashesFor(
  selector: Person,
  searched: Searched,
  { hashKey, ...ports }: FindPorts & { readonly hashKey: string },
): Promise<readonly string[]> {
  if (selector.kind === 'hash') return [selector.hash];
  const { kind } = selector;
  const spellings = kind === 'phone' ? await spellingsOf(searched, ports) : [];
  return [...new Set([...textsOf(selector), ...spellings])].map((one) => keyedHash(kind, one, hashKey));
}

/** Every way in which a number is written in a table: the hash of a number is that of its text. */
async function spellingsOf(
  { table, account, isMeant }: Searched,
  { engine, databases }: FindPorts,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of hashedColumns(table, 'phone')) {
    const column = quoteName(name);
    const { rows } = await engine.query(
      `SELECT DISTINCT ${column} FROM ${quoteName(databases.phi)}.${quoteName(table.name)} WHERE "account" = ${quoteText(account)} AND ${column} IS NOT NULL`,
    );
    for (const [text] of rows) if (isMeant('phone', String(text))) found.push(String(text));
  }
  return found;
}

/** Sources that the selector may be about. */
export function sourcesFor(selector: Selector, sources: readonly Source[]): readonly Source[] {
  if (selector.kind === 'call') return sources.filter(({ name }) => name === selector.source);
  return sources.filter((source) => placesOf(source, selector.kind).length > 0);
}
