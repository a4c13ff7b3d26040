import { httpRequest } from '../../../functions/extract/pages/request-page.ts';
import { checkBaseUrl } from '../../../functions/http/base-url.ts';
import { createClient } from '../../../functions/http/client.ts';
import { requestPacer } from '../../../functions/http/request-pacer.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import type { Credentials, Ports, Secrets } from '../../../functions/ports.ts';
import type { Settings } from '../../../functions/settings.ts';
import { type Partition, WHOLE_STREAM } from '../../../functions/source/page.ts';
import type { Source, Stream } from '../../../functions/source/source.ts';
import { variantsOf } from '../../../functions/source/variants.ts';
import type { Shell } from '../../console/shell.ts';
import { sleepUnlessAborted } from '../../ports/local-ports.ts';

/** Which account to request a page from, and with which settings. */
export interface RequestOnePageOptions {
  readonly source: Source;
  readonly account: string;
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly fetch: Ports['fetch'];
  readonly shell: Pick<Shell, 'signal'>;
}

/** Long enough for a slow answer. */
const PATIENCE_MS = 20_000;

/**
 * Requests the first page of the first stream that a run reads. Only its shape is checked; nothing is stored.
 * @throws CredentialsError, SourceUnavailableError, ContractError
 */
export async function requestOnePage({
  source,
  account,
  settings,
  secrets,
  fetch,
  shell: { signal },
}: RequestOnePageOptions): Promise<void> {
  const { name, baseUrl, credentials, options: optional = [] } = source;
  const own = settings.sources[name] ?? {};
  const where = { source: name, account };
  const options = await secrets.read(name, account, credentials, optional);
  const first = firstPartition(source, options);
  if (!first) return;
  const { stream, partition } = first;
  const stopAt = Date.now() + PATIENCE_MS;
  const ports = {
    ...nodePorts,
    fetch,
    now: Date.now,
    random: Math.random,
    sleep: sleepUnlessAborted,
    remainingMs: () => stopAt - Date.now(),
    signal,
    log: () => {},
  };
  const origin = checkBaseUrl(own.baseUrl ?? baseUrl, `${name.toUpperCase()}_BASE_URL`, where);
  const client = createClient({
    pacer: requestPacer(own.maxRps ?? 1, { now: ports.now, sleep: (ms) => ports.sleep(ms, signal) }),
    auth: source.auth,
    readCredentials: () => secrets.read(name, account, credentials),
    baseUrl: origin,
    retry: source.limits?.retry,
    credentials: secrets.describe(name, account, credentials),
    reserveMs: 0,
    ports,
  });
  const [variant] = variantsOf(stream);
  const request = { partition, page: variant.firstPage, size: stream.pageSize };
  const http = httpRequest({ baseUrl: origin, stream, siblings: { options } }, variant, request);
  await client.request(http, where, (json) => variant.read(json, request));
}

/** The first partition that does not depend on another stream. */
function firstPartition(
  { streams }: Source,
  options: Credentials,
): { stream: Stream; partition: Partition } | undefined {
  for (const stream of Object.values(streams)) {
    if (stream.skipWhenOptionSet !== undefined && options[stream.skipWhenOptionSet]) continue;
    const context = { recordsOf: () => new Map(), options };
    const [partition] = stream.partitions?.(context) ?? [WHOLE_STREAM];
    if (partition && stream.kind === 'collection') return { stream, partition };
  }
  return undefined;
}
