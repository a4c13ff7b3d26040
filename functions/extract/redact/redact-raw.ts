import { changeRawPages, type RawPage } from '../../lake/raw-pages.ts';
import { readStoredPage } from '../pages/stored-page.ts';
import type { KeyOf } from '../rows/column-reader.ts';
import type { StreamSession } from '../session/session.ts';
import { writeRedacted } from './redact-page.ts';

/** The records whose copies are redacted. */
export interface RedactedKeys {
  /** Value of the column that a stable key is looked up by, by key; undefined if there is none. */
  readonly aliases: ReadonlyMap<string, string | undefined>;
  readonly keyOf: KeyOf;
}

/** Rewrites one raw object without the sensitive values of these records. An object that has none of them, or is gone, stays so. */
export async function redactRaw(session: StreamSession, key: string, keys: RedactedKeys): Promise<void> {
  await changeRawPages(key, session.id, session.ports, (page) => redactedPage(session, page, keys));
}

/** The page without the sensitive values of these records; the same bytes if it has none of them. One that cannot be written again is not kept. */
function redactedPage(
  { stream, dropSensitive }: StreamSession,
  page: RawPage,
  { aliases, keyOf }: RedactedKeys,
): Buffer | undefined {
  const { context, body } = page;
  // Details have no field that is known to be safe, so no page of them is kept.
  if (stream.kind === 'details') return aliases.has(context.partition) ? undefined : body;
  if (![...aliases].some(([key, alias]) => mayContain(body, key, alias))) return body;
  const { json, records } = readStoredPage(stream, page);
  const found = records.filter((record) => aliases.has(keyOf(record, {}) ?? ''));
  for (const record of found) dropSensitive(record);
  if (found.length === 0) return body;
  const text = writeRedacted(json);
  return text === undefined ? undefined : Buffer.from(text);
}

/** A quick look at the bytes. An id that JSON may spell in more than one way, or that is held as its hash, needs a closer look. */
function mayContain(body: Buffer, ...ids: readonly (string | undefined)[]): boolean {
  return ids.some((id) => id !== undefined && (!/^[\w.:-]+$/.test(id) || body.includes(id)));
}
