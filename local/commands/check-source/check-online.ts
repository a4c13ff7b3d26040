import { CallhouseError } from '../../../functions/errors.ts';
import { httpRequest } from '../../../functions/extract/pages/request-page.ts';
import type { HttpClient } from '../../../functions/http/client.ts';
import type { Credentials } from '../../../functions/ports.ts';
import type { Page, PageRequest, Partition, Window } from '../../../functions/source/page.ts';
import type { Stream } from '../../../functions/source/source.ts';
import { variantsOf } from '../../../functions/source/variants.ts';
import { firstPartition, type OnlineOptions, onlineClient } from '../../ports/online-client.ts';
import { judgeAnswers, type OnlineResult, type RealAnswer } from './online-answers.ts';
import { judgeWindow, windowNeeded } from './online-window.ts';
import { type ShownRecords, shownRecords } from './shown-records.ts';

/** Pages that are requested of each stream. */
const PAGES = 2;
const PATIENCE_MS = 60_000;

/** What real answers showed of a stream. */
export interface OnlineStream {
  readonly stream: string;
  readonly results: readonly OnlineResult[];
}

/**
 * Requests the first two pages of the first list of each stream, one or two windows, and the details of one record from the vendor, and
 * compares them with the declaration. A stream that has a list for each record of another one is requested for a record that the
 * other one's pages have shown. It only reads, and stores nothing.
 * @throws CredentialsError
 */
export async function* checkOnline(options: OnlineOptions): AsyncIterable<OnlineStream> {
  const { source, account, secrets } = options;
  const credentials = await secrets.read(source.name, account, source.credentials, source.options ?? []);
  const { client, baseUrl } = onlineClient(options, PATIENCE_MS);
  const shown = new Map<string, ShownRecords>();
  for (const [name, stream] of Object.entries(source.streams)) {
    const { partition, why } = partitionOf(stream, credentials, shown);
    if (!partition) {
      yield { stream: name, results: [{ name: 'answers', isOk: undefined, seen: why }] };
      continue;
    }
    const asking = {
      client,
      baseUrl,
      stream,
      partition,
      options: credentials,
      context: { source: source.name, account, stream: name },
    };
    const { results, answers } = await checkStream(asking);
    shown.set(name, shownRecords(stream, partition, answers));
    yield { stream: name, results };
  }
}

/** The partition to request, or why there is none. */
function partitionOf(
  stream: Stream,
  credentials: Credentials,
  shown: ReadonlyMap<string, ShownRecords>,
): { readonly partition: Partition | undefined; readonly why: string } {
  const partition = firstPartition(stream, credentials, (name) => shown.get(name) ?? new Map());
  if (stream.kind === 'details')
    return { partition, why: `no record of ${stream.parent} with a usable key was listed` };
  const why = 'partitions gives none; they may depend on records of another stream, or on an option that is not set';
  return { partition, why };
}

interface Asking {
  readonly client: HttpClient;
  readonly baseUrl: string;
  readonly stream: Stream;
  readonly partition: Partition;
  readonly options: Credentials;
  readonly context: { readonly source: string; readonly account: string; readonly stream: string };
}

interface CheckedStream {
  readonly results: readonly OnlineResult[];
  readonly answers: readonly ListedAnswer[];
}

async function checkStream(asking: Asking): Promise<CheckedStream> {
  const { stream } = asking;
  const answers: ListedAnswer[] = [];
  const results: OnlineResult[] = [];
  try {
    for await (const answer of firstPages(asking)) answers.push(answer);
  } catch (error) {
    if (!(error instanceof CallhouseError)) throw error;
    results.push({ name: `page ${answers.length + 1}`, isOk: false, seen: error.message });
  }
  if (answers.length > 0 && stream.kind !== 'details') results.push(...judgePaging(answers, stream.pageSize));
  if (answers.length > 0) results.push(...judgeAnswers(stream, answers, stream.pageSize));
  if (results.every(({ isOk }) => isOk !== false)) results.push(...(await windowResults(asking, answers)));
  return { results, answers };
}

/** Windows are requested only of a list that is read as declared. */
async function windowResults(asking: Asking, answers: readonly ListedAnswer[]): Promise<readonly OnlineResult[]> {
  const { stream, partition } = asking;
  const results: OnlineResult[] = [];
  const isComplete = answers.at(-1)?.isLast === true;
  const request = async (window: Window) => (await requestPage(asking, window)).records;
  try {
    for await (const one of judgeWindow(stream, partition, { answers, isComplete }, request)) results.push(one);
  } catch (error) {
    if (!(error instanceof CallhouseError)) throw error;
    results.push({ name: 'window', isOk: false, seen: error.message });
  }
  return results;
}

/** A real answer, and whether the list says that it ends with it. */
interface ListedAnswer extends RealAnswer {
  readonly isLast: boolean;
}

/** The first page of a list, in a window if one is given. */
async function requestPage({ client, baseUrl, stream, partition, options, context }: Asking, window?: Window) {
  const [variant] = variantsOf(stream);
  const request: PageRequest = { partition, page: variant.firstPage, size: stream.pageSize, ...(window && { window }) };
  const http = httpRequest({ baseUrl, stream, siblings: { options } }, variant, request);
  const { value: body } = await client.request(http, context, (json) => json);
  return { records: variant.records(body, request) };
}

/** Each answer is judged also if the declaration cannot read it to its end. */
async function* firstPages({
  client,
  baseUrl,
  stream,
  partition,
  options,
  context,
}: Asking): AsyncIterable<ListedAnswer> {
  const [variant] = variantsOf(stream);
  const window = windowNeeded(stream, Date.now());
  let request: PageRequest = { partition, page: variant.firstPage, size: stream.pageSize, ...(window && { window }) };
  for (let pages = 0; pages < PAGES; pages += 1) {
    const http = httpRequest({ baseUrl, stream, siblings: { options } }, variant, request);
    const { value: body } = await client.request(http, context, (json) => json);
    const records = variant.records(body, request);
    const isLast = stream.pageSize === 0 || isEnd(() => variant.read(body, request), request);
    yield { body, records, isLast };
    const page = variant.read(body, request);
    if (isLast) return;
    request = { ...request, page: request.page + 1, ...(page.next !== undefined && { next: page.next }) };
  }
}

/** What cannot be read is not known to be the end. */
function isEnd(read: () => Page, request: PageRequest): boolean {
  try {
    return !mayContinue(read(), request);
  } catch {
    return false;
  }
}

function mayContinue({ more, records, next, paging }: Page, { size }: PageRequest): boolean {
  if (more !== undefined) return more && (paging !== 'token' || next !== undefined);
  return records.length >= size;
}

/** The second page must be another one than the first. */
function judgePaging([first, second]: readonly RealAnswer[], size: number): readonly OnlineResult[] {
  if (!first) return [];
  if (!second) {
    const counts = `the list has one page of ${first.records.length} records`;
    if (size === 0) return [{ name: 'paging', isOk: true, seen: counts }];
    const remedy = first.records.length > 1 ? '; a smaller pageSize shows how it pages' : '';
    return [{ name: 'paging', isOk: undefined, seen: `${counts}${remedy}` }];
  }
  const texts = new Set(first.records.map((record) => JSON.stringify(record)));
  const again = second.records.filter((record) => texts.has(JSON.stringify(record))).length;
  const isSame = second.records.length > 0 && again === second.records.length;
  const counts = `pages of ${first.records.length} and ${second.records.length} records, ${again} of the second also on the first`;
  const remedy = 'the vendor does not page as requested, so check ask';
  return [{ name: 'paging', isOk: !isSame, seen: isSame ? `${counts}; ${remedy}` : counts }];
}
