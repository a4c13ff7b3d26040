import { SCANNED, SHOWN, WALKED } from '../lake/digest/scan-notes.ts';
import type { StreamResult } from '../results.ts';
import { RECORD_OPTED_OUT } from '../source/details.ts';
import type { Ownership } from '../source/page.ts';
import type { Stream } from '../source/source.ts';
import type { Changes } from './changes/diff.ts';
import { followParents, rowsOf } from './changes/follow-parents.ts';
import { recountHeld, reviewHeld } from './changes/hold-removals.ts';
import { commitIfDue, commitStream } from './commit/commit-stream.ts';
import { deleteUnnamed, listCopies } from './commit/left-behind.ts';
import { followParentStream } from './follow/follow-stream.ts';
import { hasUnknown, placesOf } from './pages/page-tally.ts';
import { pagesOf } from './pages/pages.ts';
import type { ScanPage } from './pages/read-guide.ts';
import { dueReads } from './reads/due-reads.ts';
import type { Read } from './reads/read.ts';
import { redactHistory } from './redact/redact-history.ts';
import { optOutOf, redactPage } from './redact/redact-page.ts';
import type { OwnedRecord } from './rows/owned-record.ts';
import { continueScan } from './session/continue-scan.ts';
import type { StreamSession } from './session/session.ts';

/**
 * One run of one stream: plan, pages, flatten, diff, stage, commit. A failed request ends a read, and what was read before is
 * committed. A failure of any later step is thrown; then nothing after the last commit counts, and the next run reads it again.
 */
export async function extractStream(opened: StreamSession): Promise<StreamResult> {
  const { unswept, id } = opened;
  const leftBehind = unswept.has(id.stream) ? await listCopies(opened) : undefined;
  const session = 'parent' in opened.stream ? await followParentStream(opened) : opened;
  const { progress } = session;
  const holdsRemovals = () => progress.state().held !== undefined;
  if (progress.state().scan) await continueScan(session);
  if (holdsRemovals()) await reviewHeld(session);
  if (session.stream.kind === 'details') await followParents(session, session.stream);
  for await (const read of dueReads(session)) {
    await read.begin();
    for await (const page of pagesOf(session, read)) {
      const records = await flattenPage(session, read, page);
      const changes = await diffPage(session, page, records);
      await stagePage(session, page, changes);
      read.advance(page, changes);
      session.readingTime();
      session.digest.release();
      await commitIfDue(session, () => holdsRemovals() && recountHeld(session));
    }
    await read.conclude();
    if (read.endsStream()) break;
  }
  if (holdsRemovals()) await recountHeld(session);
  // A digest that is written anew leaves nothing of a killed run's.
  await commitStream(session, progress.status(), { rewritesDigest: leftBehind !== undefined });
  if (leftBehind) await deleteUnnamed(session, leftBehind);
  unswept.delete(id.stream);
  if (progress.state().redact.length > 0) await redactHistory(session);
  return { stream: id.stream, ...progress.result(progress.status()) };
}

/**
 * Flattens the records of a page that may have changed. It leaves out
 * - records without a key, which the session's rejects count;
 * - records that began before history does, and records that were erased;
 * - records that are unchanged by the digest's probes, which are counted as such.
 *
 * Last come records of earlier pages that showed a word before it was earned (see {@link ShownTexts}). Afterwards, the digest has the
 * entries of all these records in memory.
 */
export async function flattenPage(session: StreamSession, read: Read, page: ScanPage): Promise<readonly OwnedRecord[]> {
  const { stream, digest, rejects } = session;
  for (const { field, reason } of page.doubts ?? [])
    rejects.add(stream.tables[0].name, columnOf(stream, field), reason);
  if (!digest.hasProbes()) await digest.entries.load(page.keys);
  const versions = await flattenRecords(session, read, page);
  const mayDiffer = lastVersions(session, versions).filter((one) => !isUnchanged(session, one));
  const toLoad = mayDiffer.filter(({ key }) => digest.entries.peek(key) === undefined);
  await digest.entries.load(toLoad.map(({ key }) => key));
  const loaded = new Set(toLoad);
  const records = mayDiffer.map((one) => (loaded.has(one) ? ownedAgain(session, page, one) : one.flat));
  return [...records, ...(await flattenEarned(session))];
}

/** True if the digest's probes say that the record is unchanged. It is counted as such. */
function isUnchanged({ digest, diff }: StreamSession, { key, flat, owner }: FlatOfPage): boolean {
  // The group of a record whose entry is not in memory is not known here. If the record is unchanged, it is the present one.
  const known = owner && digest.entries.peek(key) === undefined ? flat.group : undefined;
  const isSteady = known === undefined || owner?.(known)?.group === flat.group;
  return isSteady && diff.isSettled(flat);
}

/** Keeps the last of several versions of a record on one page. If all of them counted, each run would find a change. */
function lastVersions({ rejects, stream }: StreamSession, records: readonly FlatOfPage[]): readonly FlatOfPage[] {
  const last = new Map(records.map((one) => [one.key, one]));
  if (last.size === records.length) return records;
  return records.filter((one) => {
    const isLast = last.get(one.key) === one;
    if (!isLast) rejects.add(stream.tables[0].name, '', LISTED_TWICE);
    return isLast;
  });
}

const LISTED_TWICE = 'listed twice on its page, the last one counts';

/** A record of a page, as the vendor sent it and as rows. */
interface FlatOfPage {
  /** The key of its row. */
  readonly key: string;
  readonly record: unknown;
  readonly flat: OwnedRecord;
  /** What it was flattened with. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Decides where the record belongs, by the group that it belonged to before. Undefined if the source does not decide it. */
  readonly owner: ((known: string | undefined) => Ownership) | undefined;
}

/** After so many records of a page, other work gets its turn, such as a signal or the renewal of the lease. */
const RECORDS_AT_ONCE = 10_000;

async function flattenRecords(session: StreamSession, read: Read, page: ScanPage): Promise<readonly FlatOfPage[]> {
  const { stream, digest, flatten, texts, isBeforeHistory, ports } = session;
  const { partition } = page;
  const places = placesOf(stream, session.progress.state().order, page.scan.order.instantsOnPage);
  const ownGroup = stream.partitions && stream.kind !== 'details' ? partition.id : undefined;
  const records: FlatOfPage[] = [];
  for (const [n, record] of page.records.entries()) {
    if (n > 0 && n % RECORDS_AT_ONCE === 0) await ports.sleep(0, ports.signal);
    const shown = page.keys[n];
    if (page.erased?.has(record) || isBeforeHistory?.(record, shown)) continue;
    // What is wrong with a record, or hidden, is counted in the first of several lists that show it.
    const isElsewhere = shown !== undefined && read.sightings.of(shown).some((id) => id !== partition.id);
    const owner = shown === undefined ? undefined : ownerOf(session, read, partition.id, shown);
    const owned = shown === undefined ? undefined : owner?.(digest.entries.peek(shown)?.group);
    const context = { ...partition.context, ...owned?.context };
    const flat = (isElsewhere ? session.flattenAgain() : flatten)(record, context);
    if (!flat || read.keeps?.(flat.row.values, partition) === false) continue;
    const { key } = flat.row;
    const group = owned ? owned.group : ownGroup;
    const place = places[n];
    records.push({ key, record, flat: { ...flat, group, ...place }, context, owner });
    texts.remember(key, { record, context, group, place });
  }
  return records;
}

/** The record, flattened again if the group that it belonged to before, which is known now, gives it another context. */
function ownedAgain(session: StreamSession, { partition }: ScanPage, one: FlatOfPage): OwnedRecord {
  const { key, record, flat, context, owner } = one;
  const known = session.digest.entries.get(key)?.group;
  const owned = known === undefined ? undefined : owner?.(known);
  if (!owned) return flat;
  const own = { ...partition.context, ...owned.context };
  const again = JSON.stringify(own) === JSON.stringify(context) ? flat : session.flattenAgain()(record, own);
  const { sortedAt, sortedBy } = flat;
  session.texts.remember(key, { record, context: own, group: owned.group, place: { sortedAt, sortedBy } });
  return { ...flat, ...again, group: owned.group };
}

/** Flattens the records again that showed a word before it was earned. */
async function flattenEarned(session: StreamSession): Promise<readonly OwnedRecord[]> {
  const rows: OwnedRecord[] = [];
  for (const { record, context, group, place } of session.texts.takeEarned()) {
    await session.loadFirstKeys?.([record], context);
    const row = session.flattenAgain()(record, context);
    if (row) rows.push({ ...row, group, ...place, isAgain: true });
  }
  await session.digest.entries.load(rows.map(({ row }) => row.key));
  return rows;
}

/** The column that reads a field of the records; the field itself if none does. */
function columnOf({ tables: [{ columns }] }: Stream, field: string): string {
  return Object.keys(columns).find((name) => columns[name]?.paths.includes(field)) ?? field;
}

/** How the source decides where a record belongs, which several partitions may show. Undefined if it does not decide it. */
function ownerOf(session: StreamSession, read: Read, partition: string, key: string): FlatOfPage['owner'] {
  const { stream } = session;
  const assign = stream.kind === 'collection' ? stream.assignOwner : undefined;
  if (!assign) return undefined;
  const shown = read.sightings.of(key).filter((id) => id !== partition);
  read.sightings.add(key, partition);
  // If an earlier run of this full scan has read the other lists, the record's group says which of them showed it.
  const mark = read.kind === 'sweep' && shown.length === 0 ? session.digest.scan.markOf(key) : 0;
  const isScanned = mark >= SCANNED;
  return (known) => {
    const listed = isScanned && known !== undefined ? read.partitionsOf(known) : [];
    const earlier = isScanned ? listed.filter((id) => id !== partition) : shown;
    const owner = assign({ partition, earlier, known, sweep: read.provesAbsence(), isShownBeside: mark === SHOWN });
    if (owner.warning) session.warnOnce(owner.warning);
    return owner;
  };
}

/** Compares the records of a page with the digest. Notes what the page has shown, for the full scan in progress and for the counts. */
export async function diffPage(
  session: StreamSession,
  page: ScanPage,
  records: readonly OwnedRecord[],
): Promise<Changes> {
  const { diff, progress, digest } = session;
  const changes = await withRemoved(session, page, diff.compare(records));
  const mark = page.isOfScan && page.isJoined ? WALKED : SHOWN;
  for (const key of digest.scan.isOpen() ? page.keys : []) if (key !== undefined) digest.scan.show(key, mark);
  progress.addRecords(page.records.length);
  return changes;
}

/** Adds the removal of rows that a record's details do not contain any more, if the details are a list. */
async function withRemoved(
  { stream, digest, diff }: StreamSession,
  page: ScanPage,
  changes: Changes,
): Promise<Changes> {
  if (stream.kind !== 'details' || !stream.isList || page.isDoubtful || hasUnknown(page)) return changes;
  const shown = new Set(page.keys);
  const missing = (await rowsOf(digest, stream, page.partition.id)).filter((key) => !shown.has(key));
  const rows = missing.flatMap((key) => diff.remove(key));
  return rows.length === 0 ? changes : { ...changes, rows: [...changes.rows, ...rows], changed: changes.changed + 1 };
}

/** Stages the rows that a page changed, and keeps the page as the vendor served it. */
async function stagePage(session: StreamSession, page: ScanPage, changes: Changes): Promise<void> {
  await session.stager.add(changes.rows);
  await keepRawPage(session, page, changes);
}

/**
 * Keeps a page as the vendor served it, if it has a changed record or something that is kept nowhere else, such as a record without a
 * key. Records that opt out lose their sensitive values first.
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
  // A page that cannot be written without these values is not kept.
  if (body === undefined) return;
  await raw.add({ partition: page.partition.id, page: page.number, at: new Date(at).toISOString() }, body);
}
