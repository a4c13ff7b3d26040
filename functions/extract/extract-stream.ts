import type { StreamResult } from '../results.ts';
import { RECORD_OPTED_OUT } from '../source/details.ts';
import type { Ownership, Stream } from '../source/source.ts';
import type { Changes } from './changes/diff.ts';
import { followParents, rowsOf } from './changes/follow-parents.ts';
import { recountHeld, reviewHeld } from './changes/hold-removals.ts';
import { commitIfDue, commitStream } from './commit/commit-stream.ts';
import { pagesOf } from './pages/pages.ts';
import type { ScanPage } from './pages/read-guide.ts';
import { dueReads } from './reads/due-reads.ts';
import type { Read } from './reads/read.ts';
import { redactHistory } from './redact/redact-history.ts';
import { optOutOf, redactPage } from './redact/redact-page.ts';
import type { OwnedRecord } from './rows/flatten.ts';
import type { StreamSession } from './session/session.ts';

/**
 * One run of one stream: plan, pages, flatten, diff, stage, commit. A failed request ends a read, and what was read before is
 * committed. A failure of any later step is thrown; then nothing after the last commit counts, and the next run reads it again.
 */
export async function extractStream(session: StreamSession): Promise<StreamResult> {
  const isHeld = () => session.progress.state().held !== undefined;
  if (isHeld()) await reviewHeld(session);
  if (session.stream.kind === 'details') await followParents(session, session.stream);
  for (const read of dueReads(session)) {
    for await (const page of pagesOf(session, read)) {
      const records = flattenPage(session, read, page);
      const changes = diffPage(session, page, records);
      await stagePage(session, page, changes);
      read.advance(page, changes);
      await commitIfDue(session, () => isHeld() && recountHeld(session));
    }
    await read.conclude();
    if (read.hasFailed()) break;
  }
  if (isHeld()) recountHeld(session);
  await commitStream(session, session.progress.status());
  if (session.progress.state().redact.length > 0) await redactHistory(session);
  return { stream: session.id.stream, ...session.progress.result(session.progress.status()) };
}

/** Flattens the records of a page that have a key and belong to history. Those without a key are counted in the session's rejects. */
export function flattenPage(session: StreamSession, read: Read, page: ScanPage): readonly OwnedRecord[] {
  const { stream, flatten, flattenAgain, texts } = session;
  const { partition } = page;
  const flat: OwnedRecord[] = [];
  for (const { field, reason } of page.doubts ?? [])
    session.rejects.add(stream.tables[0].name, columnOf(stream, field), reason);
  for (const [n, record] of page.records.entries()) {
    const key = page.keys[n];
    if (session.isBeforeHistory?.(record, key)) continue;
    const owner = key !== undefined ? ownerOf(session, read, page.partition.id, key) : undefined;
    const context = owner?.context ? { ...partition.context, ...owner.context } : partition.context;
    const group = owner ? owner.group : stream.partitions && stream.kind !== 'details' ? partition.id : undefined;
    const row = flatten(record, context);
    if (!row) continue;
    flat.push({ ...row, group });
    texts.remember(row.row.key, { record, context, group });
  }
  // Records of earlier pages whose word was earned on this one.
  for (const { record, context, group } of texts.takeEarned()) {
    const row = flattenAgain(record, context);
    if (row) flat.push({ ...row, group, isAgain: true });
  }
  return flat;
}

/** The column that reads a field of the records. */
function columnOf({ tables: [{ columns }] }: Stream, field: string): string {
  return Object.keys(columns).find((name) => columns[name]?.paths.includes(field)) ?? field;
}

/** Several partitions may show the same record; the source decides where it belongs. Undefined if it does not say. */
function ownerOf(session: StreamSession, read: Read, partition: string, key: string): Ownership | undefined {
  const { stream, digest } = session;
  if (stream.kind !== 'collection' || !stream.assignOwner) return undefined;
  const earlier = read.sightings.of(key).filter((id) => id !== partition);
  const known = digest.entries.get(key)?.group;
  const owner = stream.assignOwner({ partition, earlier, known, sweep: read.provesAbsence() });
  read.sightings.add(key, partition);
  if (owner.warning) session.warnOnce(owner.warning);
  return owner;
}

/** Compares the records of a page with the digest. */
export function diffPage(session: StreamSession, page: ScanPage, records: readonly OwnedRecord[]): Changes {
  const { diff, progress } = session;
  const changes = withMissing(session, page, diff.compare(records));
  progress.addRecords(page.records.length);
  if (changes.optedOutLater.length > 0) {
    const redact = [...progress.state().redact, ...changes.optedOutLater];
    progress.updateState({ redact, redactedTo: undefined });
  }
  return changes;
}

/** The details of a record may be a list: what it does not contain any more is gone. */
function withMissing({ stream, digest, diff }: StreamSession, page: ScanPage, changes: Changes): Changes {
  if (stream.kind !== 'details' || !stream.isList || page.isDoubtful) return changes;
  const shown = new Set(page.keys);
  const missing = rowsOf(digest, stream, page.partition.id).filter((key) => !shown.has(key));
  const rows = missing.flatMap((key) => diff.remove(key));
  return rows.length === 0 ? changes : { ...changes, rows: [...changes.rows, ...rows], changed: changes.changed + 1 };
}

/** Stages the rows that a page changed, and keeps the page as the vendor served it. */
async function stagePage(session: StreamSession, page: ScanPage, changes: Changes): Promise<void> {
  await session.stager.add(changes.rows);
  await keepRawPage(session, page, changes);
}

/**
 * Keeps a page as the vendor served it, if it brought anything: a changed record, or what is kept nowhere else, such as a record without
 * a key. Records that opt out lose their sensitive values first.
 */
export async function keepRawPage(session: StreamSession, page: ScanPage, { changed }: Changes): Promise<void> {
  const { raw, stream, at, settings, dropSensitive } = session;
  const [table] = stream.tables;
  // Details have no field that is known to be safe.
  if (page.partition.context[RECORD_OPTED_OUT] === true) return;
  const isElsewhere = !page.keys.includes(undefined) && (page.doubts ?? []).length === 0;
  if (changed === 0 && isElsewhere) return;
  const { optOutWhenAbsent = true } = settings;
  const optedOut = table.optOut ? page.records.filter((record) => optOutOf(record, table) ?? optOutWhenAbsent) : [];
  const body = optedOut.length > 0 ? redactPage(page, optedOut, dropSensitive) : [page.bytes];
  // A page that cannot be written again without these records is not kept.
  if (body === undefined) return;
  await raw.add({ partition: page.partition.id, page: page.number, at: new Date(at).toISOString() }, body);
}
