import type { Table } from '../../schemas/table.ts';
import { KEY_SEPARATOR } from './digest.ts';

/** What is known about one child row that is deleted with its record. */
export interface ChildRow {
  readonly contentHash: string;
  /** `_part_on`, days since the epoch. */
  readonly partOn: number;
  /** `_first_seen_at`, ms since the epoch. */
  readonly firstSeenAt: number;
  readonly deleted: boolean;
}

/** Names a child row among all children of its record. */
export function childId({ name }: Table, key: string): string {
  return `${name}${KEY_SEPARATOR}${key}`;
}

/** Key of the child row in `table`; undefined if it is a row of another table. */
export function childKey({ name }: Table, id: string): string | undefined {
  return id.startsWith(`${name}${KEY_SEPARATOR}`) ? id.slice(name.length + KEY_SEPARATOR.length) : undefined;
}

/** Decodes what {@link encodeChildren} wrote, by the children's ids. */
export function decodeChildren(text: string | undefined): Map<string, ChildRow> {
  const lines: readonly [string, string, number, number, 1?][] = text === undefined ? [] : JSON.parse(text);
  return new Map(
    lines.map(([id, contentHash, partOn, firstSeenAt, deleted]) => [
      // Earlier lakes kept lone surrogates in ids, which tables hold as U+FFFD.
      id.toWellFormed(),
      { contentHash, partOn, firstSeenAt, deleted: deleted === 1 },
    ]),
  );
}

/** Encodes all children of a record as one string: one object per child would need about four times the memory. */
export function encodeChildren(children: ReadonlyMap<string, ChildRow>): string | undefined {
  if (children.size === 0) return undefined;
  return JSON.stringify(
    [...children].map(([id, { contentHash, partOn, firstSeenAt, deleted }]) => [
      id,
      contentHash,
      partOn,
      firstSeenAt,
      ...(deleted ? [1] : []),
    ]),
  );
}
