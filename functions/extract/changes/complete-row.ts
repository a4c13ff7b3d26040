import type { Emptying } from '../../../schemas/derive/emptied.ts';
import { columnIndex, layoutOf } from '../../../schemas/layout.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { splitKey } from '../../lake/split-key.ts';
import { dayOf } from '../../time.ts';
import { dropSensitiveValues } from '../redact/drop-sensitive.ts';
import { directionReader } from '../rows/coerce.ts';
import type { FlatRow } from '../rows/flatten.ts';
import { keyedHash, toE164 } from '../rows/hashes.ts';

/** What a staged row does to the table: write it, mark it deleted, or also empty it. */
export type RowOperation = 'upsert' | 'delete' | Emptying;

/** A row ready to be staged: every column has its value, in the order of `layoutOf(table)`. */
export interface CompleteRow {
  readonly table: Table;
  readonly values: readonly Value[];
}

/** What rows of one run are completed with. */
export interface CompletionOptions {
  readonly account: string;
  /** Scheduled time of the run, ms. */
  readonly at: number;
  readonly hashKey: string;
  /** Number and load id of the commit being prepared; they change with each commit. */
  readonly commit: () => { readonly n: number; readonly loadId: string };
}

/** Fills in what the pipeline adds to a row. It writes into the given array, which must not be used for another row. */
export type CompleteRowOf = (table: Table, values: Value[], origin: RowOrigin, operation: RowOperation) => CompleteRow;

/** A completer of one run. */
export function rowCompleter({ account, at, hashKey, commit }: CompletionOptions): CompleteRowOf {
  const plans = new Map<Table, CompletionPlan>();
  let rows = 0n;
  return (table, values, { partOn, firstSeenAt }, operation) => {
    const plan = plans.get(table) ?? completionPlan(table, hashKey);
    plans.set(table, plan);
    const { place } = plan;
    plan.addHashes(values);
    rows += 1n;
    const { n, loadId } = commit();
    values[place.account] = account;
    values[place.partOn] = partOn;
    values[place.firstSeenAt] = firstSeenAt;
    values[place.changedAt] = at;
    values[place.deletedAt] = operation === 'upsert' ? null : at;
    values[place.seq] = BigInt(n);
    values[place.loadId] = loadId;
    values[place.operation] = operation;
    values[place.row] = rows;
    values[place.hidden] ??= '';
    return { table, values };
  };
}

/** How the rows of one table are completed; looked up once, as there may be many thousand rows. */
type CompletionPlan = ReturnType<typeof completionPlan>;

function completionPlan(table: Table, hashKey: string) {
  const index = columnIndex(table);
  const place = {
    account: index('account'),
    partOn: index('_part_on'),
    firstSeenAt: index('_first_seen_at'),
    changedAt: index('_changed_at'),
    deletedAt: index('_deleted_at'),
    seq: index('_seq'),
    loadId: index('_load_id'),
    operation: index('_op'),
    row: index('_row'),
    hidden: index('_hidden'),
  };
  return { place, addHashes: hashAdder(table, hashKey) };
}

/** Fills in the `_hash` columns of a table's row, whose values are in the order of `layoutOf(table)`. */
export function hashAdder(table: Table, hashKey: string): (values: Value[]) => void {
  const index = columnIndex(table);
  const hashed = Object.entries(table.columns).flatMap(([name, { hash: kind }]) =>
    kind === undefined ? [] : [{ kind, from: index(name), to: index(`${name}_hash`) }],
  );
  const caller = callerReader(table);
  const callerHash = caller ? index('_caller_hash') : 0;
  return (values) => {
    for (const { kind, from, to } of hashed) {
      const value = values[from] ?? null;
      values[to] = value === null ? null : keyedHash(kind, String(value), hashKey);
    }
    if (!caller) return;
    const number = caller(values);
    values[callerHash] = number === undefined ? null : keyedHash('phone', number, hashKey);
  };
}

/** Reads the caller's number of a row in E.164: of an inbound call the number it came from, else the number called. */
function callerReader(table: Table): ((values: readonly Value[]) => string | undefined) | undefined {
  const { callerNumber } = table;
  if (!callerNumber) return undefined;
  const index = columnIndex(table);
  const columns = { inbound: index(callerNumber.inbound), outbound: index(callerNumber.outbound) };
  const direction = callerNumber.direction === undefined ? undefined : index(callerNumber.direction);
  const directionOf = directionReader(table);
  return (values) => {
    const word = direction === undefined ? 'inbound' : values[direction];
    const way = typeof word === 'string' ? directionOf(word) : undefined;
    const number = way === undefined ? null : values[columns[way]];
    return typeof number === 'string' ? toE164(number) : undefined;
  };
}

/** The day and the instant that a row keeps for ever. */
export interface RowOrigin {
  /** `_part_on`, days since the epoch. */
  readonly partOn: number;
  /** `_first_seen_at`, ms since the epoch. */
  readonly firstSeenAt: number;
}

/** `_part_on` is the day of the vendor's instant that never changes; without one, the day of this run. */
export function originOf({ table, values }: FlatRow, at: number): RowOrigin {
  const { partOn } = table;
  const value = partOn === undefined ? null : values[columnIndex(table)(partOn)];
  if (partOn === undefined || typeof value !== 'number') return { partOn: dayOf(at), firstSeenAt: at };
  return { partOn: table.columns[partOn]?.type === 'date' ? value : dayOf(value), firstSeenAt: at };
}

/** Counts of rows since the last commit. */
export interface RowCounts {
  readonly changed: number;
  readonly unchanged: number;
  readonly deleted: number;
}

/** What rows of one run are completed with, and what a removal stages. */
export interface CountedRowsOptions extends CompletionOptions {
  /** What a deletion stages: its mark, or its mark and the order to blank the sensitive columns. */
  readonly removal: 'delete' | 'blank';
}

/** A row to mark deleted. */
export interface DeletedRow {
  readonly table: Table;
  readonly key: string;
  readonly origin: RowOrigin;
}

/** Completes rows, and counts them. */
export interface CountedRows {
  upsert(row: FlatRow, origin: RowOrigin): CompleteRow;
  /** @param operation @default what a removal stages */
  markDeleted(gone: DeletedRow, operation?: RowOperation): CompleteRow;
  noteUnchanged(): void;
  /** Takes so many rows off the count of changed rows, because they were counted before. */
  uncount(rows: number): void;
  /** Counts since the last call. */
  takeCounts(): RowCounts;
}

/** Completes and counts the rows of one run of one stream. */
export function countedRows(options: CountedRowsOptions): CountedRows {
  const complete = rowCompleter(options);
  let counts = { changed: 0, unchanged: 0, deleted: 0 };
  return {
    upsert(row, origin) {
      counts.changed += 1;
      const completed = complete(row.table, row.values, origin, 'upsert');
      if (row.optedOut) dropSensitiveValues(row.table, row.values);
      return completed;
    },
    markDeleted({ table, key, origin }, operation = options.removal) {
      counts.deleted += 1;
      return complete(table, keyOnly(table, key), origin, operation);
    },
    noteUnchanged() {
      counts.unchanged += 1;
    },
    uncount(rows) {
      counts.changed -= rows;
    },
    takeCounts() {
      const taken = counts;
      counts = { changed: 0, unchanged: 0, deleted: 0 };
      return taken;
    },
  };
}

/** A row that has only the values of its key. */
function keyOnly(table: Table, key: string): Value[] {
  const values = new Array<Value>(layoutOf(table).length).fill(null);
  const index = columnIndex(table);
  const parts = splitKey(table, key);
  for (const [n, name] of table.key.entries()) values[index(name)] = parts[n] ?? null;
  return values;
}
