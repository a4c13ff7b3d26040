import type { Databases } from '../../schemas/derive/databases.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { columnIndex, columnsIn, layoutOf } from '../../schemas/layout.ts';
import { parentColumns, type Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { joinKey } from '../lake/digest.ts';
import type { Engine } from '../ports.ts';
import type { RowMatch } from '../purge/row-match.ts';
import { toStaged } from '../rotate/rehash-table.ts';
import { recordColumns } from '../source/details.ts';
import type { Source, Stream } from '../source/source.ts';
import type { IsMeant } from './person.ts';
import { asText, keyTests, valueTests } from './row-tests.ts';
import type { AlsoWanted, FoundInCopies, Wanted } from './wanted.ts';

/** Records of one stream of one account, with all rows that belong to them. */
export interface FoundRecords {
  readonly source: Source;
  readonly account: string;
  /** How rows are found, those of the records first. A table may be found by several columns. */
  readonly matches: readonly RowMatch[];
  /** Keys of the rows, by table; the records' own table is the first. */
  readonly keys: ReadonlyMap<Table, ReadonlySet<string>>;
  /** Values of the column that the records' stable key is looked up by. */
  readonly aliases: ReadonlySet<string>;
  /** Number of records that do not have the number, id or hash any more: only earlier versions of them have it. */
  readonly earlier: number;
  /** Number of raw copies of records without a key. */
  readonly keyless: number;
  /** Recognizes the records without a key; undefined if there are none. */
  readonly isMeant: IsMeant | undefined;
}

/** The warehouse. */
export interface FindPorts {
  readonly engine: Engine;
  readonly databases: Databases;
}

/**
 * Finds records in the warehouse, and the rows of other tables that refer to them, directly or through others.
 * @returns undefined if there are none
 */
export async function findRecords(
  wanted: Wanted,
  ports: FindPorts,
  also: AlsoWanted = { inCopies: NONE },
): Promise<FoundRecords | undefined> {
  const { source, account, stream, holders, isMeant } = wanted;
  const [table] = stream.tables;
  const present = new Set<string>();
  for (const { table: from, key, columns, values } of holders) {
    const read = { table: from, account, names: key, tested: columns };
    for (const row of await selectRows(read, valueTests(columns, values), ports)) present.add(joinKey(row));
  }
  const roots = new Set([...present, ...(await earlierKeys(wanted, also, ports))]);
  const { keyless } = also.inCopies;
  if (roots.size === 0 && keyless === 0) return undefined;
  const keys = new Map<Table, ReadonlySet<string>>([[table, roots]]);
  const matches: RowMatch[] = [{ table, columns: table.key, values: roots }];
  // What is found is searched for in turn.
  for (const { table: to } of matches) {
    const found = keys.get(to) ?? new Set();
    for (const link of linksTo(source, to)) {
      const isKnown = matches.some((one) => one.table === link.table && String(one.columns) === String(link.columns));
      if (isKnown) continue;
      const match = { ...link, values: found };
      matches.push(match);
      keys.set(link.table, new Set([...(keys.get(link.table) ?? []), ...(await keysOf(match, account, ports))]));
    }
  }
  const aliases = new Set([...(await aliasesOf(table, roots, account, ports)), ...also.inCopies.aliases]);
  const earlier = roots.size - present.size;
  return { source, account, matches, keys, aliases, earlier, keyless, isMeant: keyless > 0 ? isMeant : undefined };
}

const NONE: FoundInCopies = { keys: new Set(), aliases: new Set(), keyless: 0 };

/** Keys of the records that earlier versions show, or that a killed erasure has noted. */
async function earlierKeys(
  { account, name, stream: { tables } }: Wanted,
  { inCopies: { keys, aliases }, erased }: AlsoWanted,
  ports: FindPorts,
): Promise<readonly string[]> {
  const [table] = tables;
  const by = table.stableKey?.by;
  const read = { table, account, names: table.key };
  const ofAliases =
    by === undefined || aliases.size === 0
      ? []
      : await selectRows({ ...read, tested: [by] }, valueTests([by], aliases), ports);
  const all = erased ? await selectRows({ ...read, tested: [] }, ['true'], ports) : [];
  const noted = all.map(joinKey).filter((text) => erased?.has({ stream: name, by: 'key', text }));
  return [...keys, ...ofAliases.map(joinKey), ...noted];
}

/** Number of records that are not deleted in a stream's first table. */
export async function countRecords(table: Table, account: string, { engine, databases }: FindPorts): Promise<number> {
  const { rows } = await engine.query(
    `SELECT count(*) FROM ${quoteName(databases.safe)}.${quoteName(table.name)} WHERE "account" = ${quoteText(account)}`,
  );
  return Number(rows[0]?.[0] ?? 0);
}

/** Tables whose rows belong to a table's or refer to them, and the columns by which they do. */
function linksTo({ streams }: Source, to: Table): readonly Pick<RowMatch, 'table' | 'columns'>[] {
  return Object.values(streams).flatMap((stream) =>
    stream.tables.flatMap((table) =>
      linksOf(stream, table, to).flatMap((names) => {
        const columns = names.filter((name) => name !== undefined);
        return columns.length === to.key.length ? [{ table, columns }] : [];
      }),
    ),
  );
}

/** Columns that hold the key of a row of table `to`: of a record's child rows and details, and where the declaration says so. */
function linksOf(stream: Stream, table: Table, to: Table): readonly (readonly (string | undefined)[])[] {
  if (table === to) return [];
  const named = Object.entries(table.references ?? {}).filter(([, name]) => name === to.name);
  return [
    ...(stream.tables[0] === to ? [parentColumns(to, table)] : []),
    ...(stream.kind === 'details' && stream.parentTable === to ? [recordColumns(table, to)] : []),
    ...named.map(([column]) => [column]),
  ];
}

/** Keys of the rows that a match finds. */
async function keysOf({ table, columns, values }: RowMatch, account: string, ports: FindPorts) {
  const tests = columns.length === 1 ? valueTests(columns, values) : ['true'];
  const read = { table, account, names: [...table.key, ...columns], tested: columns };
  const rows = await selectRows(read, tests, ports);
  const found = rows.filter((row) => values.has(joinKey(row.slice(table.key.length))));
  return found.map((row) => joinKey(row.slice(0, table.key.length)));
}

async function aliasesOf(table: Table, keys: ReadonlySet<string>, account: string, ports: FindPorts) {
  const by = table.stableKey?.by;
  if (by === undefined) return new Set<string>();
  const rows = await selectRows({ table, account, names: [by], tested: table.key }, keyTests(table, keys), ports);
  return new Set(rows.flat().flatMap((value) => (value === null ? [] : [String(value)])));
}

/** Columns to read of the rows of one account. */
interface ColumnsToRead {
  readonly table: Table;
  readonly account: string;
  readonly names: readonly string[];
  /** Columns of the tests. */
  readonly tested: readonly string[];
}

/** Rows of either half that pass one of the tests, as staged files hold their values. An erasure that was killed may have left one half alone. */
async function selectRows(
  { table, account, names, tested }: ColumnsToRead,
  tests: readonly string[],
  { engine, databases }: FindPorts,
): Promise<readonly (readonly Value[])[]> {
  const place = columnIndex(table);
  const layout = layoutOf(table);
  const wanted = [...names, ...tested];
  const found: Value[][] = [];
  const halves = (['phi', 'safe'] as const).filter((half) => {
    const has = new Set(columnsIn(table, half).map(({ name }) => name));
    return wanted.every((name) => has.has(name));
  });
  for (const [half, test] of halves.flatMap((one) => tests.map((text) => [one, text] as const))) {
    const { rows } = await engine.query(
      `SELECT ${names.map(asText).join(', ')} FROM ${quoteName(databases[half])}.${quoteName(table.name)} WHERE "account" = ${quoteText(account)} AND (${test})`,
    );
    for (const row of rows) found.push(row.map((value, n) => readValue(value, layout[place(names[n] ?? '')]?.type)));
  }
  return found;
}

function readValue(value: unknown, type: string | undefined): Value {
  if (value === null || value === undefined) return null;
  return toStaged(type === 'bigint' ? BigInt(String(value)) : value, type);
}
