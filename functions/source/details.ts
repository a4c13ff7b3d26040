import { isJsonObject, valueAtPath } from '../../schemas/json-text.ts';
import { columnIndex } from '../../schemas/layout.ts';
import { REPLACED_KEY } from '../../schemas/safe-text.ts';
import { parentColumns, type Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { recordColumn } from '../../schemas/views/calls-details.ts';
import { ContractError } from '../errors.ts';
import { failureIn, MAY_BE_DATA } from '../http/judge-answer.ts';
import { isBlank } from '../lake/digest.ts';
import { splitKey } from '../lake/split-key.ts';
import { dayText } from '../time.ts';
import type { Page, Partition } from './page.ts';
import type { AskedRequest, DetailsAnswer, Paging, Paths } from './paging.ts';
import { recordsOf, valueAt, wrong } from './variants.ts';

/** The values of a record's key columns, and of those that its table hands on, as text by their names. */
export type RecordKey = Readonly<Record<string, string>>;

/** How the details of one record are requested and read. */
export interface DetailsPaging {
  /**
   * Tables of the details. Each has the key of the record among its key columns, which read it as `$name`. If the answer is one
   * object, the key of the first table is that of the record.
   */
  readonly tables: readonly [Table, ...Table[]];
  /** Path below the base URL. `{name}` is a key column of the record, `{NAME}` a credential or option. */
  readonly path: string;
  /** Query or body of the request; a body makes it a POST. @default a GET without a query */
  readonly ask?: (key: RecordKey) => AskedRequest;
  /** @default the answer is the object with the details */
  readonly answer?: DetailsAnswer;
}

/** Name in a partition's context which says that the record's caller wants nothing stored. No key column has such a name. */
export const RECORD_OPTED_OUT = 'opted-out';

/** Paging of a stream whose partitions are the records. */
export function detailsPaging({ tables: [table], path, ask, answer = {} }: DetailsPaging): Paging {
  const { records, record = '.' } = answer;
  const isPlain = records === undefined && [record].flat()[0] === '.';
  const failed = answer.failed ?? (isPlain ? failedIn(table) : (body: unknown) => failureIn(body) !== undefined);
  return {
    path,
    ask: ({ partition: { params = {} } }) => ask?.(params) ?? {},
    answer: { records: records ?? '.', failed },
    read: (body) => (records === undefined ? readRecord(table, record, body) : readList(records, body)),
  };
}

/** Fields of the details may be called like those by which lists report a failure. */
function failedIn({ columns }: Table): (body: unknown) => boolean {
  const fields = Object.values(columns).flatMap(({ paths }) => paths.map((path) => path.split('.', 1)[0] ?? path));
  const data = new Set([...fields, ...MAY_BE_DATA]);
  return (body) => failureIn(body, data) !== undefined;
}

function readList(records: Paths, body: unknown): Page {
  return { ...recordsOf({ records }, body), more: false };
}

/** @throws ContractError if there is no object, or one that has nothing that a column reads: then it is another answer */
function readRecord({ name, columns }: Table, paths: Paths, body: unknown): Page {
  const [first = '.', ...others] = [paths].flat();
  const values = [first, ...others].map((path) => valueAt(body, path));
  const record = values.find(isJsonObject);
  if (!record)
    throw wrong(
      first === '.' ? 'the answer' : [first, ...others].join(' or '),
      values[0],
      'an object with the details',
    );
  const own = Object.values(columns).flatMap((column) => column.paths.filter((path) => !/^[$^]/.test(path)));
  if (own.length > 0 && !own.some((path) => valueAtPath(record, path.split('.')) !== undefined))
    throw new ContractError(`the answer has no field that a column of ${name} reads; expected the details of a record`);
  return { records: [record], more: false };
}

/** A record of which details may be requested. */
interface KnownParent {
  readonly deletedAt?: number;
  readonly optedOut?: true;
  readonly handed?: string;
}

/**
 * One partition for each record that is not marked deleted, for `partitions`. Its parameters are the values of all key columns of the
 * record, by their names, which columns read as `$name`, and those that its table hands on (`handsOn`), for the request alone. A record
 * has no partition if its key is named by its hash, which the vendor does not know, or if a value that is handed on is not known:
 * a request without it would show the records of others.
 * @param table of the records
 * @example partitions: ({ recordsOf }) => partitionPerRecord(acmeLines, recordsOf('lines'))
 */
export function* partitionPerRecord(table: Table, records: ReadonlyMap<string, KnownParent>): Iterable<Partition> {
  const { handsOn = [] } = table;
  for (const [key, { deletedAt, optedOut, handed }] of records) {
    if (deletedAt !== undefined) continue;
    const params = recordKey(table, key);
    if (Object.values(params).some((part) => REPLACED_KEY.test(part))) continue;
    const given: RecordKey = handed === undefined ? {} : JSON.parse(handed);
    if (handsOn.some((name) => given[name] === undefined)) continue;
    const context = optedOut ? { ...params, [RECORD_OPTED_OUT]: true } : params;
    yield { id: key, params: handsOn.length === 0 ? params : { ...params, ...given }, context };
  }
}

/**
 * The values of a row that requests of other streams need, as the digest keeps them. No sensitive value is kept of a record that opted out.
 * @returns undefined if the table hands nothing on
 */
export function handedOf({ table, values, optedOut }: HandedRow): string | undefined {
  if (!table.handsOn) return undefined;
  const at = columnIndex(table);
  const known = table.handsOn.flatMap((name): [string, string][] => {
    const value = optedOut && table.columns[name]?.sensitive ? null : (values[at(name)] ?? null);
    return value === null || isBlank(value) ? [] : [[name, String(value)]];
  });
  return JSON.stringify(Object.fromEntries(known));
}

/** A row of the record's table. */
interface HandedRow {
  readonly table: Table;
  /** In the order of `layoutOf(table)`. */
  readonly values: readonly Value[];
  readonly optedOut: boolean;
}

function recordKey(table: Table, key: string): RecordKey {
  const values = splitKey(table, key);
  return Object.fromEntries(
    table.key.map((name, n) => {
      const value = values[n];
      return [name, typeof value === 'number' ? dayText(value) : String(value)];
    }),
  );
}

/** A stream whose tables are looked at. Details have the table of their records besides. */
interface StreamTables {
  readonly tables: readonly [Table, ...Table[]];
  readonly parentTable?: Table;
}

/** Columns of one of a stream's tables that hold the key of the record; undefined if it does not have all of them. */
export function recordKeyIn(
  { tables: [main], parentTable }: StreamTables,
  table: Table,
): readonly string[] | undefined {
  const own = table === main ? table.key : parentColumns(main, table);
  const columns = parentTable ? recordColumns(table, parentTable) : own;
  const known = columns.filter((name) => name !== undefined);
  return known.length === columns.length ? known : undefined;
}

/** Key columns of a details table that hold the key of the record, in its order; undefined for one that is missing. */
export function recordColumns(table: Table, parent: Table): readonly (string | undefined)[] {
  return parent.key.map((name) => recordColumn(table, name));
}
