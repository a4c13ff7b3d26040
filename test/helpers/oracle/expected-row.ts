import type { LedgerEntry, LedgerVersion } from '../../../local/simulators/start-simulators.ts';
import { type Canonical, canonicalize, hashText } from './canonical.ts';
import type { Exact } from './exact-json.ts';
import { type ColumnShape, TABLE_SHAPES, type TableName } from './table-shapes.ts';

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
  /** Columns that `callhouse` may show or not: a word that no document names is shown once five records have it. */
  readonly mayBeHidden: ReadonlySet<string>;
  /** A word that is hidden is not kept in `callhouse_phi` either. */
  readonly optedOut: boolean;
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
  /** Only the hashes of its numbers are kept of what is sensitive. @default false */
  readonly optedOut?: boolean;
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
  const mayBeHidden = new Set<string>();
  const served: Record<string, Canonical> = {};
  const phi: Record<string, Canonical> = { account };
  const safe: Record<string, Canonical> = { account };
  for (const [name, column] of Object.entries<ColumnShape>(columns)) {
    const text = canonicalize(column.kind, values[name] ?? null);
    const isKey = (key as readonly string[]).includes(name);
    if (isKey) {
      phi[name] = safe[name] = heldKey(column, text, hashKey);
      if (safe[name] !== text) served[name] = text;
      continue;
    }
    const isLost = state.optedOut && (column.phi || isHidden(column, text));
    if (column.phi || column.shown) phi[name] = isLost ? null : text;
    if (!column.phi) safe[name] = isHidden(column, text) ? null : text;
    else if (column.shown) safe[name] = null;
    if (column.words && text !== null && !areWords(column, text)) mayBeHidden.add(name);
    const isHashLost = state.optedOut && column.hash !== 'phone';
    if (column.hash !== undefined) safe[`${name}_hash`] = isHashLost ? null : hashText(hashKey, column.hash, text);
  }
  phi['_extra'] = withKey(extra, key.length === 1 ? Object.values(served)[0] : served);
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
    mayBeHidden,
    optedOut: state.optedOut ?? false,
    ...gone,
  });
}

/** A key as both databases hold it: one that is no id, or no word of its list, is named by its keyed hash. */
function heldKey(column: ColumnShape, text: Canonical, hashKey: string): Canonical {
  if (text === null || column.kind !== 'text') return text;
  const fits = column.words ? areWords(column, text) : !isHidden(column, text);
  return fits ? text : `~${hashText(hashKey, 'key', text)?.slice(0, 32)}`;
}

/** `_extra` with the text of a key that is named by its hash. */
function withKey(extra: Canonical, served: object | Canonical | undefined): Canonical {
  if (served === undefined || (typeof served === 'object' && Object.keys(served ?? {}).length === 0)) return extra;
  const member = `"$key":${JSON.stringify(served)}`;
  return extra === null ? `{${member}}` : `${extra.slice(0, -1)},${member}}`;
}

/** True for a text that must not be in `callhouse`. */
function isHidden({ shown }: ColumnShape, text: Canonical): boolean {
  if (text === null || shown === undefined || shown === 'code') return false;
  if (shown === 'id') return !/^[\w.:-]{1,128}$/.test(text) || /^[1]?[2-9]\d{9}$/.test(text.replace(/[.:-]/g, ''));
  return (
    shown === 'named' ||
    text.length > 120 ||
    text.includes('@') ||
    /(^|\W)\+?1?\W*\d{3}\W*\d{3}\W*\d{4}(\W|$)/.test(text)
  );
}

/** True for a documented word, or a list of such. */
function areWords({ words = [], kind }: ColumnShape, text: string): boolean {
  const known = (word: unknown) => typeof word === 'string' && words.includes(word);
  const list: unknown = kind === 'json' ? JSON.parse(text) : [text];
  return Array.isArray(list) && list.every(known);
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
