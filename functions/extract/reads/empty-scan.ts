import { ContractError, SourceUnavailableError } from '../../errors.ts';
import type { PageRequest } from '../../source/page.ts';
import type { Stream, WindowRule } from '../../source/source.ts';
import { durationMs } from '../../time.ts';
import { probeFirstPage } from '../pages/probe-page.ts';
import { allowedSize } from '../pages/request-page.ts';
import type { PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';

/** Says why a full scan without any record cannot be right; undefined if the list may be empty. */
export async function whyEmpty(session: StreamSession, plan: PlannedRead): Promise<ContractError | undefined> {
  return session.stream.skipWhenOptionSet === undefined ? wrongUnit(session, plan) : emptyList(session);
}

const OTHER_UNIT = { seconds: 'millis', millis: 'seconds' } as const;

/**
 * Requests the newest window once in the other unit of time, after a first load that found no record. A wrong unit asks for the year 55,000
 * or for a day in 1970, for which a vendor shows an empty list.
 * @returns what is wrong with the declaration, if the window has records then
 */
async function wrongUnit(
  session: StreamSession,
  { partitions: [partition], window: range }: PlannedRead,
): Promise<ContractError | undefined> {
  const { stream, id, digest } = session;
  const { window: rule } = stream;
  if (!rule || (rule.as !== 'seconds' && rule.as !== 'millis')) return undefined;
  if (!partition || !range || !digest.isEmpty()) return undefined;
  const as = OTHER_UNIT[rule.as];
  const end = range.to?.getTime() ?? session.at;
  const window = { from: new Date(Math.max(range.from.getTime(), end - longestOf(rule))), to: new Date(end) };
  const list = { partition, size: allowedSize(session, stream.pageSize), window };
  if (!(await showsRecords(session, list, { ...stream, window: { ...rule, as } }))) return undefined;
  return new ContractError(
    `${stream.path}: no window has a record, and the newest one has some if it is requested in ${as}; expected window.as: '${as}'; ` +
      'correct the declaration',
    id,
  );
}

/** True if the first page has records. False also if the request fails: the vendor may not understand a time so far off. */
async function showsRecords(
  session: StreamSession,
  list: Pick<PageRequest, 'partition' | 'size' | 'window'>,
  stream: Stream,
): Promise<boolean> {
  try {
    const page = await probeFirstPage(session, list, stream);
    return page !== undefined && page.records.length > 0;
  } catch (error) {
    if (error instanceof ContractError || error instanceof SourceUnavailableError) return false;
    throw error;
  }
}

function longestOf({ longest }: WindowRule): number {
  return longest === undefined ? Number.POSITIVE_INFINITY : durationMs(longest);
}

/** The failure of an empty list that names what other streams read: it would look like an account without data. */
function emptyList({ stream, id }: StreamSession): ContractError {
  return new ContractError(`${stream.path}: the list has no record with a key; expected at least one`, id);
}
