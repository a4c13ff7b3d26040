import { isJsonObject } from '../../../schemas/json-text.ts';
import type { Table } from '../../../schemas/table.ts';

/** Paths that some column reads: a leaf is known whole, a branch by its members. */
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
