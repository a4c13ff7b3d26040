import {
  type AthenaClient,
  type ColumnInfo,
  GetQueryResultsCommand,
  type GetQueryResultsOutput,
} from '@aws-sdk/client-athena';
import type { QueryResult } from '../../ports.ts';
import { athenaError } from './athena-error.ts';

/** Converts one value from Athena's text form. */
type Read = (text: string) => unknown;

/** Reads the result set of an execution. */
export async function readRows(client: AthenaClient, id: string): Promise<QueryResult> {
  const rows: unknown[][] = [];
  let columns: readonly string[] = [];
  let zoned: readonly number[] = [];
  for await (const { ResultSet: set } of pages(client, id)) {
    const info = set?.ResultSetMetadata?.ColumnInfo ?? [];
    const readers = info.map(readerOf);
    columns = info.map(({ Name: name = '' }) => name);
    zoned = info.flatMap(({ Type: type = '' }, n) => (/with time zone$/i.test(type) ? [n] : []));
    for (const { Data: data = [] } of set?.Rows ?? []) {
      rows.push(readers.map((read, n) => readDatum(data[n]?.VarCharValue, read)));
    }
  }
  return { columns, rows, zoned };
}

/** Number of rows that a writing statement changed; 0 if Athena does not say. */
export async function readChanged(client: AthenaClient, id: string): Promise<number> {
  for await (const { ResultSet: set, UpdateCount: count = 0 } of pages(client, id)) {
    const column = set?.ResultSetMetadata?.ColumnInfo?.[0]?.Name;
    const stated = column === 'rows' ? Number(set?.Rows?.[0]?.Data?.[0]?.VarCharValue) : Number.NaN;
    return Number.isNaN(stated) ? Number(count) : stated;
  }
  return 0;
}

/**
 * Pages of a result. Athena puts a row of column names before the rows of a query; it is removed here.
 * @see {@link https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html}
 */
async function* pages(client: AthenaClient, id: string): AsyncGenerator<GetQueryResultsOutput> {
  let token: string | undefined;
  let first = true;
  do {
    const page = await client
      .send(new GetQueryResultsCommand({ QueryExecutionId: id, NextToken: token, MaxResults: 1000 }))
      .catch((error: unknown) => {
        throw athenaError(error);
      });
    yield first ? withoutHeader(page) : page;
    first = false;
    token = page.NextToken;
  } while (token !== undefined);
}

function withoutHeader(page: GetQueryResultsOutput): GetQueryResultsOutput {
  const { Rows: rows = [], ResultSetMetadata: meta } = page.ResultSet ?? {};
  const names = meta?.ColumnInfo ?? [];
  const isHeader = rows[0]?.Data?.every(({ VarCharValue: text }, n) => text === names[n]?.Name);
  return isHeader ? { ...page, ResultSet: { ...page.ResultSet, Rows: rows.slice(1) } } : page;
}

function readDatum(text: string | undefined, read: Read): unknown {
  return text === undefined ? null : read(text);
}

/** By Athena's type names; values of all other types stay text. */
const READERS: Readonly<Record<string, Read>> = {
  tinyint: readInteger,
  smallint: readInteger,
  integer: readInteger,
  int: readInteger,
  bigint: readInteger,
  double: Number,
  float: Number,
  real: Number,
  boolean: (text) => text === 'true',
  timestamp: readTimestamp,
  'timestamp with time zone': readTimestamp,
  array: readArray,
};

function readerOf({ Type: type = '' }: ColumnInfo): Read {
  return READERS[type.toLowerCase().replace(/\([^()]*\)/, '')] ?? ((text) => text);
}

function readInteger(text: string): unknown {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** `2026-11-21 09:00:00.000000` (UTC in all our tables), or with ` UTC` appended. A value in another zone stays text. */
function readTimestamp(text: string): unknown {
  const match = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*(?: UTC)?$/.exec(text);
  const date = match ? new Date(`${match[1]}T${match[2]}Z`) : undefined;
  return date && !Number.isNaN(date.getTime()) ? date : text;
}

/** An array of numbers is JSON. Athena writes other elements without quotes, so those arrays stay text. */
function readArray(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
