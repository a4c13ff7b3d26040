import type { Table } from '../../schemas/table.ts';
import { type ChildRow, childId, encodeChildren } from '../lake/child-rows.ts';
import { type Digest, joinKey, newDigest } from '../lake/digest.ts';
import type { Ports, ReadBackRow } from '../ports.ts';
import { dayOf, parseDay } from '../time.ts';

/** What the warehouse still knows about a stream whose commit log is gone. */
export interface RebuiltDigest {
  readonly digest: Digest;
  /** Greatest `_seq` of the stream's rows: the new log begins above it. */
  readonly seq: number;
}

/**
 * Rebuilds keys, days and first sightings from the warehouse, so that rows keep them. All contents count as changed and are loaded
 * again.
 * @param tables of the stream; its records' table first
 * @returns undefined if the warehouse has no record, or cannot be asked
 */
export async function rebuildDigest(
  { readBackFromWarehouse, log }: Ports,
  [main, ...rest]: readonly [Table, ...Table[]],
  account: string,
): Promise<RebuiltDigest | undefined> {
  const rows = await readBackFromWarehouse?.(main, account);
  if (!rows || rows.length === 0) return undefined;
  log('warn', 'the commit log is gone; keys and days are taken from the warehouse, contents are read again', {
    source: main.source,
    account,
  });
  const digest = newDigest();
  const children = new Map<string, Map<string, ChildRow>>();
  let seq = 0;
  // Rows of other child tables share the day and the commits of their record.
  for (const table of rest.filter(({ removal }) => removal === 'with-parent')) {
    for (const row of (await readBackFromWarehouse?.(table, account)) ?? []) {
      addChild(children, main, table, row);
      seq = Math.max(seq, row.seq);
    }
  }
  for (const row of rows) {
    const { firstSeenAt, deletedAt } = row;
    const key = joinKey(keyParts(main, row));
    const encoded = encodeChildren(children.get(key) ?? new Map());
    digest.set(key, {
      contentHash: '',
      partOn: partOn(row),
      firstSeenAt,
      ...(deletedAt === undefined ? {} : { deletedAt }),
      ...(encoded === undefined ? {} : { children: encoded }),
    });
    seq = Math.max(seq, row.seq);
  }
  return { digest, seq };
}

function addChild(children: Map<string, Map<string, ChildRow>>, main: Table, table: Table, row: ReadBackRow): void {
  const parts = keyParts(table, row);
  const parent = joinKey(main.key.map((name) => parts[parentColumn(table, main.columns[name]?.paths ?? [])]));
  const known = children.get(parent) ?? new Map<string, ChildRow>();
  children.set(parent, known);
  const { firstSeenAt, deletedAt } = row;
  const child = { contentHash: '', partOn: partOn(row), firstSeenAt, deleted: deletedAt !== undefined };
  known.set(childId(table, joinKey(parts)), child);
}

/** Place of the child's key column that holds a key column of its record. */
function parentColumn({ key, columns }: Table, paths: readonly string[]): number {
  return key.findIndex((name) => columns[name]?.paths.some((own) => paths.some((path) => own === `^${path}`)));
}

function partOn(row: ReadBackRow): number {
  return parseDay(row.partOn) ?? dayOf(row.firstSeenAt);
}

/** Values of the key columns as the digest has them: days are days since the epoch. */
function keyParts({ columns, key }: Table, row: ReadBackRow): readonly (string | number)[] {
  return row.key.map((text, n) => (columns[key[n] ?? '']?.type === 'date' ? (parseDay(text) ?? text) : text));
}
