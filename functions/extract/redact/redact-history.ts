import { type CallhouseError, InterruptedError, OutOfTimeError } from '../../errors.ts';
import { whyOutOfTime } from '../../http/client.ts';
import { readCommit } from '../../lake/commit-log.ts';
import { commitPrefix } from '../../lake/objects.ts';
import { commitStream } from '../commit/commit-stream.ts';
import { compileKey } from '../rows/column-reader.ts';
import type { StreamSession } from '../session/session.ts';
import { type RedactedKeys, redactRaw } from './redact-raw.ts';
import { redactionOf, redactStaged } from './redact-staged.ts';

/**
 * Rewrites the earlier raw and staged copies of records that have opted out since, without their sensitive values. The keys are in
 * the stream's state until this is done, so the next run repairs a kill in between. If time runs out or the run is interrupted, it
 * is partial, and the next run continues after the last commit that was rewritten.
 */
export async function redactHistory(session: StreamSession): Promise<void> {
  const { progress, ports, id } = session;
  const keys = await optedOutKeys(session);
  const before = progress.state().redactedTo;
  for await (const name of ports.store.list(commitPrefix(id), before === undefined ? {} : { after: before })) {
    if (keys.aliases.size === 0) break;
    const cut = cutOf(session) ?? (await redactCommit(session, name, keys));
    if (cut) {
      if (progress.state().redactedTo !== before) await commitStream(session, progress.status());
      progress.fail(cut);
      return;
    }
    progress.updateState({ redactedTo: name });
  }
  progress.updateState({ redact: [], redactedTo: undefined });
  await commitStream(session, progress.status());
}

/**
 * Keys that are still opted out. A record that opted in again since is not redacted: its new copies must stay complete. Details have the
 * key of their record.
 */
async function optedOutKeys({ progress, digest, stream, siblings, texts }: StreamSession): Promise<RedactedKeys> {
  const { redact } = progress.state();
  if (stream.kind === 'details') await siblings.loadRecords(stream.parent);
  await digest.entries.load(redact);
  const parents = stream.kind === 'details' ? siblings.recordsOf(stream.parent) : undefined;
  const aliases = new Map<string, string | undefined>();
  const firstKeys = new Map<string, string>();
  for (const key of redact) {
    const entry = digest.entries.get(key);
    if (!(parents?.get(key)?.optedOut ?? entry?.optedOut)) continue;
    aliases.set(key, entry?.alias);
    if (entry?.alias !== undefined) firstKeys.set(entry.alias, key);
  }
  return { aliases, keyOf: compileKey(stream.tables[0], firstKeys, texts) };
}

/** Why no further copy can be rewritten; undefined if one can. */
function cutOf({ ports, client, id }: StreamSession): CallhouseError | undefined {
  const left = 'copies of records that opted out are still to be redacted';
  if (ports.signal?.aborted) return new InterruptedError(`interrupted: ${left}; the next run continues`, id);
  if (client.hasTime()) return undefined;
  return new OutOfTimeError(`${left}: ${whyOutOfTime(ports)}`, id);
}

/** @returns why not all copies that the commit names were rewritten; undefined if they were */
async function redactCommit(session: StreamSession, name: string, keys: RedactedKeys) {
  const { ports, id, stream } = session;
  const { raw, staged } = await readCommit(ports.store, name, id);
  for (const key of raw) {
    const cut = cutOf(session);
    if (cut) return cut;
    await redactRaw(session, key, keys);
  }
  for (const { table: name, key } of staged) {
    const cut = cutOf(session);
    if (cut) return cut;
    const table = stream.tables.find((one) => one.name === name);
    const keyColumns = table && redactionOf(stream, table);
    if (table && keyColumns) await redactStaged(session, { table, keyColumns }, key, keys.aliases);
  }
  return undefined;
}
