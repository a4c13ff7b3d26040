import { ContractError, StateError } from '../../errors.ts';
import { parseJson } from '../../http/lossless-json.ts';
import { decodeRawPages, encodeRawPage, type RawPage } from '../../lake/raw-pages.ts';
import type { PageRequest } from '../../source/page.ts';
import type { Stream } from '../../source/source.ts';
import { variantsOf } from '../../source/variants.ts';
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
  const { store, codec } = session.ports;
  const body = await store.get(key);
  if (!body) return;
  const damaged = () => new StateError(`${key} in ${store.name} is damaged; restore it or remove it`, session.id);
  const expanded = await codec.expand(body).catch(() => {
    throw damaged();
  });
  const pages = [...decodeRawPages(expanded)];
  const redacted = pages.map((page) => redactedPage(session, page, keys));
  if (redacted.every((page, n) => page === pages[n]?.body)) return;
  // A page that cannot be written again is not kept at all.
  const bytes = pages.flatMap(({ context }, n) => {
    const page = redacted[n];
    return page === undefined ? [] : encodeRawPage(context, [page]);
  });
  await store.put(key, await codec.compress(Buffer.concat(bytes)), { replace: true });
}

/** The page without the sensitive values of these records; the same bytes if it has none of them. */
function redactedPage(
  session: StreamSession,
  { context, body }: RawPage,
  { aliases, keyOf }: RedactedKeys,
): Buffer | undefined {
  const { stream } = session;
  // Details have no field that is known to be safe, so no page of them is kept.
  if (stream.kind === 'details') return aliases.has(context.partition) ? undefined : body;
  if (![...aliases].some(([key, alias]) => mayContain(body, key, alias))) return body;
  const json = parseJson(body.toString('utf8'));
  const partition = { id: context.partition, context: {} };
  const request = { partition, page: context.page, size: stream.pageSize };
  const records = storedRecords(stream, json, request);
  let found = false;
  for (const record of records) {
    const key = keyOf(record, {});
    if (key === undefined || !aliases.has(key)) continue;
    session.dropSensitive(record);
    found = true;
  }
  if (!found) return body;
  const text = writeRedacted(json);
  return text === undefined ? undefined : Buffer.from(text);
}

/** The records of a stored page, in whichever way it was requested. */
export function storedRecords(stream: Stream, json: unknown, request: PageRequest): readonly unknown[] {
  for (const { records } of variantsOf(stream)) {
    try {
      return records(json, request);
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
    }
  }
  return [];
}

/** A quick look at the bytes. An id that JSON may spell in more than one way, or that is held as its hash, needs a closer look. */
function mayContain(body: Buffer, ...ids: readonly (string | undefined)[]): boolean {
  return ids.some((id) => id !== undefined && (!/^[\w.:-]+$/.test(id) || body.includes(id)));
}
