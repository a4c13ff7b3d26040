import type { Partition, Stream } from './source.ts';

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
