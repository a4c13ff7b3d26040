import type { Column } from './column.ts';

/** A record as parsed from the vendor's JSON. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** How a stream's table learns that the vendor removed a row. */
export type Removal =
  /** Absent from two complete scans of everything, in different runs. */
  | 'by-absence'
  /** Absent from its parent record when that is read again. */
  | 'with-parent'
  /** Never: absence says nothing. */
  | 'never';

/** SQL expressions over a table's columns (unqualified) that give the columns of the view `calls`; left out: null. */
export interface CallsMapping {
  readonly call_id: string;
  readonly provider_id?: string;
  readonly agent?: string;
  readonly direction?: string;
  readonly status?: string;
  readonly outcome?: string;
  readonly started_at: string;
  readonly ended_at?: string;
  readonly duration_seconds?: string;
  readonly wait_seconds?: string;
  readonly cost?: string;
  readonly cost_currency?: string;
  readonly sessions_scheduled?: string;
  readonly caller_hash?: string;
}

/** A column computed from others of the same row, standing in `callhouse` and `callhouse_phi`. */
export interface CallerNumber {
  /** Columns that may hold the caller's number, chosen by `direction` where there are two. */
  readonly inbound: string;
  readonly outbound: string;
  readonly direction?: string;
}

/** One table of the warehouse. */
export interface Table {
  readonly name: string;
  readonly source: string;
  readonly doc: string;
  /** Columns that identify a row, next to `account`. */
  readonly key: readonly string[];
  /** Instant or day column that never changes and gives `_part_on`; left out: the day the row was first seen. */
  readonly partOn?: string;
  /** Child elements of one record, a row each (`undefined`: the record says nothing of them); left out: the record itself is the one row. */
  readonly each?: (record: JsonRecord) => Iterable<unknown> | undefined;
  /** @default 'by-absence' */
  readonly removal: Removal;
  /** Key column whose value stays what it first was for the same value of `by`. */
  readonly sticky?: { readonly column: string; readonly by: string };
  /** Where this column is not exactly `false`, the named ones (and `_extra`) are never kept. */
  readonly optOut?: { readonly flag: string; readonly columns: readonly string[] };
  /** Where the caller's number stands, for the E.164 hash `_caller_hash`. */
  readonly caller?: CallerNumber;
  readonly calls?: CallsMapping;
  /** Paths of the record that are read by another table of its stream, or by nobody on purpose. */
  readonly known: readonly string[];
  readonly columns: Readonly<Record<string, Column>>;
}

/** What a declaration says of a table. */
export type TableOptions = Omit<Table, 'removal' | 'known'> & {
  readonly removal?: Removal;
  readonly known?: readonly string[];
};

/**
 * Declares a table and checks what no type can.
 * @throws Error when the key, `partOn` or `sticky` name no column
 */
export function defineTable(options: TableOptions): Table {
  const table: Table = { removal: 'by-absence', known: [], ...options };
  const named = [...table.key, table.partOn, table.sticky?.column, table.sticky?.by, table.optOut?.flag];
  for (const name of [...named, ...(table.optOut?.columns ?? [])]) {
    if (name === undefined || table.columns[name]) continue;
    throw new Error(`table ${table.name} names column ${name}, which it does not declare`);
  }
  return table;
}

/** True where any column of the table may not stand in `callhouse`. */
export function hasSensitiveColumns(table: Table): boolean {
  return Object.values(table.columns).some((column) => column.sensitive !== false);
}
