import type { Column } from '../../../schemas/column.ts';
import { isJsonObject, valueAtPath } from '../../../schemas/json-text.ts';
import type { JsonRecord, Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { openJsonText } from '../../http/json-in-text.ts';
import { isBlank, joinKey } from '../../lake/digest.ts';
import { COERCE, type Doubt } from './coerce.ts';
import type { ShownTexts } from './shown-texts.ts';

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

/**
 * Compiles a column's paths once.
 * @param isKey true for a part of a key: if a path has an empty text, true or false, or a value of another type, the next path is tried
 * @default false
 */
export function columnReader(name: string, column: Column, index: number, isKey = false): ColumnReader {
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
      for (const path of paths) {
        const given = path(element, parent, context);
        if (given === null || given === undefined || (isKey && isNoKey(given, column))) continue;
        const value = column.transform ? prepare(column.transform, given, doubt) : given;
        const coerced = value === null || value === undefined ? null : coerce(value, doubt);
        if (!isKey || (coerced !== null && !isBlank(coerced))) return coerced;
      }
      return null;
    },
  };
}

/** True for a value that is not a key. Some servers write `false` where there is no id. */
function isNoKey(given: unknown, { type }: Column): boolean {
  return isBlank(given) || (typeof given === 'boolean' && type !== 'boolean');
}

function prepare(transform: NonNullable<Column['transform']>, given: unknown, doubt: Doubt): unknown {
  try {
    return transform(given, doubt);
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
    return (_element, parent) => valueAtPath(parent, parts);
  }
  if (!path.includes('.')) return (element) => (Object.hasOwn(element, path) ? element[path] : undefined);
  const parts = path.split('.');
  return (element) => valueAtPath(element, parts);
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
export function compileKey(table: Table, stableKeys: StableKeys, texts: Pick<ShownTexts, 'keyPart'>): KeyOf {
  const read = (name: string) => {
    const column = table.columns[name];
    if (!column) throw new Error(`table ${table.name} has no column ${name}`);
    return columnReader(name, column, 0, table.key.includes(name));
  };
  const columns = table.key.map(read);
  const held = [...table.key, table.stableKey?.by ?? ''].map((name) => texts.keyPart(table.columns[name]));
  const holdPart = (value: Value, n: number) => (typeof value === 'string' ? (held[n]?.(value) ?? value) : value);
  const by = table.stableKey ? read(table.stableKey.by) : undefined;
  const unpack = compileUnpackFor(
    [...table.key, table.stableKey?.by ?? ''].flatMap((name) => table.columns[name] ?? []),
  );
  const stableAt = table.key.indexOf(table.stableKey?.column ?? '');
  return (given, context) => {
    if (!isJsonObject(given)) return undefined;
    const record = unpack(given);
    const values = columns.map((column, n) => holdPart(column.read(record, record, context, ignore), n));
    const alias = by?.read(record, record, context, ignore);
    const before = firstKey(stableKeys, isBlank(alias) ? alias : holdPart(alias ?? null, table.key.length));
    if (before !== undefined && stableAt >= 0) values[stableAt] = before;
    return values.includes(null) ? undefined : joinKey(values);
  };
}

/**
 * The key that the record had first. An empty text is neither an alias nor a key, though earlier versions kept some.
 * @param alias value of the column that the stable key is looked up by
 */
export function firstKey(stableKeys: StableKeys, alias: unknown): string | undefined {
  if (typeof alias !== 'string' || isBlank(alias)) return undefined;
  const key = stableKeys.get(alias);
  return isBlank(key) ? undefined : key;
}

/** Doubts are counted once, by `flatten`. */
function ignore(): void {}

/** Paths that some column reads, as a tree. At `true`, a column reads everything below. */
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

/** Returns a copy of the record in which objects and lists that came as JSON text are parsed. */
export type Unpack = (record: JsonRecord) => JsonRecord;

/** Names of members that are objects or lists by the vendor's document, and what is below each. */
type Structure = Map<string, Structure>;

/**
 * Compiles which members of a table's records are objects and lists. Some servers send such a member as JSON text, because it is text in
 * their database.
 * @param tables all tables of the stream, because child tables read members of the record too
 */
export function compileUnpack(tables: readonly Table[], own: Table): Unpack {
  const paths = tables.flatMap((table) => {
    const ofParent = Object.values(table.columns).flatMap((column) => branchesOf(column, table !== own ? '^' : ''));
    return table === own ? [...ofParent, ...own.ignorePaths] : ofParent;
  });
  return unpackAt(paths);
}

/** Compiles the same for these columns alone. */
export function compileUnpackFor(columns: readonly Column[]): Unpack {
  return unpackAt(columns.flatMap((column) => branchesOf(column, '')));
}

/** Paths of objects and lists on the way to a column, and at its end if it holds one. */
function branchesOf({ paths, type }: Column, prefix: '' | '^'): string[] {
  const own = paths.filter((path) => (prefix === '' ? !/^[$^]/.test(path) : path.startsWith(prefix)));
  return own
    .map((path) => path.slice(prefix.length))
    .flatMap((path) =>
      type === 'json' || type === 'doubles' ? [path] : path.includes('.') ? [path.slice(0, path.lastIndexOf('.'))] : [],
    );
}

function unpackAt(paths: readonly string[]): Unpack {
  const root: Structure = new Map();
  for (const path of paths) {
    let level = root;
    for (const name of path.split('.')) {
      const below: Structure = level.get(name) ?? new Map();
      level.set(name, below);
      level = below;
    }
  }
  return (record) => unpack(record, root);
}

function unpack(record: JsonRecord, structure: Structure): JsonRecord {
  let copy: Record<string, unknown> | undefined;
  for (const [name, below] of structure) {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    const opened = typeof value === 'string' ? openJsonText(value) : value;
    const unpacked = isJsonObject(opened) ? unpack(opened, below) : opened;
    if (unpacked === value) continue;
    copy ??= Object.assign(Object.create(null) as Record<string, unknown>, record);
    copy[name] = unpacked;
  }
  return copy ?? record;
}
