import { ContractError, EmptyPagesError, NotFoundError, RequestRefusedError } from '../../errors.ts';
import type { StreamId } from '../../lake/objects.ts';
import { asksForEnd } from '../../source/check-paging.ts';
import type { Page } from '../../source/page.ts';
import type { Stream } from '../../source/source.ts';
import type { StreamSession } from '../session/session.ts';
import { variantOf } from './request-page.ts';
import type { PartitionScan } from './scan.ts';

/** The vendor limits how far a list can be paged. */
export interface PagingLimit {
  /** The list can be read in windows of time instead. */
  readonly hasWindows: boolean;
  /** The failure if it cannot. It names the remedy. */
  readonly failure: ContractError;
}

/**
 * Judges the failure of a page. The vendor limits how far a list can be paged if it refuses a page below the first (4xx), or if pages
 * are empty after a full one and it says that more follow. An unavailable vendor says nothing about a limit.
 * @returns undefined if the failure says nothing about a limit
 */
export function pagingLimit(session: StreamSession, scan: PartitionScan, error: unknown): PagingLimit | undefined {
  const { page, next } = scan.request();
  if (page <= variantOf(session).firstPage || scan.isAtStart(page)) return undefined;
  // A token that is refused may have expired.
  if (next !== undefined && !isByOffset(session.stream)) return undefined;
  const isLimit = error instanceof RequestRefusedError || (error instanceof EmptyPagesError && scan.endsFull());
  if (!isLimit) return undefined;
  const hasWindows = canReadInWindows(session, scan);
  // A partition that disappears while it is read is no failure.
  if (!hasWindows && error instanceof NotFoundError && session.stream.skipMissingPartition) return undefined;
  const { records } = scan.summary('');
  const seen = `pages before it showed ${records} records, and the vendor may limit how far a list can be paged`;
  const text = `${error.reason}. ${seen}; what was shown is kept. ${remedyFor(session)}`;
  return { hasWindows, failure: new ContractError(text, session.id) };
}

function isByOffset({ answer }: Stream): boolean {
  return typeof answer?.next === 'object' && 'offset' in answer.next;
}

/** The failure of a list that never ends. @param idle pages in a row that showed nothing new */
export function endlessList(
  { records }: Page,
  { path, idle, id }: { readonly path: string; readonly idle: number; readonly id: StreamId },
): ContractError {
  const Endless = records.length === 0 ? EmptyPagesError : ContractError;
  const seen = `${idle} pages in a row showed nothing new, and the answer says that more follow`;
  return new Endless(`${path}: ${seen}; expected the list to end. What was read is kept`, id);
}

/** True if the vendor filters the list by time, and requests name both ends of a window. */
export function canReadInWindows(session: StreamSession, scan: PartitionScan): boolean {
  const { kind, window } = session.stream;
  return kind === 'collection' && window !== undefined && asksForEnd(variantOf(session).ask, scan.request().partition);
}

/** Warns that a list is read in windows, because of a limit that its declaration does not name. */
export function warnOfLimit({ warnOnce }: StreamSession, scan: PartitionScan): void {
  const { records } = scan.summary('');
  warnOnce(
    `the vendor shows no page after ${records} records of a list, and counts more; continuing in windows of time. ` +
      'If its document names a limit, declare it (window.cap), which saves requests',
  );
}

function remedyFor({ stream, source }: StreamSession): string {
  const file = `functions/sources/${source.name}.ts`;
  if (stream.kind !== 'collection') return `Declare partitions that have fewer records each, in ${file}`;
  if (stream.window)
    return `Let ask of ${file} request \`to\` as well, so that the list can be read in windows of time`;
  return (
    `If the vendor filters by time, declare \`window\` in ${file}, so that full scans and backfill read the list in windows; ` +
    'else declare partitions that have fewer records each, or ask the vendor for a way to list more'
  );
}
