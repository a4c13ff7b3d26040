import type { Column } from '../../../schemas/column.ts';
import { isJsonObject } from '../../../schemas/json-text.ts';
import type { JsonRecord, Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { joinKey } from '../../lake/digest.ts';
import { COERCE, type Doubt } from './coerce.ts';

/** Reads one column of an element. */
export interface ColumnReader {
  readonly name: string;
  /** Place in the layout. */
  readonly index: number;
  readonly url: boolean;
  /** The vendor's value, unchanged. @param context what is known about the record's partition */
  raw(element: JsonRecord, parent: JsonRecord, context: JsonRecord): unknown;
  read(element: JsonRecord, parent: JsonRecord, context: JsonRecord, doubt: Doubt): Value;
}

/** Compiles a column's paths once. */
export function columnReader(name: string, column: Column, index: number): ColumnReader {
  const coerce = COERCE[column.type];
  const paths = column.paths.map(compilePath);
  const raw: ColumnReader['raw'] = (element, parent, context) => {
    for (const path of paths) {
      const value = path(element, parent, context);
      if (value !== null && value !== undefined) return value;
    }
    return undefined;
  };
  return {
    name,
    index,
    url: column.url,
    raw,
    read(element, parent, context, doubt) {
      const given = raw(element, parent, context);
      if (given === undefined) return null;
      const value = column.transform ? prepare(column.transform, given, doubt) : given;
      return value === null || value === undefined ? null : coerce(value, doubt);
    },
  };
}

function prepare(transform: NonNullable<Column['transform']>, given: unknown, doubt: Doubt): unknown {
  try {
    return transform(given);
  } catch {
    doubt('JSON nested too deep');
    return null;
  }
}

type Path = (element: JsonRecord, parent: JsonRecord, context: JsonRecord) => unknown;

function compilePath(path: string): Path {
  if (path.startsWith('$')) {
    const name = path.slice(1);
    return (_element, _parent, context) => context[name];
  }
  if (path.startsWith('^')) {
    const parts = path.slice(1).split('.');
    return (_element, parent) => follow(parent, parts);
  }
  if (!path.includes('.')) return (element) => (Object.hasOwn(element, path) ? element[path] : undefined);
  const parts = path.split('.');
  return (element) => follow(element, parts);
}

function follow(record: JsonRecord, parts: readonly string[]): unknown {
  let value: unknown = record;
  for (const part of parts) {
    if (!isJsonObject(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

/** Keys of records whose table has a stable key, by the value of the key's other column. */
export interface StableKeys {
  /** The key that the record had first; undefined for a new record. */
  get(by: string): string | undefined;
  set(by: string, key: string): void;
}

/** Reads a record's key without flattening the record; undefined if it has none. */
export type KeyOf = (record: unknown, context: Readonly<Record<string, unknown>>) => string | undefined;

/** Compiles the key of a table's records, as `flatten` will compute it. */
export function compileKey(table: Table, stableKeys: StableKeys): KeyOf {
  const read = (name: string) => {
    const column = table.columns[name];
    if (!column) throw new Error(`table ${table.name} has no column ${name}`);
    return columnReader(name, column, 0);
  };
  const columns = table.key.map(read);
  const by = table.stableKey ? read(table.stableKey.by) : undefined;
  const stableAt = table.key.indexOf(table.stableKey?.column ?? '');
  return (record, context) => {
    if (!isJsonObject(record)) return undefined;
    const values = columns.map((column) => column.read(record, record, context, ignore));
    const alias = by?.read(record, record, context, ignore);
    const before = typeof alias === 'string' ? stableKeys.get(alias) : undefined;
    if (before !== undefined && stableAt >= 0) values[stableAt] = before;
    return values.includes(null) ? undefined : joinKey(values);
  };
}

/** `flatten` counts what it doubts. */
function ignore(): void {}

/** Paths that some column reads: a leaf is known completely, a branch by its members. */
export type KnownPaths = ReadonlyMap<string, KnownPaths | true>;

/** What the tables of a stream read of a record (`own` false), or one table of its child elements. */
export function knownPaths(tables: readonly Table[], own: Table): KnownPaths {
  const paths: string[] = [...own.ignorePaths];
  for (const table of tables) {
    const inParent = table !== own;
    for (const path of Object.values(table.columns).flatMap((column) => column.paths)) {
      if (path.startsWith('$')) continue;
      if (inParent !== path.startsWith('^')) continue;
      paths.push(inParent ? path.slice(1) : path);
    }
  }
  return toTree(paths);
}

function toTree(paths: readonly string[]): KnownPaths {
  const tree = new Map<string, KnownPaths | true>();
  const heads = new Set(paths.map((path) => path.split('.', 1)[0] ?? path));
  for (const head of heads) {
    const below = paths.filter((path) => path.startsWith(`${head}.`)).map((path) => path.slice(head.length + 1));
    tree.set(head, paths.includes(head) ? true : toTree(below));
  }
  return tree;
}

/**
 * Members that no column reads, nested as they came.
 * @returns undefined where there are none
 */
export function extraOf(
  record: Readonly<Record<string, unknown>>,
  known: KnownPaths,
): Record<string, unknown> | undefined {
  let extra: Record<string, unknown> | undefined;
  for (const key of Object.keys(record)) {
    const below = known.get(key);
    if (below === true) continue;
    const value = record[key];
    const rest = below === undefined ? value : isJsonObject(value) ? extraOf(value, below) : (value ?? undefined);
    if (rest === undefined) continue;
    extra ??= Object.create(null) as Record<string, unknown>; // a member may be called __proto__
    extra[key] = rest;
  }
  return extra;
}
