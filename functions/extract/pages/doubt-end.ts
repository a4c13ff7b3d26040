import { ContractError } from '../../errors.ts';
import type { PageRequest } from '../../source/page.ts';
import type { StreamSession } from '../session/session.ts';
import type { FetchedPage } from './fetched-page.ts';
import { probePage } from './probe-page.ts';
import { variantOf } from './request-page.ts';
import type { PartitionScan } from './scan.ts';

/**
 * Checks the end of a list with tokens after an answer without a field for one. If it is the first page and full, the declared path may be
 * misspelt. The vendor's total decides. Without a total, a page of half the size is requested: other records follow it, so it must have
 * a token.
 * @throws ContractError if the path is wrong
 */
export async function doubtEnd(
  session: StreamSession,
  scan: PartitionScan,
  { page, request }: { readonly page: FetchedPage; readonly request: PageRequest },
): Promise<void> {
  const { records, total, unnamedToken = '' } = page;
  const isFirst = request.next === undefined && request.page === variantOf(session).firstPage;
  if (!isFirst || records.length < request.size || (total !== undefined && total <= records.length)) return;
  const size = Math.floor(request.size / 2);
  const half = total === undefined && size > 0 ? await probePage(session, { ...request, size }) : undefined;
  if (half?.next !== undefined) return;
  const seen = `no answer had a field ${unnamedToken} (answer.next), and the first page is full`;
  const isHalf = half?.unnamedToken !== undefined && half.records.length === size;
  if (total !== undefined || isHalf) throw wrongPath(session, seen);
  // The vendor does not heed the size of a page, so nothing decides whether this is the last one.
  scan.endAsTold(false);
  session.warnOnce(`${session.stream.path}: ${seen}; if the list has more records, correct the declaration`);
}

function wrongPath({ stream, id }: StreamSession, seen: string): ContractError {
  const expected = 'expected the token of the next page, because more records follow';
  return new ContractError(`${stream.path}: ${seen}; ${expected}. What was shown is kept; correct the declaration`, id);
}
