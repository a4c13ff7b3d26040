import { ContractError } from '../../errors.ts';
import type { Page, PageRequest, Partition, RequestVariant, Stream } from '../../source/source.ts';
import type { StreamSession } from '../session/session.ts';

/** A page as fetched: what it contains, its parsed body and its bytes. */
export interface FetchedPage extends Page {
  readonly partition: Partition;
  /** The page number that was requested. */
  readonly number: number;
  /** The key of each record; undefined for a record without one. */
  readonly keys: readonly (string | undefined)[];
  readonly body: unknown;
  readonly bytes: Buffer;
}

/** Requests one page, in the way that is known to work. @throws what the HTTP client throws */
export async function requestPage(session: StreamSession, request: PageRequest): Promise<FetchedPage> {
  const { stream, client, baseUrl, id, keyOf } = session;
  const { partition, page: number } = request;
  const variant = variantOf(session);
  const body = variant.body?.(request);
  const http = {
    method: variant.method,
    path: stream.path,
    url: pageUrl(baseUrl, stream, partition, variant.query(request)),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const { value, bytes } = await client.request(http, id, (json) => ({ page: stream.read(json, request), json }));
  const keys = value.page.records.map((record) => keyOf(record, partition.context));
  return { ...value.page, partition, number, keys, body: value.json, bytes };
}

/** The request variant that worked last time, or the first declared one. */
function variantOf({ stream, progress }: StreamSession): RequestVariant {
  return stream.variants.find(({ name }) => name === progress.state().variant) ?? stream.variants[0];
}

function nextVariant(session: StreamSession): RequestVariant | undefined {
  const { variants } = session.stream;
  return variants[variants.indexOf(variantOf(session)) + 1];
}

/** True if the vendor may be asked in another way than the present one. */
export function hasNextVariant(session: StreamSession): boolean {
  return nextVariant(session) !== undefined;
}

/**
 * Switches to the next request variant, because the present one does not page.
 * @param why what the vendor did
 * @throws ContractError if there is no other variant
 */
export function switchVariant(session: StreamSession, why: string): void {
  const { stream, progress, id } = session;
  const next = nextVariant(session);
  if (!next)
    throw new ContractError(
      `${stream.path}: ${why}; expected each page once and in order. What was read is kept; ask the vendor how this list pages`,
      id,
    );
  progress.updateState({ variant: next.name });
  session.warnOnce(`${why}; continuing with the vendor's list by ${next.method}`);
}

/** Address of a page: the stream's path with the partition's parameters, and the query. It must never be shown. */
export function pageUrl(
  baseUrl: string,
  { path }: Pick<Stream, 'path'>,
  { params, query: own }: Partition,
  query: Readonly<Record<string, string>>,
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(params?.[name] ?? ''));
  const search = new URLSearchParams({ ...own, ...query }).toString();
  return `${baseUrl}${filled}${search ? `?${search}` : ''}`;
}
