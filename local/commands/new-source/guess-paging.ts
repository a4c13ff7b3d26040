import { isJsonObject } from '../../../schemas/json-text.ts';

/** How a saved answer shows that its list is paged. */
export interface GuessedPaging {
  /** Parts of `answer` besides `records`, as source text. */
  readonly answer: Readonly<Record<string, string>>;
  /** Parameters of the request of a page: what `ask` gives each of them. */
  readonly query: Readonly<Record<string, 'page' | 'next' | 'size'>>;
  /** What `functions/source/paging.ts` must be imported for. */
  readonly helper?: 'inLink' | 'byOffset';
  readonly firstPage?: 0;
}

interface Field {
  readonly path: string;
  readonly value: unknown;
}

/** Names that vendors use, by what they mean: in lower case, without `_` and `-`. */
const NAMES = {
  token: /(^|\.)(next(page)?(token|cursor|key|after)|cursor|paginationkey|pagetoken|continuationtoken|next)$/,
  link: /(^|\.)next(page)?(uri|url|link|href)?(\.(uri|url|link|href))?$/,
  more: /(^|\.)(has(more|next|nextpage)|more|moreavailable)$/,
  page: /(^|\.)(page|currentpage|pagenumber|pageindex|page\.(number|current))$/,
  pages: /(^|\.)(totalpages|lastpage|pagecount|numpages|pages|page\.total)$/,
  total:
    /(^|\.)(total|total(count|items|records|results|elements|entries|rows|calls|hits)|(records?|items?|results?|calls?)count|count)$/,
  offset: /(^|\.)(offset|skip)$/,
  size: /(^|\.)(perpage|pagesize|limit|size|maxresults)$/,
} as const;
type Part = keyof typeof NAMES;

const plainName = (path: string) => path.toLowerCase().replace(/[_-]/g, '');
const lastName = (path: string) => path.slice(path.lastIndexOf('.') + 1);
const isLink = (value: unknown): value is string => typeof value === 'string' && /^(https?:\/\/|[/?])/.test(value);
const isCount = (value: unknown) =>
  (typeof value === 'number' && Number.isInteger(value)) || (typeof value === 'string' && /^\d{1,15}$/.test(value));
const isFlag = (value: unknown) => typeof value === 'boolean' || value === 'true' || value === 'false';
const quoted = (text: string) => `'${text.replace(/['\\]/g, '\\$&')}'`;

/**
 * Guesses how the list is paged. Of the sample, only names of fields and of parameters are kept, no value.
 * @param list path of the records in the answer
 * @param records how many there are
 */
export function guessPaging(body: unknown, list: string, records: number): GuessedPaging {
  const fields = [...fieldsOf(body, list, '')];
  const find = (part: Part, fits: (value: unknown) => boolean) =>
    fields.find(({ path, value }) => NAMES[part].test(plainName(path)) && fits(value));
  const token = find('token', (value) => typeof value === 'string' && value !== '' && !isLink(value));
  const link = find('link', isLink) ?? find('link', (value) => value === null);
  const size = find('size', isCount);
  const told: Told = {
    token: token ?? find('token', (value) => value === null),
    link: token ? undefined : link,
    offset: find('offset', isCount),
    page: find('page', isCount),
    size: size && lastName(size.path),
  };
  const total = fields.find(
    ({ path, value }) => NAMES.total.test(plainName(path)) && isCount(value) && isTotal(path, Number(value), records),
  );
  const parts = {
    more: find('more', isFlag)?.path,
    pages: find('pages', isCount)?.path,
    total: total?.path,
  };
  const paging = pagingBy(told);
  const others = Object.entries(parts).flatMap(([name, path]) => (path === undefined ? [] : [[name, quoted(path)]]));
  return { ...paging, answer: { ...paging.answer, ...Object.fromEntries(others) } };
}

/** What is called count alone may be that of the page. */
function isTotal(path: string, count: number, records: number): boolean {
  return count > records || (count === records && !/(^|\.)count$/.test(plainName(path)));
}

/** Fields of the answer outside of its lists. */
function* fieldsOf(value: unknown, list: string, above: string): Iterable<Field> {
  if (!isJsonObject(value)) return;
  for (const [name, member] of Object.entries(value)) {
    const path = above === '' ? name : `${above}.${name}`;
    if (path === list || name.includes('.')) continue;
    yield { path, value: member };
    yield* fieldsOf(member, list, path);
  }
}

/** What the answer tells of the next page. */
interface Told {
  readonly token: Field | undefined;
  readonly link: Field | undefined;
  readonly offset: Field | undefined;
  readonly page: Field | undefined;
  /** Parameter of the page's size. */
  readonly size: string | undefined;
}

function pagingBy({ token, link, offset, page, size = 'limit' }: Told): GuessedPaging {
  if (link && isLink(link.value)) return pagingByLink(link.path, link.value, page, size);
  // A field that is called next and is null may be either.
  if (token && !(link && token.path === link.path))
    return { answer: { next: quoted(token.path) }, query: { [parameterOf(token.path)]: 'next', [size]: 'size' } };
  if (offset && !page)
    return {
      answer: { next: 'byOffset' },
      query: { [lastName(offset.path)]: 'next', [size]: 'size' },
      helper: 'byOffset',
    };
  return byNumber(page, { page: 'page', [size]: 'size' }, link?.path);
}

/** Vendors call the parameter like the field, or like the field without its `next`. */
function parameterOf(path: string): string {
  const name = lastName(path);
  if (/^next_?cursor$/i.test(name)) return 'cursor';
  return name === 'nextPageToken' ? 'pageToken' : name;
}

const PARAMETERS = {
  token: /token|cursor|after|continuation|key$/i,
  offset: /^(offset|skip|start)$/i,
  page: /^(page|page_?(number|no|num|index))$/i,
  size: /size|limit|per_?page|count/i,
};

function pagingByLink(path: string, link: string, page: Field | undefined, size: string): GuessedPaging {
  const parameters = [...new URLSearchParams(link.slice(link.indexOf('?') + 1))];
  const isNumber = (value: string) => /^\d{1,6}$/.test(value);
  const find = (part: keyof typeof PARAMETERS, fits: (value: string) => boolean) =>
    link.includes('?')
      ? parameters.find(([name, value]) => PARAMETERS[part].test(name) && fits(value))?.[0]
      : undefined;
  const own = find('size', isNumber) ?? size;
  const token = find('token', (value) => value !== '');
  if (token !== undefined)
    return {
      answer: { next: `inLink(${quoted(path)}, ${quoted(token)})` },
      query: { [token]: 'next', [own]: 'size' },
      helper: 'inLink',
    };
  const offset = find('offset', isNumber);
  if (offset !== undefined)
    return {
      answer: { next: 'byOffset', link: quoted(path) },
      query: { [offset]: 'next', [own]: 'size' },
      helper: 'byOffset',
    };
  return byNumber(page, { [find('page', isNumber) ?? 'page']: 'page', [own]: 'size' }, path);
}

function byNumber(page: Field | undefined, query: GuessedPaging['query'], link: string | undefined): GuessedPaging {
  const answer = { ...(page && { page: quoted(page.path) }), ...(link !== undefined && { link: quoted(link) }) };
  return { answer, query, ...(page && Number(page.value) === 0 && { firstPage: 0 }) };
}
