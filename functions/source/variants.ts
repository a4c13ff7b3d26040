import { isJsonObject, kindOf, listOf, RawNumber, valueAtPath } from '../../schemas/json-text.ts';
import { ContractError } from '../errors.ts';
import { failureBeside, failureIn } from '../http/judge-answer.ts';
import { isNarrowed } from './applied-filters.ts';
import { readDayMaps } from './day-maps.ts';
import { isAnyNamed, unnamedParts } from './named-parts.ts';
import type { Page, PageRequest } from './page.ts';
import { type Answer, type ListPaging, otherPaging, type Paging, type Path, type Paths } from './paging.ts';

/** One of the ways to request a stream's list. */
export interface RequestVariant extends Pick<Paging, 'path' | 'ask'> {
  /** Kept from run to run. */
  readonly name: string;
  readonly firstPage: 0 | 1;
  /**
   * Reads an answer.
   * @throws ContractError if it reports a failure, or is not as declared; it names paths and kinds, never a value
   */
  readonly read: (body: unknown, request: PageRequest) => Page;
  /** Declared parts that no field of the answer has the name of, such as `page.total (answer.total)`. */
  readonly unnamed?: (body: unknown, isFull: boolean) => readonly string[];
  /** Finds the records of a page that was read before. @throws ContractError if there is no list of them */
  readonly records: (body: unknown, request: PageRequest) => readonly unknown[];
}

type Variants = readonly [RequestVariant, ...RequestVariant[]];
const variantsByStream = new WeakMap<ListPaging, Variants>();

/** The ways to request a stream's list, the preferred one first. */
export function variantsOf(stream: ListPaging): Variants {
  const known = variantsByStream.get(stream);
  if (known) return known;
  const { otherwise = [] } = stream;
  const others = otherwise.map((other, n) => variantOf(other.name || `otherwise-${n + 1}`, otherPaging(stream, other)));
  const variants: Variants = [variantOf('first', stream), ...others];
  variantsByStream.set(stream, variants);
  return variants;
}

/** An answer that says nothing about its parts is the list itself. */
const BARE: Answer = { records: '.' };

function variantOf(name: string, paging: Paging): RequestVariant {
  const { path, ask, firstPage = 1, answer = BARE, days } = paging;
  const read = paging.read ?? (days && ((body: unknown) => readDayMaps(days, body)));
  return {
    ...{ name, path, ask, firstPage },
    read(body, request) {
      checkSuccess(answer, body);
      return read ? read(body, request) : readAnswer(answer, body, request, firstPage);
    },
    ...(read || !hasPlainParts(answer) ? {} : { unnamed: (body, isFull) => unnamedParts(answer, body, isFull) }),
    records: (body, request) => (read ? read(body, request) : recordsOf(answer, body)).records,
  };
}

/** A part with several paths is one whose name the author does not know. */
function hasPlainParts({ page, total, more, pages, link }: Answer): boolean {
  return [page, total, more, pages, link].some((path) => typeof path === 'string');
}

function checkSuccess({ failed, records }: Answer, body: unknown): void {
  const failure = failed ? failed(body) && 'as declared' : (failureIn(body) ?? failureBeside(body, [records].flat()));
  const says = 'the vendor reported a failure with status 200';
  if (failure) throw new ContractError(`${says} (${failure}); expected a page of records`);
}

function readAnswer(answer: Answer, body: unknown, request: PageRequest, firstPage: number): Page {
  const total = countAt(body, answer.total);
  const begin = (request.page - firstPage) * request.size;
  const isPast = total !== undefined && total <= begin;
  const list = recordsOf(answer, body, isPast);
  const pages = countAt(body, answer.pages);
  const isBelowLast = pages === undefined ? undefined : request.page - firstPage + 1 < pages;
  const signals = [flagAt(body, answer.more), isBelowLast, hasLink(body, answer.link)];
  const page: Page = {
    ...list,
    // Behind the end, the total says that nothing is missing.
    ...(isPast && begin > 0 && { isDoubtful: false }),
    ...(answer.filters && isNarrowed(valueAt(body, answer.filters), request) && { isNarrowed: true, isDoubtful: true }),
    page: countAt(body, answer.page),
    total,
    more: moreOf(signals, list.records),
  };
  return answer.next === undefined ? page : { ...page, ...nextPageOf(answer.next, body, page, request) };
}

/** True if more pages follow. If the vendor's signals disagree, the list goes on as long as its pages have records. */
function moreOf(signals: readonly (boolean | undefined)[], records: readonly unknown[]): boolean | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  if (given.length === 0) return undefined;
  return given.includes(true) && (!given.includes(false) || records.length > 0);
}

/**
 * The value at a path; undefined if a part of the path is missing, null, `false` or an empty text.
 * @throws ContractError if a part of the path is another thing than an object
 */
export function valueAt(body: unknown, path: Path): unknown {
  if (path === '.') return body;
  const names = path.split('.');
  let value = body;
  for (const [n, name] of names.entries()) {
    // PHP writes an empty object as an empty list.
    const isNothing = value === '' || value === false || (Array.isArray(value) && value.length === 0);
    if (value === null || value === undefined || (n > 0 && isNothing)) return undefined;
    if (!isJsonObject(value)) throw wrong(names.slice(0, n).join('.') || 'the answer', value, 'an object');
    value = Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}

/** The value at each of the paths. Of several, each is another form of the answer, so one that leads through a list says nothing. */
function valuesAt(body: unknown, paths: readonly Path[]): readonly unknown[] {
  if (paths.length === 1) return paths.map((path) => valueAt(body, path));
  return paths.map((path) => (path === '.' ? body : valueAtPath(body, path.split('.'))));
}

/** An answer that is not as declared. @param path of the value, or what it is */
export function wrong(path: string, value: unknown, expected: string): ContractError {
  const seen = value === undefined ? 'is missing' : `is ${value === null ? 'null' : kindOf(value)}`;
  return new ContractError(`the answer is not what the vendor's document says: ${path} ${seen}; expected ${expected}`);
}

/** The list of records. @param isPast the total says that the page has none, so that the list may be left out @throws ContractError */
export function recordsOf(
  { records: declared }: Pick<Answer, 'records'>,
  body: unknown,
  isPast = false,
): Pick<Page, 'records' | 'isDoubtful'> {
  const paths = [declared].flat();
  const values = valuesAt(body, paths);
  for (const value of values) {
    const records = listOf(value);
    if (records) return { records };
  }
  const isTold = values.some((value, n) => paths[n] !== '.' && (value === null || isEmptyObject(value)));
  const isLeftOut = isPast && values.every((value) => value === undefined || value === false || value === '');
  if (isTold || isLeftOut) return { records: [], isDoubtful: true };
  const given = values.find((value) => value !== undefined);
  throw wrong(paths[0] === '.' ? 'the answer' : paths.join(' or '), given, 'a list');
}

function isEmptyObject(value: unknown): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}

/** The first usable value at the paths. */
function firstAt<T>(body: unknown, paths: Paths | undefined, usable: (value: unknown) => T | undefined): T | undefined {
  return valuesAt(body, [paths ?? []].flat())
    .map(usable)
    .find((value) => value !== undefined);
}

/** A count. Some servers send it as text. */
function countAt(body: unknown, paths: Paths | undefined): number | undefined {
  return firstAt(body, paths, (value) => {
    const count = typeof value === 'string' && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : value;
    return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
  });
}

/** A flag. Some servers send it as text, or as 1 and 0. */
function flagAt(body: unknown, paths: Paths | undefined): boolean | undefined {
  return firstAt(body, paths, (value) => {
    const word = typeof value === 'object' ? '' : String(value).trim().toLowerCase();
    return word === 'true' || word === '1' || (word === 'false' || word === '0' ? false : undefined);
  });
}

/** True if there is an address of a next page, false if it is null. Laravel has lists of links where others have objects. */
function hasLink(body: unknown, paths: Paths | undefined): boolean | undefined {
  for (const path of [paths ?? []].flat()) {
    const value = valueAtPath(body, path.split('.'));
    if (value === null || typeof value === 'string') return Boolean(value);
  }
  return undefined;
}

type NextPage = Pick<Page, 'more' | 'next' | 'paging' | 'unnamedToken'>;

/** The token of the next page. @throws ContractError if it is missing where more is promised, or the one of this page */
function nextPageOf(next: NonNullable<Answer['next']>, body: unknown, page: Page, request: PageRequest): NextPage {
  if (typeof next === 'object' && 'offset' in next)
    return { more: page.more, next: String(Number(request.next ?? 0) + page.records.length), paging: 'token' };
  if (typeof next === 'object' && 'last' in next) return nextPageFromLast(next.last, page, request);
  const { more } = page;
  const { token, path, isLinked } = tokenAt(next, body);
  // Some vendors give a token with the last page too; if that is full, or below the total, the page of the token is requested.
  if (more === false)
    return { more, paging: 'token', ...(token !== undefined && token !== request.next && { next: token }) };
  if (token === undefined) {
    if (!more && !isLinked) {
      const paths = typeof next === 'object' && 'link' in next ? next.link : next;
      return { more: false, paging: 'token', ...(isAnyNamed(body, paths) ? {} : { unnamedToken: path }) };
    }
    throw new ContractError(`the answer says that more pages follow, and has no token for the next one in ${path}`);
  }
  // Some vendors repeat the token where nothing follows.
  if (token === request.next && page.records.length === 0 && !more) return { more: false, paging: 'token' };
  if (token === request.next)
    throw new ContractError(`the token of the next page in ${path} is the one of this page; expected another`);
  return { more: true, next: token, paging: 'token' };
}

interface FoundToken {
  readonly token: string | undefined;
  readonly path: string;
  /** There is an address of a next page. */
  readonly isLinked: boolean;
}

function tokenAt(next: Paths | { readonly link: Path; readonly parameter: string }, body: unknown): FoundToken {
  if (typeof next === 'object' && 'link' in next) {
    const link = valueAt(body, next.link);
    const isLinked = typeof link === 'string' && link !== '';
    const token = isLinked ? parameterOf(link, next.parameter) : undefined;
    return { token, path: `parameter ${next.parameter} of ${next.link}`, isLinked };
  }
  return { token: firstAt(body, next, tokenOf), path: [next].flat().join(' or '), isLinked: false };
}

/** A token is any text, or a number other than 0. */
function tokenOf(value: unknown): string | undefined {
  if (value instanceof RawNumber) return value.text;
  return (typeof value === 'string' || typeof value === 'number') && value ? String(value) : undefined;
}

function parameterOf(link: string, parameter: string): string | undefined {
  const query = link.includes('?') ? link.slice(link.indexOf('?') + 1).replace(/#.*$/s, '') : '';
  return new URLSearchParams(query).get(parameter) || undefined;
}

/** A page that ends with the value that it began with is the last one, unless it is full: then records are hidden behind it. */
function nextPageFromLast(path: Path, { records, more }: Page, { next, size }: PageRequest): NextPage {
  if (records.length === 0 || more === false) return { more: false, paging: 'overlapping' };
  const [first, last] = [records[0], records.at(-1)].map((record) => tokenOf(valueAt(record, path)));
  if (last === undefined)
    throw new ContractError(`the last record of a page has no ${path}; expected where the next page begins`);
  if (last !== next) return { more: true, next: last, paging: 'overlapping' };
  if (first !== next)
    throw new ContractError(
      `a page was requested from a value of ${path}, and ends with it; expected it to begin there`,
    );
  if (records.length >= size || more === true)
    throw new ContractError(
      `all ${records.length} records of a page have one ${path}; expected fewer than a page of them, because the next page begins there`,
    );
  return { more: false, paging: 'overlapping' };
}
