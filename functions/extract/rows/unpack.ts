import type { Column } from '../../../schemas/column.ts';
import { isJsonObject } from '../../../schemas/json-text.ts';
import type { JsonRecord, Table } from '../../../schemas/table.ts';
import { parseJson } from '../../http/lossless-json.ts';

/** Returns the record with its objects and lists that came as JSON text as what the text says; the record itself is not changed. */
export type Unpack = (record: JsonRecord) => JsonRecord;

/** Names of members that are objects or lists by the vendor's document, and what is below each. */
type Structure = Map<string, Structure>;

/**
 * Compiles where a table's records have objects and lists. Some servers send such a member as JSON text, because it is text in their
 * database.
 * @param tables of the stream; what child tables read of the record counts for the first one
 */
export function compileUnpack(tables: readonly Table[], own: Table): Unpack {
  const paths = tables.flatMap((table) => {
    const ofParent = Object.values(table.columns).flatMap((column) => branchesOf(column, table !== own ? '^' : ''));
    return table === own ? [...ofParent, ...own.ignorePaths] : ofParent;
  });
  return unpackAt(paths);
}

/** Compiles where these columns alone are found. */
export function compileUnpackFor(columns: readonly Column[]): Unpack {
  return unpackAt(columns.flatMap((column) => branchesOf(column, '')));
}

/** Paths of objects and lists on the way to a column, and at its end if it holds one. */
function branchesOf({ paths, type }: Column, prefix: '' | '^'): string[] {
  const own = paths.filter((path) => (prefix === '' ? !/^[$^]/.test(path) : path.startsWith(prefix)));
  return own
    .map((path) => path.slice(prefix.length))
    .flatMap((path) => (type === 'json' || type === 'doubles' ? [path] : path.includes('.') ? [parentOf(path)] : []));
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('.'));
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
    const opened = typeof value === 'string' ? openText(value) : value;
    const unpacked = below.size > 0 && isJsonObject(opened) ? unpack(opened, below) : opened;
    if (unpacked === value) continue;
    copy ??= Object.assign(Object.create(null) as Record<string, unknown>, record);
    copy[name] = unpacked;
  }
  return copy ?? record;
}

/** The object or list that a JSON text holds; any other text as it is. */
function openText(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
