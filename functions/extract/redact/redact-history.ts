import type { CallhouseError } from '../../errors.ts';
import { whyCut } from '../../http/client.ts';
import { dropRows } from '../../lake/digest/drop-rows.ts';
import { shardPutter } from '../../lake/digest/settle.ts';
import { digestPrefix, newLoadId, shardKey } from '../../lake/objects.ts';
import { type Copy, copiesOf, copyFolders, purgeCopy } from '../../purge/purge-copies.ts';
import type { Stream } from '../../source/source.ts';
import { rowsOf } from '../changes/follow-parents.ts';
import { commitStream } from '../commit/commit-stream.ts';
import { compileKey } from '../rows/column-reader.ts';
import type { StreamSession } from '../session/session.ts';
import { leftChildren } from './left-children.ts';
import { type EmptiedRecords, redactionOf } from './redaction.ts';

/**
 * Removes the sensitive values of records that have opted out, or that the vendor removed and the setting blanks, from every earlier copy:
 * raw and staged objects, also those that no commit names; the digest; and earlier versions of all of these. The keys stay in the stream's
 * state until that is done, so that the next run continues if this one is killed. If time runs out or the run is interrupted, its result
 * is partial, and the next run continues after the last copy that was looked at.
 */
export async function redactHistory(session: StreamSession): Promise<void> {
  const { progress, ports } = session;
  const emptied = await emptiedRecords(session);
  const isAny = emptied.aliases.size > 0 || emptied.left.size > 0;
  if (isAny) {
    const cut = await redactCopies(session, emptied);
    if (cut) return void progress.fail(cut);
    await forgetContent(session, emptied);
  }
  progress.updateState({ redact: [], redactedTo: undefined });
  await commitStream(session, progress.status(), { rewritesDigest: forgottenIn(session.stream, emptied).size > 0 });
  if (isAny) await ports.store.forgetVersions?.(digestPrefix(session.id));
}

const COPIES_LEFT = 'copies of records that opted out, or that the vendor removed, are still to be redacted';

/** @returns why not all copies were looked at; undefined if they were */
async function redactCopies(session: StreamSession, emptied: EmptiedRecords): Promise<CallhouseError | undefined> {
  const { progress, ports, tuning } = session;
  const redaction = redactionOf(session, emptied);
  const before = progress.state().redactedTo;
  for await (const copies of inGroups(copiesOf(redaction, ports.store, before), tuning.copiesAtOnce)) {
    const cut = whyCut(session, COPIES_LEFT);
    if (cut) {
      if (progress.state().redactedTo !== before) await commitStream(session, progress.status());
      return cut;
    }
    await Promise.all(copies.map((copy) => purgeCopy(copy, redaction, ports)));
    progress.updateState({ redactedTo: copies.at(-1)?.key });
  }
  for (const { folder } of copyFolders(redaction)) await ports.store.forgetVersions?.(folder);
  return undefined;
}

async function* inGroups(copies: AsyncIterable<Copy>, size: number): AsyncGenerator<readonly Copy[]> {
  let group: Copy[] = [];
  for await (const copy of copies) {
    group.push(copy);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/**
 * Records that are still to be redacted. One that opted in again since, or that the vendor lists again, is not, because its new copies
 * must stay complete. Details are noted by the key of their record.
 */
async function emptiedRecords(session: StreamSession): Promise<EmptiedRecords> {
  const { progress, digest, stream, siblings, texts, removal } = session;
  const { redact } = progress.state();
  if (stream.kind === 'details') await siblings.loadRecords(stream.parent);
  await digest.entries.load(redact);
  const parents = stream.kind === 'details' ? siblings.recordsOf(stream.parent) : undefined;
  const aliases = new Map<string, string | undefined>();
  const blanked = new Set<string>();
  const left: Map<string, { alias: string | undefined; ids: ReadonlySet<string> }> = new Map();
  const firstKeys = new Map<string, string>();
  for (const key of redact) {
    const entry = digest.entries.get(key);
    const known = parents ? parents.get(key) : entry;
    const isEmptied = known?.optedOut || known?.blanked;
    const ids = !isEmptied && entry && removal === 'blank' ? leftChildren(entry) : undefined;
    if (!isEmptied && !ids?.size) continue;
    if (ids) left.set(key, { alias: entry?.alias, ids });
    else aliases.set(key, entry?.alias);
    if (known?.blanked) blanked.add(key);
    if (entry?.alias !== undefined) firstKeys.set(entry.alias, key);
  }
  return { aliases, left, blanked, keyOf: compileKey(stream.tables[0], firstKeys, texts) };
}

/** Records of which the digest forgets the content hash, a child's content hash, or values that were handed on. */
function forgottenIn({ tables: [{ handsOn }] }: Stream, { aliases, blanked, left }: EmptiedRecords): Set<string> {
  return new Set([...blanked, ...left.keys(), ...(handsOn ? aliases.keys() : [])]);
}

/** Writes parts of the digest again that hold the hash of what a blanked record was. The next commit names the new ones. */
async function forgetContent({ id, stream, digest, ports, at, progress }: StreamSession, emptied: EmptiedRecords) {
  const entries = forgottenIn(stream, emptied);
  if (entries.size === 0 || !digest.isSettled()) return;
  if (stream.kind === 'details')
    for (const key of emptied.blanked) for (const own of await rowsOf(digest, stream, key)) entries.add(own);
  await digest.entries.load(entries);
  const kept = [...entries].map((key) => [key, digest.entries.get(key)] as const);
  const { n } = progress.next();
  const loadId = newLoadId(id, at, ports.random);
  const put = shardPutter(ports.store, (part) => shardKey(id, n, loadId, part));
  await dropRows(digest, { entries, cursors: new Set(), firstKeys: new Set() }, put);
  await digest.entries.load(entries);
  for (const [key, entry] of kept) if (entry) digest.set(key, entry);
}
