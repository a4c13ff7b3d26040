import type { Table } from '../../schemas/table.ts';
import { type Digest, joinKey, newDigest } from '../lake/digest.ts';
import type { Ports } from '../ports.ts';
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
 * @returns undefined if the warehouse has no row of the table, or cannot be asked
 */
export async function rebuildDigest(
  { readBackFromWarehouse, log }: Ports,
  table: Table,
  account: string,
): Promise<RebuiltDigest | undefined> {
  const rows = await readBackFromWarehouse?.(table, account);
  if (!rows || rows.length === 0) return undefined;
  log('warn', 'the commit log is gone; keys and days are taken from the warehouse, contents are read again', {
    source: table.source,
    account,
  });
  const digest = newDigest();
  let seq = 0;
  for (const row of rows) {
    const { firstSeenAt, deletedAt } = row;
    const parts = row.key.map((text, n) => (isDay(table, n) ? (parseDay(text) ?? text) : text));
    digest.set(joinKey(parts), {
      contentHash: '',
      partOn: parseDay(row.partOn) ?? dayOf(firstSeenAt),
      firstSeenAt,
      ...(deletedAt === undefined ? {} : { deletedAt }),
    });
    seq = Math.max(seq, row.seq);
  }
  return { digest, seq };
}

function isDay({ columns, key }: Table, n: number): boolean {
  return columns[key[n] ?? '']?.type === 'date';
}
