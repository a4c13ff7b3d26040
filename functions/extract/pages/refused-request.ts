import { CallhouseError, CredentialsError, SourceUnavailableError, WrongRequestError } from '../../errors.ts';
import { countStuck } from '../../results.ts';
import type { PageRequest, Partition, Window } from '../../source/page.ts';
import { DAY_MS, dayOf } from '../../time.ts';
import type { StreamSession } from '../session/session.ts';
import { nextVariant, switchVariant } from './other-variant.ts';
import { smallerSizes } from './page-size.ts';
import { orFailure, probeFirstPage } from './probe-page.ts';
import type { PartitionOutcome } from './read-guide.ts';
import { PLACE_IS_LOST, variantOf } from './request-page.ts';
import type { PartitionScan } from './scan.ts';

/** If so many runs have failed at a place, the list is read from its beginning instead: more and more rarely. */
const STUCK_AT: ReadonlySet<number> = new Set([4, 16, 64, 256, 1024, 4096]);

/**
 * Decides whether a list can be read from its first page although the request of a page has failed.
 *
 * Some vendors answer a token that has expired as they answer wrong credentials (401, 403), or fail (500) at a place that does not exist
 * any more. If a read goes on where an earlier run was cut, and the vendor shows the first page of the list, then the list is read from
 * its beginning: at once where credentials are refused, and after several runs where the vendor fails, because that may pass.
 *
 * A first page that is refused may have too many records. If the vendor shows fewer, the list is read in smaller pages, else by the next
 * request variant.
 * @throws the given failure of a request in any other case
 */
export async function orBeginAgain(session: StreamSession, scan: PartitionScan, error: unknown): Promise<undefined> {
  const { page, next, partition } = scan.request();
  if (!scan.isAtStart(page)) throw error;
  if (next === undefined && page <= variantOf(session).firstPage) {
    if (!(error instanceof WrongRequestError)) throw error;
    if ((await findsAllowedSize(session, scan)) || switchesVariant(session)) return;
    throw error;
  }
  const isExpired = error instanceof CredentialsError && next !== undefined;
  const isStuck =
    error instanceof SourceUnavailableError && STUCK_AT.has(countStuck(session.progress, partition.id, page));
  if (!isExpired && !isStuck) throw error;
  const first = await orFailure(probeFirstPage(session, scan.request()));
  if (first === undefined || first instanceof CallhouseError) throw error;
  session.warnOnce(PLACE_IS_LOST);
}

/**
 * Requests the first page of a list with fewer records: with the fewest, and if the vendor shows them, with more. No vendor documents
 * how it refuses a size.
 * @returns true if the vendor shows a smaller page; that size is kept for this run and later ones
 */
async function findsAllowedSize(session: StreamSession, scan: PartitionScan): Promise<boolean> {
  const { size: refused, ...list } = scan.request();
  const sizes = smallerSizes(refused);
  if (sizes.length === 0) return false;
  const allowed = await greatestShown(session, [...sizes, refused], (size) => ({ ...list, size }));
  // If the vendor shows so many now, it has refused them for another reason, which has passed.
  if (allowed === undefined || allowed === refused) return false;
  session.progress.updateState({ mostPerPage: allowed });
  session.warnOnce(`the vendor refuses pages of ${refused} records; continuing with pages of ${allowed}`);
  return true;
}

type FirstPage = Pick<PageRequest, 'partition' | 'size' | 'window'>;

/**
 * The greatest of some numbers, the least first, for which the vendor shows the first page. It ends at the first one that is refused.
 * @param requestOf the request for a number
 */
async function greatestShown(
  session: StreamSession,
  numbers: readonly number[],
  requestOf: (number: number) => FirstPage,
): Promise<number | undefined> {
  let greatest: number | undefined;
  for (const number of numbers) {
    const page = await orFailure(probeFirstPage(session, requestOf(number)));
    if (page === undefined || page instanceof CallhouseError) break;
    greatest = number;
  }
  return greatest;
}

/** Switches to the next request variant, if there is one that the vendor has not refused in this run. */
function switchesVariant(session: StreamSession): boolean {
  const present = variantOf(session);
  if (!nextVariant(session, present)) return false;
  switchVariant(session, present, 'the vendor refuses the first page of a list');
  return true;
}

/** True if the vendor refused a complete range of figures, which has not been read in shorter ones yet. */
export function isRangeRefused(
  { stream: { kind, window } }: StreamSession,
  { isSplit, failure }: PartitionOutcome,
): boolean {
  return failure instanceof WrongRequestError && kind === 'daily' && window !== undefined && isSplit === undefined;
}

/** Days of figures to request if the vendor refuses more, the fewest first. Neighbouring ranges share a day, so that one alone leads nowhere. */
const FEWER_DAYS = [2, 7, 14, 30, 90, 180];

/**
 * Requests the last days of a range of figures that the vendor has refused: the fewest, and if it shows them, more.
 * @returns true if it shows fewer days; their number is kept for this run and later ones
 */
export async function findsAllowedDays(
  session: StreamSession,
  partition: Partition,
  window: Window | undefined,
): Promise<boolean> {
  const { stream, progress, at } = session;
  if (stream.kind !== 'daily' || !window) return false;
  const to = window.to ?? new Date(at);
  const refused = dayOf(to.getTime()) - dayOf(window.from.getTime()) + 1;
  const { mostDays = refused } = progress.state();
  // Another partition, which was requested at the same time, may have found it.
  if (mostDays < refused) return true;
  const fewer = FEWER_DAYS.filter((days) => days < refused);
  const allowed = await greatestShown(session, fewer, (days) => {
    const window = { from: new Date(to.getTime() - (days - 1) * DAY_MS), to };
    return { partition, size: stream.pageSize, window };
  });
  if (allowed === undefined) return false;
  progress.updateState({ mostDays: allowed });
  session.warnOnce(`the vendor refuses a range of ${refused} days; continuing with ranges of ${allowed}`);
  return true;
}
