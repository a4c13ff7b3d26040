import type { Table } from '../../schemas/table.ts';
import type { Ports } from '../ports.ts';
import { dayOf, parseDay } from '../time.ts';
import { type Digest, newDigest } from './digest.ts';
import { KEY_SEPARATOR } from './flatten.ts';

/** What the warehouse itself still knows of a stream whose commit log is gone. */
export interface Recalled {
  readonly digest: Digest;
  /** Greatest `_seq` of its tables: the new log starts above it. */
  readonly seq: number;
}

/** Rebuilds keys, days and first sightings from the tables, so that rows keep them; contents count as changed and are loaded anew. */
export async function recallDigest(
  { recall, log }: Ports,
  table: Table,
  account: string,
): Promise<Recalled | undefined> {
  const rows = await recall?.(table, account);
  if (!rows || rows.length === 0) return undefined;
  log('warn', 'the commit log is gone; keys and days are taken from the warehouse, contents are read anew', {
    source: table.source,
    account,
  });
  const digest = newDigest();
  let seq = 0;
  for (const row of rows) {
    const parts = row.key.map((text, n) =>
      table.columns[table.key[n] ?? '']?.type === 'date' ? String(parseDay(text) ?? text) : text,
    );
    const { firstSeenAt: f, deletedAt: d } = row;
    digest.set(parts.join(KEY_SEPARATOR), {
      h: '',
      p: parseDay(row.partOn) ?? dayOf(f),
      f,
      ...(d === undefined ? {} : { d }),
    });
    seq = Math.max(seq, row.seq);
  }
  return { digest, seq };
}
