import { CallhouseError } from '../errors.ts';
import { createClient, type HttpClient, type HttpClientOptions } from '../http/client.ts';
import { requestPacer } from '../http/pacing.ts';
import { checkBaseUrl } from '../http/send.ts';
import { readErasedRecords } from '../lake/erasure-ledger.ts';
import { heldStore, takeLease } from '../lake/lease.ts';
import { erasurePrefix, hasObjects, randomHex, type StreamId } from '../lake/objects.ts';
import type { Ports } from '../ports.ts';
import { type ExtractResult, type StreamResult, worstOf } from '../results.ts';
import type { Settings } from '../settings.ts';
import type { Window } from '../source/page.ts';
import { type KnownRecord, rateOf, type Source } from '../source/source.ts';
import { dayOf, newReadingTime } from '../time.ts';
import { checkSafeValues } from './session/check-safe-values.ts';
import { type KnownStreams, whyUnlisted } from './session/known-streams.ts';
import type { AccountRun, ReadSettings } from './session/session.ts';
import { type KnownStream, readRecords, type Siblings } from './session/sibling-records.ts';
import { type TimeShare, takeTurns, timeShare } from './take-turns.ts';
import { TUNING, type Tuning } from './tuning.ts';

/** What one run of one account is asked to do. */
export interface ExtractRequest {
  readonly account: string;
  /** Scheduled time: every window is counted from it. */
  readonly at: Date;
  /**
   * True if `at` comes from a schedule: then the clock must agree that an hour has passed before a deletion is proven. An `at` given
   * by hand replaces the clock. @default false
   */
  readonly isScheduled?: boolean;
  /** @default all streams of the source */
  readonly streams?: readonly string[] | undefined;
  /** A backfill reads this stretch and does not change the schedule. */
  readonly window?: Required<Window> | undefined;
  readonly settings: Settings;
  /** @default TUNING */
  readonly tuning?: Partial<Tuning>;
}

const DEFAULT_SWEEP = '3d';

/**
 * Runs the streams of one account, one after the other, each with commits of its own. The run holds the account's lease. An expected
 * failure is part of the result.
 */
export async function extractAccount(source: Source, request: ExtractRequest, ports: Ports): Promise<ExtractResult> {
  const { account, at } = request;
  const result = { source: source.name, account, at: at.toISOString() };
  try {
    const lease = await takeLease(source.name, account, ports);
    const unswept = new Set(lease.mayHaveLeft ? Object.keys(source.streams) : []);
    try {
      const held = { ...ports, store: heldStore(ports.store, lease.check, ports.now) };
      const streams = await extractStreams(source, request, held, { unswept, checkLease: lease.check });
      return { ...result, streams, exitCode: worstOf(streams.map(({ exitCode }) => exitCode)) };
    } finally {
      // What was committed counts even if the lease cannot be released. It becomes stale when its process ends.
      const released = lease.release(unswept.size === 0);
      await released.catch((error: Error) => ports.log('warn', error.message, { source: source.name, account }));
    }
  } catch (error) {
    if (!(error instanceof CallhouseError)) throw error;
    return { ...result, streams: [], error: error.message, exitCode: error.exitCode };
  }
}

/**
 * What a run does under its lease. `unswept`: streams of which an earlier run may have left objects behind; those that this run has cleaned
 * up are taken out.
 */
type UnderLease = Pick<AccountRun, 'unswept' | 'checkLease'>;

async function extractStreams(
  source: Source,
  request: ExtractRequest,
  ports: Ports,
  lease: UnderLease,
): Promise<readonly StreamResult[]> {
  const known = { streams: new Map<string, KnownStream>(), results: [] };
  const time = timeShare(ports, reserveOf(request, ports));
  const run = await beginRun(source, request, ports, { known, time, ...lease });
  return takeTurns(run, { ...known, time, isWanted: (name) => request.streams?.includes(name) ?? true });
}

/** Time that is kept for the last commit, ms: a quarter of what there is at most. */
function reserveOf({ tuning }: ExtractRequest, { remainingMs }: Ports): number {
  return Math.min(tuning?.reserveMs ?? TUNING.reserveMs, Math.max(0, remainingMs()) / 4);
}

/** What the streams of a run know of each other, and share. */
interface SharedByStreams extends UnderLease {
  readonly known: KnownStreams;
  readonly time: TimeShare;
}

/** @throws ConfigError for a setting that is wrong */
async function beginRun(
  source: Source,
  request: ExtractRequest,
  ports: Ports,
  { known, time, ...lease }: SharedByStreams,
): Promise<AccountRun> {
  const { account, settings, window, isScheduled = false } = request;
  const { name } = source;
  const at = request.at.getTime();
  const clock = isScheduled ? ports.now : () => at;
  const read = readSettings(settings, name);
  if (read.safeValues) checkSafeValues(source, read.safeValues);
  const vendor = accountClient(source, request, ports, time);
  const options = await ports.secrets.read(name, account, source.credentials, source.options ?? []);
  return {
    source,
    account,
    at,
    runId: randomHex(16, ports.random),
    ports,
    ...vendor,
    hashKey: await ports.hashKey(),
    tuning: { ...TUNING, ...request.tuning },
    settings: read,
    removal: settings.onVendorRemoval === 'blank' ? 'blank' : 'delete',
    window,
    ...{ clock, startedClock: clock(), readingTime: newReadingTime(clock) },
    ...lease,
    erased: await erasedIn({ source: name, account }, ports),
    siblings: siblingsOf(known, options),
    whyUnlisted: (stream, by) => whyUnlisted({ source, account, ports }, known, { stream, by }),
  };
}

/** The client of an account, and the checked address of the vendor's API, without a trailing slash. */
interface AccountClient {
  readonly client: HttpClient;
  readonly baseUrl: string;
}

/** What the client of an account is made with. */
type ClientPorts = HttpClientOptions['ports'] & Pick<Ports, 'secrets'>;

/**
 * Makes the client of an account by the source's declaration and the settings.
 * @param options `rps`: requests per second unless a setting names another number; by default as many as the source allows
 * @throws ConfigError if the setting's address is not one
 */
export function accountClient(
  source: Source,
  { account, settings }: Pick<ExtractRequest, 'account' | 'settings'>,
  { secrets, ...ports }: ClientPorts,
  { rps, reserveMs }: Pick<HttpClientOptions, 'reserveMs'> & { readonly rps?: number },
): AccountClient {
  const { name, auth, headers, credentials, limits } = source;
  const own = settings.sources[name] ?? {};
  const variable = `${name.toUpperCase()}_BASE_URL`;
  const baseUrl = checkBaseUrl(own.baseUrl ?? source.baseUrl, variable, { source: name, account });
  const sleep = (ms: number) => ports.sleep(ms, ports.signal);
  const client = createClient({
    pacer: requestPacer(own.maxRps ?? rps ?? rateOf(source), { now: ports.now, sleep }),
    ...{ auth, headers, baseUrl, tokenUrl: own.tokenUrl },
    readCredentials: () => secrets.read(name, account, credentials),
    credentials: secrets.describe(name, account, credentials),
    retry: limits?.retry,
    ...{ reserveMs, ports },
  });
  return { client, baseUrl };
}

/** Records of the account that were erased; undefined if there are none, which one listing shows. */
async function erasedIn(id: Pick<StreamId, 'source' | 'account'>, { store, erasureKey }: Ports) {
  return (await hasObjects(store, erasurePrefix(id))) ? readErasedRecords(store, id, erasureKey) : undefined;
}

/** What a stream may know about the streams that were read before it. */
function siblingsOf({ streams }: KnownStreams, options: Siblings['options']): Siblings {
  // By what the stream knew: after another turn in this run, it knows more.
  const loaded = new WeakMap<KnownStream, ReadonlyMap<string, KnownRecord>>();
  return {
    options,
    recordsOf(stream) {
      const known = streams.get(stream);
      return (known && loaded.get(known)) ?? new Map();
    },
    earliestDayOf: (stream) => streams.get(stream)?.digest.counts().earliestDay,
    knownStream: (stream) => streams.get(stream),
    async loadRecords(stream) {
      const known = streams.get(stream);
      if (known && !loaded.has(known)) loaded.set(known, await readRecords(known.digest));
    },
  };
}

function readSettings({ sources }: Settings, name: string): ReadSettings {
  const { tiers, sweepEvery = DEFAULT_SWEEP, historyStart, optOutWhenAbsent, safeValues } = sources[name] ?? {};
  const historyDay = historyStart === undefined ? undefined : dayOf(Date.parse(historyStart));
  return { tiers, sweepEvery, historyDay, optOutWhenAbsent, safeValues };
}
