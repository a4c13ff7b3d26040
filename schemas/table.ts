import type { HistoryColumn } from './call-versions.ts';
import type { Column } from './column.ts';
import type { MappedColumn } from './views/calls-columns.ts';

/** A record as parsed from the vendor's JSON. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** What shows that the vendor removed a row. */
export type Removal =
  /** The row was missing from two complete scans, in different runs. */
  | 'by-absence'
  /** The row was missing from its parent record when that record was read again. */
  | 'with-parent'
  /** Nothing: a missing row proves nothing. */
  | 'never';

/**
 * SQL expressions for the columns of the view `calls`, over unqualified column names of the table and those of `callsJoins`, and over
 * columns of the details of its records as `table.column`. A missing one gives null: null means that the vendor does not say. The stream that fills the table must be named `calls`.
 */
export type CallsMapping = { readonly call_id: string; readonly started_at: string } & {
  readonly [name in MappedColumn]?: string;
};

/** Another table of the source with facts about a call. Its column `display_name` is called `<join>_display_name` in the mapping. */
interface CallsJoin {
  readonly table: Table;
  /** Each key column of that table, and the column of this table that holds it. */
  readonly key: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
}

/** Columns that hold the caller's phone number. `_caller_hash` is the keyed hash of that number in E.164. */
interface CallerNumber {
  /** Column with the caller's number of an inbound call. */
  readonly inbound: string;
  /** Column with the other party's number of an outbound call. */
  readonly outbound: string;
  /** Column that says `inbound` or `outbound`, in any case. @default none: every call is inbound */
  readonly direction?: string;
  /** Other words of that column, as the vendor documents them. A word that is not known gives no hash, and is counted. @default none */
  readonly words?: { readonly inbound?: readonly string[]; readonly outbound?: readonly string[] };
}

/** One table of the warehouse. */
export interface Table {
  readonly name: string;
  readonly source: string;
  readonly doc: string;
  /** Columns that identify a row, together with `account`. */
  readonly key: readonly string[];
  /** Timestamp or date column that never changes; its day becomes `_part_on`. @default none: the day the row was first seen */
  readonly partOn?: string;
  /**
   * Returns the child elements of a record, one row each, or undefined if the record says nothing about them. Calls `doubt` with a
   * kind for each element that it leaves out. Of elements with one key, the first becomes the row and the others are counted.
   * @default none: the record itself is the row
   */
  readonly explode?: (record: JsonRecord, doubt?: (reason: string) => void) => Iterable<unknown> | undefined;
  /** @default 'by-absence' */
  readonly removal: Removal;
  /** Key column that keeps its first value for the same value of column `by`, even if the vendor changes it later. */
  readonly stableKey?: { readonly column: string; readonly by: string };
  /**
   * Unless column `flagColumn` is `keepIf`, no sensitive column of that record is ever stored, nor a text that `callhouse` does not show;
   * only the hashes of its phone numbers are. A value that is missing or unclear counts as opted out.
   */
  readonly optOut?: {
    readonly flagColumn: string;
    /** The value of the flag, or the vendor's word, by which all may be stored; `true` for a flag that says consent. @default false */
    readonly keepIf?: boolean | string;
  };
  readonly callerNumber?: CallerNumber;
  /**
   * Columns besides the key whose values the requests of another stream need, which has a list for each record of this one. Callhouse
   * keeps them with what it knows of the record. @default none
   */
  readonly handsOn?: readonly string[];
  /** Columns that hold the id of a row of another table of the source, and that table's name. */
  readonly references?: Readonly<Record<string, string>>;
  readonly calls?: CallsMapping;
  readonly callsJoins?: Readonly<Record<string, CallsJoin>>;
  /**
   * Columns of `calls` of which `call_versions` keeps every version, for vendors that change calls for weeks. They must be mapped from columns
   * of this table alone, and the table must have one key column. @default none
   */
  readonly history?: readonly HistoryColumn[];
  /** Paths to leave out of `_extra`, because another table of the stream reads them or because we ignore them on purpose. @default [] */
  readonly ignorePaths: readonly string[];
  readonly columns: Readonly<Record<string, Column>>;
}

/** Declaration of a table; every property means what it means in {@link Table}. */
export type TableOptions = Omit<Table, 'removal' | 'ignorePaths'> & {
  readonly removal?: Removal;
  readonly ignorePaths?: readonly string[];
};

/**
 * Completes a declaration with its defaults and checks what its type cannot.
 * @throws Error if the declaration names a column that it does not declare
 */
export function defineTable(options: TableOptions): Table {
  const table: Table = { removal: 'by-absence', ignorePaths: [], ...options };
  const { key, partOn, stableKey, optOut, callerNumber, handsOn = [] } = table;
  const named = [
    ...[...key, ...handsOn, partOn, stableKey?.column, stableKey?.by],
    ...Object.keys(table.references ?? {}),
    ...[optOut?.flagColumn, callerNumber?.inbound, callerNumber?.outbound, callerNumber?.direction],
  ];
  for (const name of named) {
    if (name === undefined || table.columns[name]) continue;
    throw new Error(`table ${table.name} names column ${name}, which it does not declare`);
  }
  return table;
}

/** Columns of a child table that hold the key columns of its record, in their order; undefined for one that none holds. */
export function parentColumns(record: Table, child: Table): readonly (string | undefined)[] {
  return record.key.map((name) => {
    const paths = (record.columns[name]?.paths ?? []).map((path) => `^${path}`);
    return Object.keys(child.columns).find((column) =>
      child.columns[column]?.paths.some((path) => paths.includes(path)),
    );
  });
}
