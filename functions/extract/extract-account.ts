import { CallhouseError } from '../errors.ts';
import { createClient } from '../http/client.ts';
import { requestPacer } from '../http/pacing.ts';
import { checkBaseUrl } from '../http/send.ts';
import { readErasedRecords } from '../lake/erasure-ledger.ts';
import { takeLease } from '../lake/lease.ts';
import { erasurePrefix, hasObjects, randomHex, type StreamId } from '../lake/objects.ts';
import type { Ports } from '../ports.ts';
import { type ExtractResult, type StreamResult, worstOf } from '../results.ts';
import type { Settings } from '../settings.ts';
import type { Window } from '../source/page.ts';
import { type KnownRecord, rateOf, type Source } from '../source/source.ts';
import { dayOf } from '../time.ts';
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

/** One run of one account of a source, under the account's lease: its streams one after the other, each with commits of its own. */
export async function extractAccount(source: Source, request: ExtractRequest, ports: Ports): Promise<ExtractResult> {
  const { account, at } = request;
  const result = { source: source.name, account, at: at.toISOString() };
  try {
    const lease = await takeLease(source.name, account, ports);
    const unswept = new Set(lease.mayHaveLeft ? Object.keys(source.streams) : []);
    try {
      const streams = await extractStreams(source, request, ports, unswept);
      return { ...result, streams, exitCode: worstOf(streams.map(({ exitCode }) => exitCode)) };
    } finally {
      // A lease that cannot be released becomes stale with its process; what was committed counts all the same.
      const released = lease.release(unswept.size === 0);
      await released.catch((error: Error) => ports.log('warn', error.message, { source: source.name, account }));
    }
  } catch (error) {
    if (!(error instanceof CallhouseError)) throw error;
    return { ...result, streams: [], error: error.message, exitCode: error.exitCode };
  }
}

/** The streams of an account, in the order of their declaration. */
async function extractStreams(
  source: Source,
  request: ExtractRequest,
  ports: Ports,
  unswept: Set<string>,
): Promise<readonly StreamResult[]> {
  const known = { streams: new Map<string, KnownStream>(), results: [] };
  const time = timeShare(ports, reserveOf(request, ports));
  const run = await beginRun(source, request, ports, { known, time, unswept });
  return takeTurns(run, { ...known, time, isWanted: (name) => request.streams?.includes(name) ?? true });
}

/** Time that is kept for the last commit, ms. */
function reserveOf({ tuning }: ExtractRequest, { remainingMs }: Ports): number {
  return Math.min(tuning?.reserveMs ?? TUNING.reserveMs, Math.max(0, remainingMs()) / 4);
}

async function beginRun(
  source: Source,
  { account, at, settings, window, isScheduled = false, ...request }: ExtractRequest,
  ports: Ports,
  { known, time, unswept }: { readonly known: KnownStreams; readonly time: TimeShare; readonly unswept: Set<string> },
): Promise<AccountRun> {
  const { name } = source;
  const read = readSettings(settings, name);
  if (read.safeValues) checkSafeValues(source, read.safeValues);
  const tuning = { ...TUNING, ...request.tuning };
  const { baseUrl = source.baseUrl, tokenUrl, maxRps = rateOf(source) } = settings.sources[name] ?? {};
  const origin = checkBaseUrl(baseUrl, `${name.toUpperCase()}_BASE_URL`, { source: name, account });
  const options = await ports.secrets.read(name, account, source.credentials, source.options ?? []);
  const client = createClient({
    pacer: requestPacer(maxRps, { now: ports.now, sleep: (ms) => ports.sleep(ms, ports.signal) }),
    auth: source.auth,
    readCredentials: () => ports.secrets.read(name, account, source.credentials),
    ...{ baseUrl: origin, tokenUrl, headers: source.headers },
    retry: source.limits?.retry,
    credentials: ports.secrets.describe(name, account, source.credentials),
    reserveMs: time.reserveMs,
    ports,
  });
  return {
    source,
    account,
    baseUrl: origin,
    at: at.getTime(),
    runId: randomHex(16, ports.random),
    ports,
    client,
    hashKey: await ports.hashKey(),
    tuning,
    settings: read,
    removal: settings.onVendorRemoval === 'blank' ? 'blank' : 'delete',
    window,
    clock: isScheduled ? ports.now : () => at.getTime(),
    startedClock: isScheduled ? ports.now() : at.getTime(),
    unswept,
    erased: await erasedIn({ source: name, account }, ports),
    siblings: siblingsOf(known, options),
    whyUnlisted: (stream, by) => whyUnlisted({ source, account, ports }, known, { stream, by }),
  };
}

/** Most accounts have erased nothing: one listing says so. */
async function erasedIn(id: Pick<StreamId, 'source' | 'account'>, { store, erasureKey }: Ports) {
  return (await hasObjects(store, erasurePrefix(id))) ? readErasedRecords(store, id, erasureKey) : undefined;
}

/** What a stream may know about those that were read before it. */
function siblingsOf({ streams }: KnownStreams, options: Siblings['options']): Siblings {
  const loaded = new Map<string, ReadonlyMap<string, KnownRecord>>();
  return {
    options,
    recordsOf: (stream) => loaded.get(stream) ?? new Map(),
    earliestDayOf: (stream) => streams.get(stream)?.digest.counts().earliestDay,
    knownStream: (stream) => streams.get(stream),
    async loadRecords(stream) {
      const known = streams.get(stream);
      if (known && !loaded.has(stream)) loaded.set(stream, await readRecords(known.digest));
    },
  };
}

function readSettings({ sources }: Settings, name: string): ReadSettings {
  const { tiers, sweepEvery = DEFAULT_SWEEP, historyStart, optOutWhenAbsent, safeValues } = sources[name] ?? {};
  const historyDay = historyStart === undefined ? undefined : dayOf(Date.parse(historyStart));
  return { tiers, sweepEvery, historyDay, optOutWhenAbsent, safeValues };
}
