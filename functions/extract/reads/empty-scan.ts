import { CallhouseError, ContractError } from '../../errors.ts';
import type { WindowRule } from '../../source/source.ts';
import { durationMs } from '../../time.ts';
import { httpRequest, variantOf } from '../pages/request-page.ts';
import type { PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';

const OTHER_UNIT = { seconds: 'millis', millis: 'seconds' } as const;

/**
 * Requests the newest window once in the other unit of time, after a first load that found no record: asked for the year 55,000, or for
 * a day in 1970, a vendor shows an empty list.
 * @returns what is wrong with the declaration, if it shows records then
 */
export async function wrongUnit(
  session: StreamSession,
  { partitions: [partition], window: range }: Pick<PlannedRead, 'partitions' | 'window'>,
): Promise<ContractError | undefined> {
  const { stream, client, id, digest } = session;
  const { window: rule } = stream;
  if (!rule || (rule.as !== 'seconds' && rule.as !== 'millis')) return undefined;
  if (!partition || !range || !digest.isEmpty()) return undefined;
  const as = OTHER_UNIT[rule.as];
  const end = range.to?.getTime() ?? session.at;
  const window = { from: new Date(Math.max(range.from.getTime(), end - longestOf(rule))), to: new Date(end) };
  const variant = variantOf(session);
  const request = { partition, page: variant.firstPage, size: stream.pageSize, window };
  const asked = { ...session, stream: { ...stream, window: { ...rule, as } } };
  let shown = 0;
  try {
    const { value } = await client.request(httpRequest(asked, variant, request), id, (json) =>
      variant.records(json, request),
    );
    shown = value.length;
  } catch (error) {
    // The list was read as declared; whether it is empty is all that was to be known.
    if (!(error instanceof CallhouseError)) throw error;
  }
  if (shown === 0) return undefined;
  return new ContractError(
    `${stream.path}: no window has a record, and the newest one has some if it is requested in ${as}; expected window.as: '${as}'; ` +
      'correct the declaration',
    id,
  );
}

function longestOf({ longest }: WindowRule): number {
  return longest === undefined ? Number.POSITIVE_INFINITY : durationMs(longest);
}

/** The list names what other streams read, so an empty one would look like an account without data. */
export function emptyList({ stream, id }: StreamSession): ContractError {
  return new ContractError(`${stream.path}: the list has no record with a key; expected at least one`, id);
}
