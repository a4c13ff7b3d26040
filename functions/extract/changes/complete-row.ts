import { columnIndex } from '../../../schemas/layout.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { keyedHash } from '../rows/keyed-hash.ts';
import { toE164 } from '../rows/phone-number.ts';
import type { RowOrigin } from './row-origin.ts';

/** What a staged row does to the table: write it, mark it deleted, or mark it deleted and blank its sensitive columns. */
export type RowOperation = 'upsert' | 'delete' | 'blank';

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
  const plans = new Map<Table, (values: Value[]) => void>();
  let rows = 0n;
  return (table, values, { partOn, firstSeenAt }, operation) => {
    const addHashes = plans.get(table) ?? hasher(table, hashKey);
    plans.set(table, addHashes);
    addHashes(values);
    rows += 1n;
    const { n, loadId } = commit();
    const added = {
      account,
      _part_on: partOn,
      _first_seen_at: firstSeenAt,
      _changed_at: at,
      _deleted_at: operation === 'upsert' ? null : at,
      _seq: BigInt(n),
      _load_id: loadId,
      _op: operation,
      _row: rows,
    };
    const index = columnIndex(table);
    for (const [name, value] of Object.entries(added)) values[index(name)] = value;
    return { table, values };
  };
}

/** Fills in the `_hash` columns of a table's row. */
function hasher(table: Table, hashKey: string): (values: Value[]) => void {
  const index = columnIndex(table);
  const hashed = Object.entries(table.columns)
    .filter(([, { sensitive }]) => sensitive === 'hashed')
    .map(([name]) => ({ from: index(name), to: index(`${name}_hash`) }));
  const caller = callerReader(table);
  return (values) => {
    for (const { from, to } of hashed) {
      const value = values[from] ?? null;
      values[to] = value === null ? null : keyedHash(String(value), hashKey);
    }
    if (!caller) return;
    const number = caller(values);
    values[index('_caller_hash')] = number === undefined ? null : keyedHash(number, hashKey);
  };
}

/** Reads the caller's number of a row in E.164: of an inbound call the number it came from, else the number called. */
function callerReader(table: Table): ((values: readonly Value[]) => string | undefined) | undefined {
  const { callerNumber } = table;
  if (!callerNumber) return undefined;
  const index = columnIndex(table);
  const columns: Readonly<Record<string, number>> = {
    inbound: index(callerNumber.inbound),
    outbound: index(callerNumber.outbound),
  };
  const direction = callerNumber.direction === undefined ? undefined : index(callerNumber.direction);
  return (values) => {
    const way = direction === undefined ? 'inbound' : values[direction];
    const column = typeof way === 'string' ? columns[way.toLowerCase()] : undefined;
    const number = column === undefined ? null : values[column];
    return typeof number === 'string' ? toE164(number) : undefined;
  };
}
