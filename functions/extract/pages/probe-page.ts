import { CallhouseError, ContractError, RequestRefusedError } from '../../errors.ts';
import type { Page, PageRequest } from '../../source/page.ts';
import type { Stream } from '../../source/source.ts';
import type { StreamSession } from '../session/session.ts';
import { httpRequest, variantOf } from './request-page.ts';
import type { PartitionScan } from './scan.ts';

/**
 * Requests a page that belongs to no read, to see what the vendor shows.
 * @param stream the declaration that the request is made by @default the session's
 * @returns undefined if the vendor refuses the request (4xx)
 * @throws what the HTTP client throws besides, also if the answer cannot be read
 */
export async function probePage(
  session: StreamSession,
  request: PageRequest,
  stream: Stream = session.stream,
): Promise<Page | undefined> {
  const variant = variantOf(session);
  const asked = httpRequest({ ...session, stream }, variant, request);
  try {
    return (await session.client.request(asked, session.id, (body) => variant.read(body, request))).value;
  } catch (error) {
    if (error instanceof RequestRefusedError) return undefined;
    throw error;
  }
}

/**
 * Requests the first page of a list, as {@link probePage} does.
 * @param list any request of the list, or its partition, window and records per page
 */
export async function probeFirstPage(
  session: StreamSession,
  { partition, size, window }: Pick<PageRequest, 'partition' | 'size' | 'window'>,
  stream?: Stream,
): Promise<Page | undefined> {
  const { firstPage: page } = variantOf(session);
  return probePage(session, { partition, page, size, ...(window && { window }) }, stream);
}

/** What `work` gives, or its failure, for a caller that continues in either case. @throws what is not an expected failure */
export async function orFailure<T>(work: Promise<T>): Promise<T | CallhouseError> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof CallhouseError) return error;
    throw error;
  }
}

/**
 * Requests the first page of a list of which a later page does not exist (404), to see whether the list does.
 * @returns why the list could not be read to its end; undefined if the vendor refuses its first page too, so that it has disappeared
 */
export async function whyCutShort(
  session: StreamSession,
  scan: PartitionScan,
  failure: CallhouseError,
): Promise<CallhouseError | undefined> {
  const { pages, records } = scan.summary('');
  if (pages === 0) return undefined;
  const first = await orFailure(probeFirstPage(session, scan.request()));
  if (first === undefined || first instanceof CallhouseError) return first;
  const seen = `pages before it showed ${records} records, and the vendor still shows the first one`;
  const text = `${failure.reason}. ${seen}; expected the list to its end. What was shown is kept, and the next run reads it again`;
  return new ContractError(text, session.id);
}
