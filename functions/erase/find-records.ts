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
import { asText, keyTests, valueTests } from './row-tests.ts';

/** The records of a stream to find: those whose columns have one of the values. */
export interface Wanted {
  readonly source: Source;
  readonly account: string;
  readonly stream: Stream;
  /** Columns of the stream's first table, in `callhouse`. */
  readonly columns: readonly string[];
  readonly values: readonly string[];
}

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
  { source, account, stream, columns, values }: Wanted,
  ports: FindPorts,
): Promise<FoundRecords | undefined> {
  const [table] = stream.tables;
  const read = { table, account, names: table.key, tested: columns };
  const roots = new Set((await selectRows(read, valueTests(columns, values), ports)).map(joinKey));
  if (roots.size === 0) return undefined;
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
  return { source, account, matches, keys, aliases: await aliasesOf(table, roots, account, ports) };
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
