import { AlreadyRunningError, CallhouseError } from '../errors.ts';
import { checkBaseUrl } from '../http/base-url.ts';
import { createClient } from '../http/client.ts';
import { tokenBucket } from '../http/token-bucket.ts';
import type { Ports } from '../ports.ts';
import { type ExtractResult, type StreamResult, worstOf } from '../results.ts';
import type { Settings } from '../settings.ts';
import type { Source, Window } from '../source.ts';
import type { Digest } from './digest.ts';
import { extractStream, knowStream, type StreamOptions } from './extract-stream.ts';
import { takeLease } from './lease.ts';
import { TUNING, type Tuning } from './tuning.ts';

/** What one run of one account is asked to do. */
export interface ExtractRequest {
  readonly account: string;
  /** Scheduled time: every window is counted from it. */
  readonly at: Date;
  /** @default all streams of the source */
  readonly streams?: readonly string[];
  /** A backfill reads this stretch and leaves the schedule's marks alone. */
  readonly window?: Required<Window>;
  readonly settings: Settings;
  /** @default TUNING */
  readonly tuning?: Partial<Tuning>;
}

const DEFAULT_RPS = 10;

/** One run of one account of a source: its streams one after the other, each committed by itself, under the account's lease. */
export async function extract(source: Source, request: ExtractRequest, ports: Ports): Promise<ExtractResult> {
  const { account, at } = request;
  const result = { source: source.name, account, at: at.toISOString() };
  try {
    const lease = await takeLease(source.name, account, ports);
    try {
      const streams = await extractStreams(source, request, ports);
      return { ...result, streams, exitCode: worstOf(streams.map(({ exitCode }) => exitCode)) };
    } finally {
      // One that cannot be released goes stale with its process; what was committed counts all the same.
      await lease.release().catch((error: Error) => ports.log('warn', error.message, { source: source.name, account }));
    }
  } catch (error) {
    if (!(error instanceof CallhouseError)) throw error;
    return { ...result, streams: [], error: error.message, exitCode: error.exitCode };
  }
}

async function extractStreams(source: Source, request: ExtractRequest, ports: Ports): Promise<StreamResult[]> {
  const { account, settings, streams: wanted } = request;
  const tuning = { ...TUNING, ...request.tuning };
  const where = { source: source.name, account };
  const { baseUrl = source.baseUrl, maxRps = DEFAULT_RPS } = settings.sources[source.name] ?? {};
  const origin = checkBaseUrl(baseUrl, `${source.name.toUpperCase()}_BASE_URL`, where);
  const options = await ports.secrets.read(source.name, account, source.credentials, source.options ?? []);
  const client = createClient({
    bucket: tokenBucket(maxRps, { now: ports.now, sleep: (ms) => ports.sleep(ms, ports.signal) }),
    authorize: async () => source.headers(await ports.secrets.read(source.name, account, source.credentials)),
    reserveMs: Math.min(tuning.reserveMs, ports.remainingMs() / 4),
    ports,
  });
  const runId = Array.from({ length: 16 }, () => Math.floor(ports.random() * 16).toString(16)).join('');
  const digests = new Map<string, Digest>();
  const results: StreamResult[] = [];
  for (const [name, { unless }] of Object.entries(source.streams)) {
    if (unless !== undefined && options[unless]) continue;
    const asked = {
      source,
      name,
      account,
      baseUrl: origin,
      at: request.at.getTime(),
      runId,
      window: request.window,
      options,
      client,
      ports,
      settings,
      tuning,
      digests,
    };
    const result = await (wanted && !wanted.includes(name) ? knowStream(asked) : settle(asked));
    digests.get(name)?.release();
    if (!result) continue;
    ports.log(result.error ? 'error' : 'info', result.error ?? 'stream done', {
      ...where,
      stream: name,
      status: result.status,
      requests: result.requests,
      records: result.records,
      changed: result.changed,
      deleted: result.deleted,
      rejected: result.rejected,
    });
    results.push(result);
    if (results.at(-1)?.exitCode === 2 || results.at(-1)?.exitCode === 130) break;
  }
  return results;
}

/** A stream that cannot even be opened fails by itself; only another run at work ends them all. */
async function settle(options: StreamOptions): Promise<StreamResult> {
  try {
    return await extractStream(options);
  } catch (error) {
    if (!(error instanceof CallhouseError) || error instanceof AlreadyRunningError) throw error;
    const nothing = { requests: 0, records: 0, changed: 0, deleted: 0, rejected: 0 };
    return { stream: options.name, status: 'failed', ...nothing, error: error.message, exitCode: error.exitCode };
  }
}
