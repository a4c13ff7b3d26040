import { AlreadyRunningError, CallhouseError, type ExitCode } from '../errors.ts';
import { checkBaseUrl } from '../http/base-url.ts';
import { createClient } from '../http/client.ts';
import { requestPacer } from '../http/pacing.ts';
import { readErasedRecords } from '../lake/erasure-ledger.ts';
import { takeLease } from '../lake/lease.ts';
import { erasurePrefix, hasObjects, randomHex, type StreamId } from '../lake/objects.ts';
import type { Ports } from '../ports.ts';
import { type ExtractResult, type StreamResult, withEarlier, worstOf } from '../results.ts';
import type { Settings } from '../settings.ts';
import type { Window } from '../source/page.ts';
import { type KnownRecord, rateOf, type Source, type Stream } from '../source/source.ts';
import { dayOf } from '../time.ts';
import { extractStream } from './extract-stream.ts';
import { checkSafeValues } from './session/check-safe-values.ts';
import { type KnownStreams, wayOut, whyUnlisted } from './session/known-streams.ts';
import { knownAfter, openSession, readKnownStream } from './session/open-session.ts';
import { statusOf } from './session/progress.ts';
import type { AccountRun, ReadSettings, StreamSession } from './session/session.ts';
import { type KnownStream, readRecords, type Siblings } from './session/sibling-records.ts';
import { type TimeShare, timeShare } from './time-share.ts';
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
    try {
      const streams = await extractStreams(source, request, ports);
      return { ...result, streams, exitCode: worstOf(streams.map(({ exitCode }) => exitCode)) };
    } finally {
      // A lease that cannot be released becomes stale with its process; what was committed counts all the same.
      await lease.release().catch((error: Error) => ports.log('warn', error.message, { source: source.name, account }));
    }
  } catch (error) {
    if (!(error instanceof CallhouseError)) throw error;
    return { ...result, streams: [], error: error.message, exitCode: error.exitCode };
  }
}

/**
 * The streams one after the other, each with a share of the time. Those that were cut, or whose full scan needs more, have another turn
 * once all others were read.
 */
async function extractStreams(source: Source, request: ExtractRequest, ports: Ports): Promise<StreamResult[]> {
  const known = new Map<string, KnownStream>();
  const noteKnown = (name: string, ended: StreamOutcome | undefined) => {
    ended?.known?.digest.release(true);
    if (ended?.known) known.set(name, ended.known);
  };
  const results: StreamResult[] = [];
  const time = timeShare(ports, reserveOf(request, ports));
  const run = await beginRun(source, request, ports, { known: { streams: known, results }, time });
  const isWanted = (name: string) => request.streams?.includes(name) ?? true;
  const isSkipped = ({ skipWhenOptionSet: option }: Stream) =>
    option !== undefined && Boolean(run.siblings.options[option]);
  const streams = Object.entries(source.streams).filter(([, stream]) => !isSkipped(stream));
  const last = streams.findLastIndex(([name]) => isWanted(name));
  const unfinished: (readonly [string, Stream])[] = [];
  let isEnded = false;
  for (const [n, [name, stream]] of streams.entries()) {
    const isAlone = n >= last && unfinished.length === 0;
    time.share(isAlone);
    const ended = isWanted(name) ? await runStream(run, name, stream) : await knowStream(run, name);
    noteKnown(name, ended);
    if (!ended.result) continue;
    const result = withWayOut(run, stream, ended.result);
    results.push(result);
    // Streams that list their partitions by one that cannot be read would find none.
    isEnded = !isWanted(name) || isEndOfRun(result);
    const hasAnotherTurn = ended.isUnfinished === true && !isAlone && !isEnded;
    if (hasAnotherTurn) unfinished.push([name, stream]);
    else logResult(run, result);
    if (isEnded) break;
  }
  for (const [n, [name, stream]] of unfinished.entries()) {
    time.share(n === unfinished.length - 1);
    const before = results.findIndex((one) => one.stream === name);
    const [first] = results.slice(before);
    const again = !isEnded && run.client.hasTime() ? await runStream(run, name, stream) : undefined;
    noteKnown(name, again);
    const result = again?.result ? withEarlier(first, again.result) : first;
    if (!result) continue;
    results.splice(before, 1, result);
    logResult(run, result);
  }
  return results;
}

/** Time that is kept for the last commit, ms. */
function reserveOf({ tuning }: ExtractRequest, { remainingMs }: Ports): number {
  return Math.min(tuning?.reserveMs ?? TUNING.reserveMs, Math.max(0, remainingMs()) / 4);
}

/** If a list cannot be had, the user may supply the ids that it would list. */
function withWayOut({ source, account, ports }: AccountRun, stream: Stream, result: StreamResult): StreamResult {
  const option = stream.skipWhenOptionSet;
  const isRefused: readonly ExitCode[] = [2, 3, 4];
  if (option === undefined || result.error === undefined || !isRefused.includes(result.exitCode)) return result;
  return { ...result, error: `${result.error}. ${wayOut(ports, source.name, account, option)}` };
}

async function beginRun(
  source: Source,
  { account, at, settings, window, isScheduled = false, ...request }: ExtractRequest,
  ports: Ports,
  { known, time }: { readonly known: KnownStreams; readonly time: TimeShare },
): Promise<AccountRun> {
  const { name } = source;
  const read = readSettings(settings, name);
  if (read.safeValues) checkSafeValues(source, read.safeValues);
  const tuning = { ...TUNING, ...request.tuning };
  const { baseUrl = source.baseUrl, maxRps = rateOf(source) } = settings.sources[name] ?? {};
  const origin = checkBaseUrl(baseUrl, `${name.toUpperCase()}_BASE_URL`, { source: name, account });
  const options = await ports.secrets.read(name, account, source.credentials, source.options ?? []);
  const client = createClient({
    pacer: requestPacer(maxRps, { now: ports.now, sleep: (ms) => ports.sleep(ms, ports.signal) }),
    auth: source.auth,
    readCredentials: () => ports.secrets.read(name, account, source.credentials),
    baseUrl: origin,
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

/** What a stream came to, and what it knows for the streams after it. */
interface StreamOutcome {
  readonly known?: KnownStream | undefined;
  readonly result?: StreamResult;
  /** It has more to read than its share of the time allowed. @default false */
  readonly isUnfinished?: boolean;
}

/** A stream that fails does not stop the others, and the commits that it made count. */
async function runStream(run: AccountRun, name: string, stream: Stream): Promise<StreamOutcome> {
  let session: StreamSession | undefined;
  try {
    session = await openSession(run, name, stream);
    const result = await extractStream(session);
    const isUnfinished = session.progress.state().scan !== undefined || result.exitCode === 6;
    return { known: knownAfter(session), result, isUnfinished: isUnfinished && result.status !== 'failed' };
  } catch (error) {
    const failed = failedStream(name, error, session?.progress);
    // What was not committed does not count for the streams that follow it either.
    return { ...failed, known: (await knowStream(run, name)).known };
  }
}

/** Reads what a stream knows without running it, for streams that list their partitions by it. */
async function knowStream({ ports, source, account }: AccountRun, stream: string): Promise<StreamOutcome> {
  try {
    return { known: await readKnownStream(ports, { source: source.name, account, stream }) };
  } catch (error) {
    return failedStream(stream, error);
  }
}

/** @throws what is not an expected failure */
function failedStream(name: string, error: unknown, progress?: StreamSession['progress']): StreamOutcome {
  if (!(error instanceof CallhouseError)) throw error;
  const nothing = { requests: 0, records: 0, changed: 0, deleted: 0, rejected: 0 };
  const counts = progress?.result('failed') ?? nothing;
  const status = error instanceof AlreadyRunningError ? 'busy' : statusOf(error);
  return {
    result: { ...counts, stream: name, status, error: error.message, exitCode: error.exitCode },
  };
}

/** Wrong credentials and an interruption concern every stream, and so does another run that took over. */
function isEndOfRun({ exitCode, status }: StreamResult): boolean {
  const ends: readonly ExitCode[] = [2, 130];
  return ends.includes(exitCode) || status === 'busy';
}

function logResult({ ports, source, account }: AccountRun, result: StreamResult): void {
  const { stream, error, status, requests, records, changed, deleted, rejected } = result;
  const level = error === undefined ? 'info' : status === 'busy' ? 'warn' : 'error';
  ports.log(level, error ?? 'stream done', {
    source: source.name,
    account,
    ...{ stream, status, requests, records, changed, deleted, rejected },
  });
}
