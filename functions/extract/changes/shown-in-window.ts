import { CallhouseError, ContractError } from '../../errors.ts';
import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import type { Window } from '../../source/page.ts';
import type { Stream } from '../../source/source.ts';
import { DAY_MS, MINUTE_MS } from '../../time.ts';
import { httpRequest, variantOf } from '../pages/request-page.ts';
import type { PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';

/** A record that a full scan takes for removed. */
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
 * Requests a window around a record before any removal counts, if the vendor filters by time. A list that silently ends after so many
 * records, or days, shows less of history after each new record.
 * @returns what is wrong, if the window shows the record
 */
export async function whyNotGone(
  session: StreamSession,
  { partitions, window: range }: PlannedRead,
  { key, entry }: GoneRecord,
): Promise<ContractError | undefined> {
  const { stream, client, id, keyOf } = session;
  const window = windowOf(stream, entry);
  const partition = partitions.find((one) => one.id === entry.group) ?? partitions.find(({ sweepOnly }) => !sweepOnly);
  if (!window || !partition || range) return undefined;
  const variant = variantOf(session);
  const request = { partition, page: variant.firstPage, size: stream.pageSize, window };
  let isShown = false;
  try {
    const { value } = await client.request(httpRequest(session, variant, request), id, (json) =>
      variant.records(json, request),
    );
    isShown = value.some((record) => keyOf(record, partition.context) === key);
  } catch (error) {
    // The scan itself was complete; the filter may refuse what is so old.
    if (!(error instanceof CallhouseError)) throw error;
  }
  if (!isShown) return undefined;
  return new ContractError(
    `${stream.path}: a window of time shows a record that the complete list lacks, so the list does not show everything; nothing is marked ` +
      "removed. Look into the vendor's document, and declare window.cap (most records that a query shows) or window.required (without a " +
      'window only the last days are shown)',
    id,
  );
}

/** A short window around the begin of a record; undefined if the vendor has no filter, or if it is not known when the record began. */
function windowOf(stream: Stream, { sortedAt, sortedBy = 0, partOn }: DigestEntry): Required<Window> | undefined {
  const { window, tables } = stream;
  if (!window) return undefined;
  const [{ columns, partOn: dayColumn }] = tables;
  const field = stream.kind === 'collection' ? stream.order[sortedBy] : undefined;
  if (sortedAt !== undefined && field !== undefined && columns[window.by]?.paths.includes(field))
    return { from: new Date(sortedAt - MINUTE_MS), to: new Date(sortedAt + MINUTE_MS) };
  if (dayColumn !== window.by) return undefined;
  return { from: new Date(partOn * DAY_MS), to: new Date((partOn + 1) * DAY_MS) };
}
