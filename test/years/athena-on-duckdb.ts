import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../functions/ports.ts';
import type { Table } from '../../schemas/table.ts';
import { type AthenaServer, type Script, startAthenaServer } from '../helpers/athena-server.ts';

const CHANGES = /^(?:MERGE INTO|OPTIMIZE|VACUUM) "?(\w+)"?\."?(\w+)"?/;
/** @see {@link https://docs.aws.amazon.com/athena/latest/ug/service-limits.html} */
const LONGEST_STATEMENT = 262_144;
/** @see {@link https://docs.aws.amazon.com/athena/latest/ug/ctas-insert-into.html} */
const MOST_PARTITIONS = 100;
/** The most versions that a maintenance leaves of a table. */
export const KEPT = 10;
/** Athena bills at least so much for each statement. */
const LEAST_BYTES = 10_000_000;

/** Athena and Glue in this process, as far as the pipeline uses them, over a DuckDB file. */
export interface AthenaOnDuckdb {
  readonly server: AthenaServer;
  /** Glue's quota of versions of a table. A statement beyond it fails. */
  quota: number;
  /** Bytes that each statement scans. */
  scannedBytes: number;
  /** Accounts whose staged files Athena finds, by table, as far as the catalog lists them: of another table those of any account. */
  projected: Readonly<Record<string, readonly string[]>>;
  /** Why each statement fails, in the words of Athena. */
  outage: string | undefined;
  /** Why the next executions of a MERGE or a query fail, one each. */
  readonly failures: string[];
  /** Statements so far, the longest text in bytes, the most partitions that one may write, and what was over a limit. */
  readonly seen: { statements: number; longest: number; partitions: number; readonly over: string[] };
  /** The most versions that any table had at any time, and how often it was changed on that day. */
  readonly most: () => { readonly table: string; readonly count: number; readonly changes: number };
  /** Begins a day, of which changes are counted. */
  readonly beginDay: () => void;
  /** Versions that the table with most of them has now. */
  readonly kept: () => number;
}

/**
 * Starts it. One statement is done at a time; each that changes a table makes a version of it.
 * @param now the clock, ms
 * @param lake the folder with the staged files, which Glue's projected partitions name by account and day
 */
export async function startAthenaOnDuckdb(
  duckdb: Engine,
  tables: readonly Table[],
  lake: string,
  now: () => number,
): Promise<AthenaOnDuckdb> {
  const server = await startAthenaServer();
  const seen: AthenaOnDuckdb['seen'] = { statements: 0, longest: 0, partitions: 0, over: [] };
  const versions = glueVersions(server, seen);
  const failures: string[] = [];
  const state: AthenaOnDuckdb = {
    ...{ ...versions, server, failures, seen },
    ...{ quota: Number.POSITIVE_INFINITY, scannedBytes: LEAST_BYTES, projected: {}, outage: undefined },
  };

  async function execute(sql: string): Promise<Script> {
    note(sql, seen);
    const reason = state.outage ?? (/^(MERGE|SELECT)/.test(sql) ? failures.shift() : undefined);
    if (reason !== undefined) return failed(reason);
    const [, database, name] = CHANGES.exec(sql) ?? [];
    if (database === undefined) return asResults(await duckdb.query(sql));
    const table = `${database}.${name}`;
    if (versions.count(table) >= state.quota)
      return failed(
        `HIVE_METASTORE_ERROR: Number of TABLE_VERSION resources exceeds the account limit ${state.quota} (Service: Glue, Status Code: 400)`,
      );
    const changed = sql.startsWith('MERGE') ? await merge(sql) : 0;
    versions.add(table);
    return { updateCount: changed };
  }

  async function merge(sql: string): Promise<number> {
    const table = tables.find(({ name }) => sql.includes(`FROM "callhouse_staging"."${name}" s`));
    if (table) await duckdb.stage(table, stagedFiles(sql, table, { lake, projected: state.projected[table.name] }));
    return (await duckdb.execute(sql)).changed;
  }

  let last: Promise<unknown> = Promise.resolve();
  server.run = (sql) => {
    const done = last
      .catch(() => {})
      .then(() => execute(sql))
      .then((script) => ({ ...script, scannedBytes: state.scannedBytes, endedAt: new Date(now()) }));
    last = done;
    return done;
  };
  return state;
}

function failed(reason: string): Script {
  return { states: ['FAILED'], reason };
}

/** Notes the limits that a statement comes near to. */
function note(sql: string, seen: AthenaOnDuckdb['seen']): void {
  const bytes = Buffer.byteLength(sql);
  const [, from = '', to = ''] = /ON t\."account".* BETWEEN DATE '([^']+)' AND DATE '([^']+)'/.exec(sql) ?? [];
  const months = from === '' ? 0 : monthOf(to) - monthOf(from) + 1;
  seen.statements += 1;
  seen.longest = Math.max(seen.longest, bytes);
  seen.partitions = Math.max(seen.partitions, months);
  if (bytes > LONGEST_STATEMENT) seen.over.push(`a statement of ${bytes} bytes`);
  if (months > MOST_PARTITIONS) seen.over.push(`a MERGE into ${months} partitions`);
}

function monthOf(day: string): number {
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
}

/** Where staged files are, and the accounts that the catalog lists. */
interface Staging {
  readonly lake: string;
  readonly projected: readonly string[] | undefined;
}

/** Files in the partitions that the statement names. One that is gone is not missed, as on Athena. */
function stagedFiles(sql: string, { name: table }: Table, { lake, projected }: Staging) {
  const [, account = ''] = /s\."acct" = '([^']*)'/.exec(sql) ?? [];
  if (projected?.includes(account) === false) return [];
  const [, list = ''] = /s\."day" IN \(([^)]*)\)/.exec(sql) ?? [];
  const partitions = [...list.matchAll(/'([^']+)'/g)].map(([, day]) => `staging/${table}/acct=${account}/day=${day}`);
  const found = partitions.filter((partition) => existsSync(join(lake, partition)));
  return found
    .flatMap((partition) => readdirSync(join(lake, partition)).map((file) => `${partition}/${file}`))
    .map((key) => ({ table, key, rows: 0, deletes: 0, partFrom: '', partTo: '' }));
}

function asResults({ columns, rows }: Awaited<ReturnType<Engine['query']>>): Script {
  const isNumber = (n: number) => rows.some((row) => typeof row[n] === 'number' || typeof row[n] === 'bigint');
  return {
    columns: columns.map((name, n) => [name, isNumber(n) ? 'bigint' : 'varchar']),
    rows: rows.map((row) => row.map((value) => (value === null || value === undefined ? null : String(value)))),
  };
}

/** Glue's versions of tables, which only BatchDeleteTableVersion deletes. The current one stays. */
function glueVersions({ answers }: AthenaServer, { over }: AthenaOnDuckdb['seen']) {
  const versions = new Map<string, number[]>();
  const changes = new Map<string, number>();
  let most = { table: '', count: 0, changes: 0 };
  const nameOf = ({ DatabaseName: database, TableName: table }: Record<string, unknown>) => `${database}.${table}`;
  const of = (name: string) => versions.get(name) ?? [0];
  answers['GetTableVersions'] = ({ NextToken: token, MaxResults: size, ...table }) => {
    const begin = Number(token ?? 0);
    const end = begin + Math.min(100, Number(size ?? 100));
    const newest = of(nameOf(table)).toReversed();
    const page = newest.slice(begin, end).map((version) => ({ VersionId: String(version) }));
    return { TableVersions: page, ...(end < newest.length && { NextToken: String(end) }) };
  };
  answers['BatchDeleteTableVersion'] = ({ VersionIds: ids, ...table }) => {
    const gone = new Set(ids as readonly string[]);
    if (gone.size > 100) throw new Error('Glue deletes at most 100 versions at once');
    const kept = of(nameOf(table));
    versions.set(
      nameOf(table),
      kept.filter((version, n) => n === kept.length - 1 || !gone.has(String(version))),
    );
    return { Errors: [] };
  };
  return {
    count: (table: string) => of(table).length,
    add(table: string) {
      const next = [...of(table), (of(table).at(-1) ?? 0) + 1];
      const changed = (changes.get(table) ?? 0) + 1;
      versions.set(table, next);
      changes.set(table, changed);
      if (next.length > most.count) most = { table, count: next.length, changes: changed };
      if (next.length > KEPT + changed)
        over.push(`${next.length} versions of ${table}, changed ${changed} times that day`);
    },
    beginDay: () => changes.clear(),
    most: () => most,
    kept: () => Math.max(0, ...[...versions.values()].map(({ length }) => length)),
  };
}
