import type { Table } from '../../../schemas/table.ts';
import { type Digest, joinKey, releaseCursors } from '../../lake/digest.ts';
import { splitKey } from '../../lake/split-key.ts';
import { recordColumns } from '../../source/details.ts';
import type { DetailsStream, KnownRecord } from '../../source/source.ts';
import { commitIfDue } from '../commit/commit-stream.ts';
import type { StreamSession } from '../session/session.ts';

/**
 * Applies to details what has happened to their records, without a request. Details of a removed record are marked deleted. If the caller
 * has opted out since, or the record was blanked, their sensitive columns are emptied and earlier copies redacted; what the vendor still
 * has is then read again without them.
 */
export async function followParents(session: StreamSession, stream: DetailsStream): Promise<void> {
  const { digest, follower } = session;
  for await (const parents of follower?.changedParents() ?? []) {
    const gone = [...parents].filter(([, parent]) => parent.deletedAt !== undefined || parent.optedOut);
    const keys = gone.map(([key]) => key);
    await digest.cursors.load(keys);
    if (!stream.isList) await digest.entries.load(keys);
    for (const [key, parent] of gone) {
      await followParent(session, stream, key, parent);
      await commitIfDue(session);
    }
    releaseCursors(digest);
  }
}

async function followParent(
  { digest, diff, stager, progress }: StreamSession,
  stream: DetailsStream,
  key: string,
  { deletedAt, optedOut, blanked }: KnownRecord,
): Promise<void> {
  let isEnded = false;
  for (const own of await rowsOf(digest, stream, key)) {
    const entry = digest.entries.get(own);
    const isEmptied = optedOut || blanked;
    const isLate = (optedOut && !entry?.optedOut) || (blanked && !entry?.blanked);
    if (isLate) progress.updateState({ redact: withKey(progress.state().redact, key), redactedTo: undefined });
    // A vendor's removal may leave the sensitive columns, an opt-out may not.
    const isLive = entry?.deletedAt === undefined;
    if (isLate || (isLive && deletedAt !== undefined)) {
      await stager.add(isEmptied ? diff.empty(own, blanked ? 'blank' : 'redact') : diff.remove(own));
      isEnded = true;
    }
  }
  if (isEnded) readAgain(digest, key);
}

/** Makes the details due, although the record may still have, or have again, the content hash that they were read with. */
function readAgain(digest: Digest, key: string): void {
  const { readAt } = digest.cursors.get(key) ?? {};
  if (readAt !== undefined) digest.setCursor(key, { readAt });
}

function withKey(keys: readonly string[], key: string): string[] {
  return keys.includes(key) ? [...keys] : [...keys, key];
}

const rowsByDigest = new WeakMap<Digest, ReadonlyMap<string, readonly string[]>>();

/** Keys of the known rows of a record's details. Loads their entries. */
export async function rowsOf(
  digest: Digest,
  { isList, tables, parentTable }: DetailsStream,
  key: string,
): Promise<readonly string[]> {
  if (!isList) {
    await digest.entries.load([key]);
    return digest.entries.has(key) ? [key] : [];
  }
  const rows = rowsByDigest.get(digest) ?? (await groupByRecord(digest, tables[0], parentTable));
  rowsByDigest.set(digest, rows);
  const own = rows.get(key) ?? [];
  await digest.entries.load(own);
  return own;
}

/** Groups the keys of rows by record. The key of a row in a list contains that of its record. */
async function groupByRecord(
  { entries }: Digest,
  table: Table,
  parent: Table,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const places = recordColumns(table, parent).map((name) => table.key.indexOf(name ?? ''));
  const rows = new Map<string, string[]>();
  for await (const batch of entries.batches()) {
    for (const [key] of batch) {
      const values = splitKey(table, key);
      const record = joinKey(places.map((place) => values[place]));
      const known = rows.get(record);
      if (known) known.push(key);
      else rows.set(record, [key]);
    }
  }
  return rows;
}
