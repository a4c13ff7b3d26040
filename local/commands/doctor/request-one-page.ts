import { httpRequest } from '../../../functions/extract/pages/request-page.ts';
import type { Credentials } from '../../../functions/ports.ts';
import type { Partition } from '../../../functions/source/page.ts';
import type { Source, Stream } from '../../../functions/source/source.ts';
import { variantsOf } from '../../../functions/source/variants.ts';
import { firstPartition, type OnlineOptions, onlineClient } from '../../ports/online-client.ts';

/** Long enough for a slow answer. */
const PATIENCE_MS = 20_000;

/**
 * Requests the first page of the first stream that a run reads. Only its shape is checked; nothing is stored.
 * @throws CredentialsError, SourceUnavailableError, ContractError
 */
export async function requestOnePage(asked: OnlineOptions): Promise<void> {
  const { source, account, secrets } = asked;
  const options = await secrets.read(source.name, account, source.credentials, source.options ?? []);
  const first = firstList(source, options);
  if (!first) return;
  const { stream, partition } = first;
  const { client, baseUrl } = onlineClient(asked, PATIENCE_MS);
  const [variant] = variantsOf(stream);
  const request = { partition, page: variant.firstPage, size: stream.pageSize };
  const http = httpRequest({ baseUrl, stream, siblings: { options } }, variant, request);
  await client.request(http, { source: source.name, account }, (json) => variant.read(json, request));
}

/** The first partition that does not depend on another stream. */
function firstList({ streams }: Source, options: Credentials): { stream: Stream; partition: Partition } | undefined {
  for (const stream of Object.values(streams)) {
    if (stream.skipWhenOptionSet !== undefined && options[stream.skipWhenOptionSet]) continue;
    const partition = firstPartition(stream, options);
    if (partition && stream.kind === 'collection') return { stream, partition };
  }
  return undefined;
}
