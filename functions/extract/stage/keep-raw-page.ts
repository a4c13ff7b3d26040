import type { Changes } from '../changes/diff.ts';
import type { ScanPage } from '../pages/read-partition.ts';
import { optsOut, redactPage } from '../redact/redact-page.ts';
import type { StreamSession } from '../session/session.ts';

/**
 * Keeps a page as the vendor served it, if it brought anything: a changed record, or one without a key, which is kept nowhere
 * else. Records that opt out lose their sensitive values first.
 */
export async function keepRawPage(session: StreamSession, page: ScanPage, { changed }: Changes): Promise<void> {
  const { raw, stream, at } = session;
  const hasKeyless = page.keys.includes(undefined);
  if (changed === 0 && !hasKeyless) return;
  const optedOut = page.records.filter((record) => optsOut(record, stream.tables[0]));
  const body = optedOut.length > 0 ? redactPage(page, optedOut, stream.tables) : [page.bytes];
  // A page that cannot be written again without these records is not kept.
  if (body === undefined) return;
  await raw.add({ partition: page.partition.id, page: page.number, at: new Date(at).toISOString() }, body);
}
