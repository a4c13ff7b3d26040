import type { LedgerEntry, LedgerVersion } from '../../../local/simulators/start-simulators.ts';
import { type Canonical, canonicalize, hashText } from './canonical.ts';
import type { Exact } from './exact-json.ts';
import { TABLE_SHAPES, type TableName } from './table-shapes.ts';

/** A row that the warehouse must hold. */
export interface ExpectedRow {
  /** Columns of `callhouse_phi`: account, key, sensitive columns, `_extra`. */
  readonly phi: Readonly<Record<string, Canonical>>;
  /** Columns of `callhouse`: account, key, the other columns, hashes. */
  readonly safe: Readonly<Record<string, Canonical>>;
  /** Whether the row must not be marked deleted. */
  readonly live: boolean;
  readonly removedAt?: Date;
  /** Whether the vendor would show it now. */
  readonly servedNow: boolean;
  /** Whether a list has ever delivered it. */
  readonly everServed: boolean;
}

export type ExpectedTable = Map<string, ExpectedRow>;

/** Options of the oracle. */
export interface ExpectedOptions {
  /** @default 'default' */
  readonly account?: string;
  readonly hashKey: string;
  /** `served`: rows that some list delivered; `servable`: also rows that a list would deliver now. @default 'served' */
  readonly include?: 'served' | 'servable';
  /** `current`: as the vendor has a row now, if it does; `served`: as it was last delivered. @default 'current' */
  readonly values?: 'current' | 'served';
}

/** The tables and settings that rows are built with. */
export interface RowSink {
  readonly options: ExpectedOptions;
  readonly tables: Map<string, ExpectedTable>;
}

/** Facts about a row besides its columns. */
export interface RowState {
  readonly live: boolean;
  readonly removedAt: number | null;
  readonly servedNow: boolean;
  readonly everServed: boolean;
}

/** Text of a row's key: the account and the key columns as a JSON list. */
export function keyText(values: readonly Canonical[]): string {
  return JSON.stringify(values);
}

/** Puts a row in its table, its columns split between the two databases. */
export function putRow(
  sink: RowSink,
  table: TableName,
  values: Readonly<Record<string, Exact>>,
  extra: Canonical,
  state: RowState,
): void {
  const { account = 'default', hashKey } = sink.options;
  const { key, columns } = TABLE_SHAPES[table];
  const phi: Record<string, Canonical> = { account };
  const safe: Record<string, Canonical> = { account };
  for (const [name, column] of Object.entries(columns)) {
    const text = canonicalize(column.kind, values[name] ?? null);
    const isKey = (key as readonly string[]).includes(name);
    if (isKey || column.phi) phi[name] = text;
    if (!column.phi) safe[name] = text;
    if (column.hash !== undefined) safe[`${name}_hash`] = hashText(hashKey, column.hash, text);
  }
  phi['_extra'] = extra;
  const { live, removedAt, servedNow, everServed } = state;
  const rows = sink.tables.get(table) ?? new Map<string, ExpectedRow>();
  sink.tables.set(table, rows);
  const gone = removedAt === null ? {} : { removedAt: new Date(removedAt) };
  rows.set(keyText([account, ...key.map((name) => safe[name] ?? null)]), {
    phi,
    safe,
    live,
    servedNow,
    everServed,
    ...gone,
  });
}

/** The version of a record that its row must show; undefined if no row is expected. */
export function chooseVersion(options: ExpectedOptions, entry: LedgerEntry): LedgerVersion | undefined {
  const served = entry.versions.findLast((version) => version.firstServedAt !== null);
  const current = entry.removedAt === null ? entry.versions.at(-1) : undefined;
  if (served === undefined && options.include !== 'servable') return undefined;
  return options.values === 'served' ? (served ?? current) : (current ?? served);
}

/** A record's row is deleted when the vendor removed the record, not when its Kismet user is gone. */
export function stateOf(entry: LedgerEntry): RowState {
  const servedNow = entry.removedAt === null;
  const live = servedNow || entry.removedBy === 'user';
  const everServed = entry.versions.some((version) => version.firstServedAt !== null);
  return { live, removedAt: live ? null : entry.removedAt, servedNow, everServed };
}
