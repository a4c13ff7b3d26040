import { addressOf } from '../../functions/extract/run.ts';
import { checkBaseUrl } from '../../functions/http/base-url.ts';
import { createClient } from '../../functions/http/client.ts';
import { tokenBucket } from '../../functions/http/token-bucket.ts';
import { nodePorts } from '../../functions/node-ports.ts';
import type { Credentials, Secrets } from '../../functions/ports.ts';
import type { Settings } from '../../functions/settings.ts';
import type { List, Source, Stream } from '../../functions/source.ts';
import type { Shell } from '../console/shell.ts';
import { sleepUnlessAborted } from '../local-ports.ts';

/** What is asked, and with what. */
export interface OnePage {
  readonly source: Source;
  readonly account: string;
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly shell: Pick<Shell, 'signal'>;
}

/** Long enough for a slow answer, short enough to be waited for. */
const PATIENCE_MS = 20_000;

/**
 * Asks the vendor for the first page of the first list that a run reads. What it holds is looked at for its shape and dropped.
 * @throws CredentialsError, SourceUnavailableError, ContractError
 */
export async function askOnePage({ source, account, settings, secrets, shell: { signal } }: OnePage): Promise<void> {
  const { name, baseUrl, credentials, options: optional = [] } = source;
  const own = settings.sources[name] ?? {};
  const where = { source: name, account };
  const options = await secrets.read(name, account, credentials, optional);
  const first = firstList(source, options);
  if (!first) return;
  const { stream, list } = first;
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
  const client = createClient({
    bucket: tokenBucket(own.maxRps ?? 1, { now: ports.now, sleep: (ms) => ports.sleep(ms, signal) }),
    authorize: async () => source.headers(await secrets.read(name, account, credentials)),
    reserveMs: 0,
    ports,
  });
  const ask = { list, page: stream.firstPage, size: stream.pageSize };
  const origin = checkBaseUrl(own.baseUrl ?? baseUrl, `${name.toUpperCase()}_BASE_URL`, where);
  const [way] = stream.ways;
  const url = addressOf({ baseUrl: origin, stream }, list, way.query(ask));
  await client.ask({ method: way.method, path: stream.path, url }, where, (json) => stream.read(json, ask));
}

/** A list that needs no other stream to be read before. */
function firstList({ streams }: Source, options: Credentials): { stream: Stream; list: List } | undefined {
  for (const stream of Object.values(streams)) {
    if (stream.unless !== undefined && options[stream.unless]) continue;
    const [list] = stream.lists
      ? [...stream.lists({ entries: () => new Map(), options })]
      : [{ id: 'all', context: {} }];
    if (list && stream.plan === 'listing') return { stream, list };
  }
  return undefined;
}
