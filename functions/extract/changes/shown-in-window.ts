import { CallhouseError, ContractError } from '../../errors.ts';
import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import type { Partition, Window } from '../../source/page.ts';
import type { Stream } from '../../source/source.ts';
import { DAY_MS, MINUTE_MS } from '../../time.ts';
import { beganAt } from '../pages/outside-window.ts';
import { orFailure, probePage } from '../pages/probe-page.ts';
import { allowedSize, variantOf } from '../pages/request-page.ts';
import type { PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';

/** A record that a full scan did not show. */
export interface GoneRecord {
  readonly key: string;
  readonly entry: DigestEntry;
}

/** The older of two records, by when they began. */
export function older(stream: Stream, one: GoneRecord | undefined, other: GoneRecord): GoneRecord {
  const at = ({ entry }: GoneRecord) => windowOf(stream, entry)?.from.getTime() ?? Number.POSITIVE_INFINITY;
  return one && at(one) <= at(other) ? one : other;
}

/**
 * Looks for a record in a short window around its beginning, before any removal counts. The vendor must filter by time. A list that silently
 * ends after so many records or days loses its oldest ones as new ones arrive; such a window still shows them.
 * @returns what is wrong, if the window shows the record; why it could not be looked for, if a request failed. Undefined if the record is
 * not shown, or if the vendor refuses a window so long ago
 */
export async function whyNotGone(
  session: StreamSession,
  plan: PlannedRead,
  record: GoneRecord,
): Promise<CallhouseError | undefined> {
  const { stream, id } = session;
  const found = await lookFor(session, plan, record);
  if (found instanceof CallhouseError) return found;
  if (!found) return undefined;
  return new ContractError(
    `${stream.path}: a window of time shows a record that the complete list lacks, so the list does not show everything; nothing is marked ` +
      "removed. Look into the vendor's document, and declare window.cap (most records that a query shows), window.longest (longer windows " +
      'are cut) or window.required (without a window only the last days are shown)',
    id,
  );
}

/**
 * Looks for a record in a short window around its beginning.
 * @returns why that failed. False if the record is not shown, the vendor refuses the window, or it has no filter on time
 */
export async function lookFor(
  session: StreamSession,
  { partitions }: PlannedRead,
  { key, entry }: GoneRecord,
): Promise<boolean | CallhouseError> {
  const window = windowOf(session.stream, entry);
  const partition = partitions.find((one) => one.id === entry.group) ?? partitions.find(({ sweepOnly }) => !sweepOnly);
  if (!window || !partition) return false;
  return orFailure(windowShows(session, { partition, window, key }));
}

/** A window has few pages, even if the vendor filters by day. If it has more, the vendor ignores the filter. */
const MOST_PAGES = 10;

interface Sought {
  readonly partition: Partition;
  readonly window: Window;
  readonly key: string;
}

/** True if a page of the window shows the record. False too if the vendor refuses one (4xx). */
async function windowShows(session: StreamSession, { partition, window, key }: Sought): Promise<boolean> {
  const { keyOf, stream } = session;
  const size = allowedSize(session, stream.pageSize);
  const { firstPage } = variantOf(session);
  const seen = new Set<string>();
  let next: string | undefined;
  for (let n = 0; n < MOST_PAGES; n += 1) {
    const request = { partition, page: firstPage + n, size, window, ...(next === undefined ? {} : { next }) };
    const page = await probePage(session, request);
    const keys = page?.records.map((record) => keyOf(record, partition.context)) ?? [];
    if (keys.includes(key)) return true;
    const isNew = keys.some((one) => one !== undefined && !seen.has(one));
    // Vendors that filter what a page has found show empty pages, each with a new token.
    const isPassing = page?.paging === 'token' && keys.length === 0 && page.next !== next;
    if (!page || page.more === false || size === 0 || !(isNew || isPassing)) return false;
    for (const one of keys) if (one !== undefined) seen.add(one);
    next = page.next;
  }
  return false;
}

/** A short window around the beginning of a record. Undefined if the vendor has no filter, or it is not known when the record began. */
function windowOf(stream: Stream, entry: DigestEntry): Required<Window> | undefined {
  const began = stream.window && beganAt(stream, entry);
  if (!began) return undefined;
  const [before, after] = began.isDay ? [0, DAY_MS] : [MINUTE_MS, MINUTE_MS];
  return { from: new Date(began.at - before), to: new Date(began.at + after) };
}
