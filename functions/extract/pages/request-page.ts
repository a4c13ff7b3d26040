import { isJsonObject, valueAtPath } from '../../../schemas/json-text.ts';
import { AnswerTooLargeError, ContractError, RequestRefusedError } from '../../errors.ts';
import { type HttpRequest, pageUrl } from '../../http/send.ts';
import { isBlank } from '../../lake/digest.ts';
import { clearStuck, placeOf } from '../../results.ts';
import { NARROWED } from '../../source/applied-filters.ts';
import type { Page, PageRequest, Partition, Window } from '../../source/page.ts';
import type { SourceContext, Stream } from '../../source/source.ts';
import { type RequestVariant, variantsOf } from '../../source/variants.ts';
import { withoutErased } from '../redact/drop-records.ts';
import type { StreamSession } from '../session/session.ts';
import type { FetchedPage, NextStep } from './fetched-page.ts';
import { inDoubt, judgeAfterEnd, REFUSED_SECOND, warnOfEmptyPage } from './judge-after-end.ts';
import { judgeNested } from './judge-nested.ts';
import { checkNames } from './names-record.ts';
import { isVariantRefused, nextVariant, returnToFirstVariant, switchVariant } from './other-variant.ts';
import { checkInside } from './outside-window.ts';
import type { PartitionScan } from './scan.ts';
import { writeWindow } from './write-window.ts';

/** Most records of one page: their rows are in memory at once. */
const MOST_RECORDS = 100_000;

/**
 * Requests the next page of a scan, by the request variant in use.
 * @returns `no such page` if the vendor refuses a page where the list may have ended. Undefined if the list must be read from its beginning,
 * because the vendor refuses the page or the token of a read that was cut, or a request variant other than the first declared one, which is
 * in use from then on
 * @throws what the HTTP client throws
 */
export async function requestPage(
  session: StreamSession,
  scan: PartitionScan,
): Promise<FetchedPage | 'no such page' | undefined> {
  const { client, id, keyOf } = session;
  const request = scan.request();
  const { partition, page: number, next: token } = request;
  checkIds(session, partition);
  const variant = variantOf(session);
  const read = (json: unknown) => {
    const page = variant.read(json, request);
    if (session.stream.kind === 'details' || session.stream.kind === 'per-parent') checkNames(session, page, partition);
    return { page, json };
  };
  try {
    const { value, bytes, isRepeated } = await client.request(httpRequest(session, variant, request), id, read);
    if (isRepeated) noteRepeated(session);
    const { records } = value.page;
    checkSize(session, request.size, value.page);
    const place = placeOf(partition.id, number);
    if (scan.isAtStart(number)) clearStuck(session.progress, (one) => one === place);
    await session.loadFirstKeys?.(records, partition.context);
    const keys = records.map((record) => keyOf(record, partition.context));
    const page: FetchedPage = { ...value.page, partition, number, token, keys, body: value.json, bytes };
    return session.erasedKeyOf ? withoutErased(page, session.erasedKeyOf) : page;
  } catch (error) {
    if (error instanceof AnswerTooLargeError && scan.useSmallerPages()) {
      session.warnOnce(
        `a page of ${request.size} records is too large; continuing with pages of ${scan.request().size}`,
      );
      return requestPage(session, scan);
    }
    if (scan.mayHaveEnded() && error instanceof RequestRefusedError) return 'no such page';
    if (scan.isDoubtingEnd() && error instanceof ContractError) throw inDoubt(error);
    const isRefusedPlace = token === undefined ? isPageRefused(error, variant, number) : error instanceof ContractError;
    if (isRefusedPlace && scan.isAtStart(number)) return void session.warnOnce(PLACE_IS_LOST);
    // After a doubted end, the answer to another request variant would be taken for the answer to this one.
    if (!isVariantRefused(error) || scan.isDoubtingEnd() || variant === variantsOf(session.stream)[0]) throw error;
    returnToFirstVariant(session, variant);
    return undefined;
  }
}

/** Counts a page with an object that has two members of one name. */
function noteRepeated({ stream, rejects, warnOnce }: StreamSession): void {
  rejects.add(stream.tables[0].name, '', REPEATED);
  warnOnce(`${stream.path}: ${REPEATED}; values or records may be missing. Ask the vendor about it`);
}

const REPEATED = 'a page with a name twice in one object, of which the last one counts';

export const PLACE_IS_LOST =
  'the vendor does not show the page at which a read was cut; the list is read from its beginning';

/** A list that is shorter now may have no such page; it always has a first one. */
function isPageRefused(error: unknown, { firstPage }: RequestVariant, number: number): boolean {
  return error instanceof RequestRefusedError && number > firstPage;
}

/** A page must fit into memory; and the pages of a vendor that does not heed their size begin elsewhere, so that records would be missing. */
function checkSize({ stream, id }: StreamSession, size: number, { records: { length }, more }: Page): void {
  if (length > MOST_RECORDS) {
    const seen = `the answer has ${length} records; expected one page of at most ${MOST_RECORDS}`;
    throw new AnswerTooLargeError(`${stream.path}: ${seen}`, id);
  }
  if (size >= stream.pageSize || length === size || (length < size && !more)) return;
  const asked = `pages of ${size} records were requested, because larger ones are refused or do not fit into memory`;
  throw new ContractError(`${stream.path}: ${asked}, and one has ${length}; expected ${size}`, id);
}

/** What the request of a page depends on. */
interface PageSource {
  readonly baseUrl: string;
  readonly stream: Stream;
  readonly siblings: Pick<SourceContext, 'options'>;
}

/** The request of a page. */
export function httpRequest(
  { baseUrl, stream, siblings: { options } }: PageSource,
  { path, ask }: RequestVariant,
  { partition, page, size, next, window }: PageRequest,
): HttpRequest {
  const written = window && stream.window ? writeWindow(window, stream.window) : { from: undefined, to: undefined };
  const asked = ask({ size, page, next, ...written, partition });
  const { query = {}, body } = asked;
  const url = pageUrl(baseUrl, path, { ...partition, params: { ...options, ...partition.params } }, query);
  return body ? { method: 'POST', path, url, body: JSON.stringify(body) } : { method: 'GET', path, url };
}

/**
 * Judges a page by what the scan has seen. A page that contradicts it may be a passing fault, so it is requested again, and the
 * second answer is used. If the vendor does not page, the next declared request variant is used and the list begins again.
 * @throws ContractError if there is no other request variant
 */
export function judgePage(
  session: StreamSession,
  scan: PartitionScan,
  page: FetchedPage | 'no such page' | undefined,
): NextStep {
  if (page === undefined) return 'begin again';
  if (page === 'no such page') {
    if (scan.askAgain()) return 'ask again';
    if (!isFirstShown(session, scan)) return 'ends';
    session.warnOnce(REFUSED_SECOND);
    return 'ends in doubt';
  }
  const fault = pagingFault(scan, page);
  if (scan.isDoubtingEnd()) return judgeAfterEnd(session, scan, { page, fault });
  if (fault === undefined && !isUnexpectedlyEmpty(session, scan, page)) return page;
  if (scan.askAgain()) return 'ask again';
  if (fault === undefined) {
    const isLostPlace = page.token !== undefined && scan.isAtStart(page.number);
    if (isLostPlace) session.warnOnce(PLACE_IS_LOST);
    else if (page.more === true) warnOfEmptyPage(session, scan, page);
    return isLostPlace ? 'begin again' : page;
  }
  if (isEchoRight(page) && scan.mayHaveMoved(page)) return page;
  const isComplete = page.more === undefined && page.records.length !== scan.request().size;
  if (isComplete && scan.repeats(page) && !nextVariant(session, variantOf(session))) return 'has one page';
  switchVariant(session, variantOf(session), fault);
  return 'begin again';
}

/**
 * True if only one page of a list has been read, in its first load. More pages may exist even if it is not full, because some vendors
 * give fewer records than requested.
 */
function isFirstShown({ stream, progress }: StreamSession, scan: PartitionScan): boolean {
  if (scan.isDoubtingEnd() || scan.total() !== undefined || scan.summary('').pages > 1) return false;
  return stream.kind === 'per-parent' || progress.state().sweptAt === undefined;
}

/** What is missing from fewer records than this may be optional. */
const FEWEST_TO_JUDGE = 5;

/**
 * Checks the records of a page. If none can become a row, because no record of the stream's first page has a field of the key, or none of
 * several has a key at all, the stream fails; its pages are kept raw all the same. If no record of the first page has an order, the list
 * is read completely each time, which a warning says.
 */
export function checkRecords(session: StreamSession, page: FetchedPage, window: Window | undefined): void {
  const { stream, digest, id, progress, warnOnce } = session;
  if (page.isNarrowed) warnOnce(`${stream.path}: ${NARROWED}`);
  if (page.records.length === 0) return;
  const records = page.records.filter(isJsonObject);
  const [{ name, key, columns, explode }] = stream.tables;
  const isSeen = (path: string) => records.some((record) => valueAtPath(record, path.split('.')) !== undefined);
  const missing = (what: string, expected: string) =>
    `${stream.path}: no record of this page ${what}; expected ${expected}; correct the declaration`;
  const isFirst = digest.isEmpty();
  if (window && stream.window?.required && progress.state().sweptAt === undefined)
    checkInside(session, records, window);
  const isKeyless = page.records.length >= FEWEST_TO_JUDGE && page.keys.every((own) => own === undefined);
  const unseen = key.find((column) => !columns[column]?.paths.some((path) => /^[$^]/.test(path) || isSeen(path)));
  if (!explode && (isKeyless || (isFirst && unseen !== undefined))) {
    const field = `has a field ${columns[unseen ?? '']?.paths.join(' or ')}`;
    const what = records.length === 0 ? 'is an object' : unseen === undefined ? 'has a usable key' : field;
    const expected = `key column ${unseen ?? key.join(', ')} of ${name}`;
    progress.fail(new ContractError(`${missing(what, expected)}. Its records are kept raw`, id));
  }
  if (!isFirst || records.length === 0) return;
  if (isNested(stream)) judgeNested(session, records);
  for (const part of variantOf(session).unnamed?.(page.body, records.length >= stream.pageSize) ?? [])
    warnOnce(`${stream.path}: no answer had a field ${part}; if its name is misspelt, correct the declaration`);
  if (stream.kind !== 'collection' || records.length < FEWEST_TO_JUDGE) return;
  for (const path of stream.order)
    if (!isSeen(path)) warnOnce(missing(`has a field ${path}`, 'a field that the list is sorted by'));
}

/** True if columns read more than the fields of a record. */
function isNested({ tables: [main, ...children] }: Stream): boolean {
  return (
    children.length > 0 || Object.values(main.columns).some(({ paths }) => paths.some((path) => path.includes('.')))
  );
}

/** What is wrong with the way the vendor pages, judged by the page it echoes and by the records themselves. */
function pagingFault(scan: PartitionScan, page: FetchedPage): string | undefined {
  if (!isEchoRight(page)) return `page ${page.number} was requested and the answer says another page`;
  return scan.repeats(page) ? `page ${page.number} repeats the page before it` : undefined;
}

function isEchoRight({ page, number }: FetchedPage): boolean {
  return page === undefined || page === number;
}

/**
 * An empty page where records are expected: where a read was cut, at the beginning of a list that has known records, where the vendor says
 * that more follow, or after a full page; and the second page of a list that was never read before, and gives no end signal.
 */
function isUnexpectedlyEmpty(session: StreamSession, scan: PartitionScan, { records, more }: FetchedPage): boolean {
  const { partition, window, page, next } = scan.request();
  if (records.length > 0 || session.stream.pageSize === 0) return false;
  const mayHideOthers = () => more === undefined && session.stream.kind === 'collection' && isFirstShown(session, scan);
  const isBetween = more === true && next === undefined && scan.total() === undefined;
  if (!scan.isAtStart(page)) return scan.expectsRecords() || mayHideOthers() || isBetween;
  if (next !== undefined || more === true) return true;
  return session.stream.kind === 'collection' && window === undefined && session.liveIn(partition) > 0;
}

/** Without an id, or with dots in its place, an address would be that of another list. @throws ContractError */
function checkIds({ stream, id }: StreamSession, { params, query }: Partition): void {
  const dots = Object.entries(params ?? {}).find(([, value]) => /^\.\.?$/.test(value));
  const [name] = Object.entries({ ...params, ...query }).find(([, value]) => isBlank(value)) ?? dots ?? [];
  if (name !== undefined)
    throw new ContractError(`${stream.path}: a partition has no usable value for ${name}; expected an id`, id);
}

/** The request variant that worked last time, or the first declared one. */
export function variantOf({ stream, progress }: StreamSession): RequestVariant {
  const variants = variantsOf(stream);
  return variants.find(({ name }) => name === progress.state().variant) ?? variants[0];
}

/** Records to request per page: as many as given, unless the vendor has refused so many. */
export function allowedSize({ progress }: Pick<StreamSession, 'progress'>, size: number): number {
  return Math.min(size, progress.state().mostPerPage ?? size);
}
