import type { Table } from '../../../schemas/table.ts';
import { type ChildRow, childId, childKey, decodeChildren, encodeChildren } from '../../lake/child-rows.ts';
import type { FlatRecord, FlatRow } from '../rows/flatten.ts';
import { type DeletedRow, originOf, type RowOrigin } from './complete-row.ts';

/** What changed among the children of one record. */
export interface ChildChanges {
  readonly changed: readonly { readonly child: FlatRow; readonly origin: RowOrigin }[];
  readonly deleted: readonly DeletedRow[];
  /** The children afterwards, for the record's digest entry. */
  readonly encoded: string | undefined;
}

/** Changes of a record whose tables have no such children. */
export const NO_CHILDREN: ChildChanges = { changed: [], deleted: [], encoded: undefined };

/** What a record shows of its children. */
type ShownChildren = Pick<FlatRecord, 'children' | 'unknownIn'>;

/** Compares the children of one record. */
export type ChildRowsDiff = ReturnType<typeof childRowsDiff>;

/**
 * Compares children that are deleted with their record, each by its own content hash. A child that its record does not show any more is
 * deleted at once, unless an element without a key may be that child.
 * @param tables child tables of this kind
 * @param forgets true if the content hash of a deleted child is dropped
 */
export function childRowsDiff(tables: readonly Table[], forgets: boolean) {
  return {
    compare({ children: found, unknownIn }: ShownChildren, before: string | undefined, at: number): ChildChanges {
      const children = decodeChildren(before);
      const changed: { child: FlatRow; origin: RowOrigin }[] = [];
      const deleted: DeletedRow[] = [];
      for (const table of tables) {
        const rows = found.get(table);
        if (!rows) continue;
        const shown = new Set<string>();
        for (const child of rows) {
          const id = childId(table, child.key);
          shown.add(id);
          const known = children.get(id);
          if (known?.contentHash === child.contentHash && !known.deleted) continue;
          const { partOn, firstSeenAt } = known ?? originOf(child, at);
          changed.push({ child, origin: { partOn, firstSeenAt } });
          children.set(id, { contentHash: child.contentHash, partOn, firstSeenAt, deleted: false });
        }
        if (unknownIn?.has(table)) continue;
        const gone = [...deleteFrom(children, table, (id, child) => !child.deleted && !shown.has(id))];
        if (forgets) for (const { key } of gone) forget(children, childId(table, key));
        deleted.push(...gone);
      }
      return { changed, deleted, encoded: encodeChildren(children) };
    },
    /**
     * Deletes all children of a deleted record.
     * @param isEmptied also those that are deleted already; the content hashes of all are dropped
     */
    removeAll(before: string | undefined, isEmptied = false): ChildChanges {
      const children = decodeChildren(before);
      const isGone = (_id: string, { deleted }: ChildRow) => isEmptied || !deleted;
      const deleted = tables.flatMap((table) => [...deleteFrom(children, table, isGone)]);
      if (isEmptied) for (const id of children.keys()) forget(children, id);
      return { changed: [], deleted, encoded: encodeChildren(children) };
    },
  };
}

/** Whoever has all other values of a child could test guesses of the rest against its content hash. */
function forget(children: Map<string, ChildRow>, id: string): void {
  const child = children.get(id);
  if (child) children.set(id, { ...child, contentHash: '' });
}

function* deleteFrom(
  children: Map<string, ChildRow>,
  table: Table,
  isGone: (id: string, child: ChildRow) => boolean,
): Iterable<DeletedRow> {
  for (const [id, child] of children) {
    const key = childKey(table, id);
    if (key === undefined || !isGone(id, child)) continue;
    children.set(id, { ...child, deleted: true });
    yield { table, key, origin: child };
  }
}
