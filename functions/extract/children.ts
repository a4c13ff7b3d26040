import type { Table } from '../../schemas/table.ts';
import { KEY_SEPARATOR } from './flatten.ts';

/** What is known of one child row that comes and goes with its record. */
export interface Child {
  readonly hash: string;
  /** `_part_on`, days since the epoch. */
  readonly p: number;
  /** `_first_seen_at`, ms. */
  readonly f: number;
  readonly deleted: boolean;
}

/** Names a child row among all children of its record. */
export function childId({ name }: Table, key: string): string {
  return `${name}${KEY_SEPARATOR}${key}`;
}

/** Key of the child row in `table`; undefined where it is of another table. */
export function childKey({ name }: Table, id: string): string | undefined {
  return id.startsWith(`${name}${KEY_SEPARATOR}`) ? id.slice(name.length + KEY_SEPARATOR.length) : undefined;
}

/** Reads what {@link writeChildren} wrote, by the children's ids. */
export function readChildren(text: string | undefined): Map<string, Child> {
  const lines: readonly [string, string, number, number, 1?][] = text === undefined ? [] : JSON.parse(text);
  return new Map(lines.map(([id, hash, p, f, deleted]) => [id, { hash, p, f, deleted: deleted === 1 }]));
}

/** One text for all children of a record: there are several for every record ever seen, and an object each would take four times that. */
export function writeChildren(children: ReadonlyMap<string, Child>): string | undefined {
  if (children.size === 0) return undefined;
  return JSON.stringify(
    [...children].map(([id, { hash, p, f, deleted }]) => [id, hash, p, f, ...(deleted ? [1] : [])]),
  );
}
