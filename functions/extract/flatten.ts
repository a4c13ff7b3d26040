import { isJsonObject, toJsonText } from '../../schemas/json-text.ts';
import { layoutOf } from '../../schemas/layout.ts';
import type { JsonRecord, Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { ASSUMED_UTC, type Doubt } from './coerce.ts';
import { type ColumnReader, columnReader } from './column-reader.ts';
import { extraOf, knownPaths } from './extra.ts';
import { contentHash, hashText } from './hash.ts';
import type { Rejects } from './rejects.ts';

/** One row as the record gives it; what the pipeline adds (hashes, bookkeeping) is still null. */
export interface FlatRow {
  readonly table: Table;
  /** Values of the key columns as text, joined; unique within the table and account. */
  readonly key: string;
  /** In the order of `layoutOf(table)`. */
  readonly values: Value[];
  readonly hash: string;
  /** Its sensitive content was dropped: the record opts out of storing it. */
  readonly optedOut: boolean;
}

/** A record's row and the rows of its children. */
export interface FlatRecord {
  readonly row: FlatRow;
  /** By child table; a table is absent where the record says nothing of such children. */
  readonly children: ReadonlyMap<Table, readonly FlatRow[]>;
}

/** What a record is flattened with. */
export interface FlattenOptions {
  readonly context: Readonly<Record<string, unknown>>;
  readonly rejects: Rejects;
  /** The key that a sticky key column had for this value before. */
  readonly stickyKey?: (by: string) => string | undefined;
}

/** Turns records of a stream into rows of its tables. */
export type Flatten = (record: unknown, options: FlattenOptions) => FlatRecord | undefined;

/** Separates the parts of a key; no vendor id holds it. */
export const KEY_SEPARATOR = '\u001f';

/** Compiles the declarations of a stream's tables once. */
export function compileFlatten(tables: readonly [Table, ...Table[]]): Flatten {
  const [main, ...rest] = tables;
  const record = compileTable(main, tables);
  const children = rest.map((table) => ({ table, flat: compileTable(table, [table]) }));
  return (input, options) => {
    if (!isJsonObject(input)) {
      options.rejects.add(main.name, '', 'a record that is no object');
      return undefined;
    }
    const row = record(input, input, options);
    if (!row) return undefined;
    const found = new Map<Table, FlatRow[]>();
    for (const { table, flat } of children) {
      const elements = table.each?.(input);
      if (!elements) continue;
      found.set(table, [...flatChildren(elements, table, (element) => flat(element, input, options), options)]);
    }
    return { row, children: found };
  };
}

function* flatChildren(
  elements: Iterable<unknown>,
  table: Table,
  flat: (element: JsonRecord) => FlatRow | undefined,
  { rejects }: FlattenOptions,
) {
  const seen = new Set<string>();
  for (const element of elements) {
    const row = isJsonObject(element) ? flat(element) : undefined;
    if (!isJsonObject(element)) rejects.add(table.name, '', 'a record that is no object');
    if (!row || seen.has(row.key)) continue;
    seen.add(row.key);
    yield row;
  }
}

function compileTable(table: Table, readers: readonly Table[]) {
  const layout = layoutOf(table);
  const at = new Map(layout.map(({ name }, index) => [name, index]));
  const columns = Object.entries(table.columns).map(([name, column]) => columnReader(name, column, at.get(name) ?? -1));
  const known = knownPaths(readers, table);
  const extraAt = at.get('_extra') ?? -1;
  const keyAt = table.key.map((name) => at.get(name) ?? -1);
  const dropped = (table.optOut?.columns ?? []).map((name) => at.get(name) ?? -1);
  const flag = columns.find(({ name }) => name === table.optOut?.flag);
  const shape = shapeOf(table);
  const doubtsBy = new WeakMap<Rejects, readonly Doubt[]>();
  // Columns of the row at hand whose value was refused: it counts as changed, so that its page is kept raw.
  let refused = '';
  const refuse = (name: string) => {
    refused += `!${name}`;
  };

  return (element: JsonRecord, parent: JsonRecord, options: FlattenOptions): FlatRow | undefined => {
    const values = new Array<Value>(layout.length).fill(null);
    const doubts = doubtsBy.get(options.rejects) ?? doubtsOf(table, columns, options.rejects, refuse);
    doubtsBy.set(options.rejects, doubts);
    refused = '';
    for (const [n, column] of columns.entries()) {
      values[column.index] = column.read(element, parent, options, doubts[n] ?? ignore);
    }
    const optedOut = flag !== undefined && flag.raw(element, parent, options.context) !== false;
    for (const index of optedOut ? dropped : []) values[index] = null;
    values[extraAt] = optedOut ? null : extraText(element, known, table, options);
    keepSticky(table, at, values, options);
    if (keyAt.some((index) => values[index] === null)) {
      options.rejects.add(
        table.name,
        table.key.find((_, n) => values[keyAt[n] ?? -1] === null) ?? '',
        'key missing, row refused',
      );
      return undefined;
    }
    const key = keyAt.map((index) => String(values[index])).join(KEY_SEPARATOR);
    return { table, key, values, hash: hashOf(shape + refused, columns, values, extraAt), optedOut };
  };
}

function ignore(): void {}

/** One function per column and run: nearly every value is fine, so none is made per value. */
function doubtsOf(
  table: Table,
  columns: readonly ColumnReader[],
  rejects: Rejects,
  refuse: (name: string) => void,
): readonly Doubt[] {
  return columns.map(({ name }) => (reason: string) => {
    rejects.add(table.name, name, reason, reason !== ASSUMED_UTC);
    if (reason !== ASSUMED_UTC) refuse(name);
  });
}

function extraText(
  element: JsonRecord,
  known: ReturnType<typeof knownPaths>,
  table: Table,
  { rejects }: FlattenOptions,
): string | null {
  const extra = extraOf(element, known);
  if (!extra) return null;
  try {
    return toJsonText(extra);
  } catch {
    rejects.add(table.name, '_extra', 'JSON nested too deep');
    return null;
  }
}

function keepSticky(
  { sticky }: Table,
  at: ReadonlyMap<string, number>,
  values: Value[],
  { stickyKey }: FlattenOptions,
): void {
  if (!sticky || !stickyKey) return;
  const by = values[at.get(sticky.by) ?? -1];
  const before = typeof by === 'string' ? stickyKey(by) : undefined;
  if (before !== undefined) values[at.get(sticky.column) ?? -1] = before;
}

/** The declaration as text: where it changes, every row counts as changed and is staged anew. */
function shapeOf(table: Table): string {
  return Object.entries(table.columns)
    .map(([name, { type, from, sensitive }]) => `${name}:${type}:${from.join('|')}:${sensitive}`)
    .join(',');
}

function hashOf(shape: string, columns: readonly ColumnReader[], values: readonly Value[], extraAt: number): string {
  let text = shape;
  for (const { index, url } of columns) {
    const value = values[index] ?? null;
    text += hashText(url && typeof value === 'string' ? (value.split('?', 1)[0] ?? '') : value);
  }
  return contentHash(text + hashText(values[extraAt] ?? null));
}
