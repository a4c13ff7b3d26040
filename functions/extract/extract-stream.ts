import type { Table } from '../../schemas/table.ts';
import type { Commit, LoadStatus, StreamId } from '../commit.ts';
import { AlreadyRunningError, CallhouseError, type ExitCode, OutOfTimeError } from '../errors.ts';
import type { Client } from '../http/client.ts';
import type { Credentials, Ports } from '../ports.ts';
import { type StreamResult, worstOf } from '../results.ts';
import type { Settings } from '../settings.ts';
import type { Known, Source, Stream, Window } from '../source.ts';
import { DAY_MS, dayOf, dayText } from '../time.ts';
import { openCommitLog } from './commit-log.ts';
import { newDiff } from './diff.ts';
import { type Digest, newDigest, readDigest } from './digest.ts';
import { commitRun, newLoadId, rawPrefix } from './finish.ts';
import { compileFlatten } from './flatten.ts';
import { readHeads } from './head-pass.ts';
import { readByCursor, readDays } from './list-pass.ts';
import { type Pass, planPasses } from './plan.ts';
import { purgeOptedOut } from './purge.ts';
import { newRawPages } from './raw.ts';
import { recallDigest } from './recall.ts';
import { newRejects } from './rejects.ts';
import type { Progress, Run } from './run.ts';
import { newStager } from './stage.ts';
import { readState } from './state.ts';
import type { Tuning } from './tuning.ts';
import { readWhole } from './whole-pass.ts';

/** What one run of one stream needs. */
export interface StreamOptions {
  readonly source: Source;
  readonly name: string;
  readonly account: string;
  readonly baseUrl: string;
  /** Scheduled time, ms. */
  readonly at: number;
  readonly runId: string;
  readonly window?: Required<Window>;
  readonly options: Credentials;
  readonly client: Client;
  readonly ports: Ports;
  readonly settings: Settings;
  readonly tuning: Tuning;
  /** Digests of the account's streams that ran before this one. */
  readonly digests: Map<string, Digest>;
}

const DEFAULT_SWEEP = '3d';

/** One run of one stream: plan, fetch, flatten, diff and stage page by page, commit. Whatever the vendor does, what was whole is committed. */
export async function extractStream(options: StreamOptions): Promise<StreamResult> {
  const run = await openRun(options);
  let failure: unknown;
  try {
    for (const pass of planOf(run, options)) await readPass(run, pass, options);
    failure = run.progress.failures[0];
  } catch (error) {
    failure = error;
  }
  if (failure instanceof AlreadyRunningError) throw failure;
  if (failure !== undefined && !(failure instanceof CallhouseError)) throw failure;
  if (run.progress.broken) return resultOf(run, 'failed', failure);
  const status = statusOf(failure);
  await commitRun(run, status);
  await purgeOptedOut(run, status);
  return resultOf(run, status, failure);
}

function statusOf(failure: CallhouseError | undefined): LoadStatus {
  if (failure === undefined) return 'ok';
  return failure instanceof OutOfTimeError || failure.exitCode === 130 ? 'partial' : 'failed';
}

function planOf(run: Run, { options, digests, settings, source, window }: StreamOptions): readonly Pass[] {
  const known: Known = { options, entries: (stream) => digests.get(stream)?.entries ?? new Map() };
  const { tiers } = settings.sources[source.name] ?? {};
  const historyStart = run.historyDay === undefined ? undefined : run.historyDay * DAY_MS;
  return planPasses({
    stream: run.stream,
    state: run.progress.state,
    digest: run.digest,
    known,
    at: run.at,
    tiers,
    historyStart,
    window,
  });
}

async function readPass(run: Run, pass: Pass, { digests, settings, source }: StreamOptions): Promise<void> {
  const { progress, stream } = run;
  const from = pass.window?.from.getTime() ?? pass.until ?? null;
  progress.window = { from, to: pass.window?.to?.getTime() ?? run.at };
  if (pass.kind === 'head') await readHeads(run, pass);
  else if (pass.kind === 'days') await readDays(run, pass);
  else if (pass.kind === 'cursors')
    await readByCursor(run, pass, digests.get(stream.plan === 'rotation' ? stream.parent : '')?.entries ?? new Map());
  else await readWhole(run, pass, settings.sources[source.name]?.sweepEvery ?? DEFAULT_SWEEP);
  const tiers = { ...progress.state.tiers };
  for (const back of pass.tiers) tiers[back] = run.at;
  progress.state = { ...progress.state, tiers };
}

async function openRun(options: StreamOptions): Promise<Run> {
  const { source, name, account, ports, at, client, runId, baseUrl, settings, tuning } = options;
  const stream = source.streams[name] as Stream;
  const id: StreamId = { source: source.name, account, stream: name };
  const log = await openCommitLog(ports.store, id, tuning.checkpointEvery);
  const last = log.last();
  const recalled = last ? undefined : await recallDigest(ports, stream.tables[0], account);
  const digest = recalled?.digest ?? (last ? await readDigest(ports, last.digests, id) : newDigest());
  options.digests.set(name, digest);
  const progress = newProgress(options, id, last, recalled?.seq ?? 0);
  const commit = () => progress.commit;
  const rejects = newRejects();
  const stager = newStager({
    store: ports.store,
    parquet: ports.parquet,
    account,
    day: dayText(dayOf(at)),
    loadId: () => commit().loadId,
    tuning,
  });
  const removal = settings.onVendorRemoval === 'blank' ? 'blank' : 'delete';
  const diff = newDiff({ tables: stream.tables, digest, stager, account, at, hashKey: ports.hashKey, removal, commit });
  const history = settings.sources[source.name]?.historyStart;
  return {
    source,
    stream,
    id,
    baseUrl,
    at,
    runId,
    ports,
    client,
    log,
    tuning,
    digest,
    rejects,
    stager,
    diff,
    progress,
    flatten: compileFlatten(stream.tables),
    raw: newRawPages({
      store: ports.store,
      codec: ports.codec,
      prefix: rawPrefix({ id, at }),
      loadId: () => commit().loadId,
      objectBytes: tuning.rawBytes,
    }),
    aliases: aliasesOf(stream.tables[0], digest),
    backfill: options.window !== undefined,
    historyDay: history === undefined ? undefined : dayOf(Date.parse(history)),
    serially: oneAtATime(),
  };
}

function newProgress(
  { client, ports, at }: StreamOptions,
  id: StreamId,
  last: Commit | undefined,
  floor: number,
): Progress {
  const now = ports.now();
  return {
    state: readState(last, id),
    scans: [],
    records: 0,
    vendorTotal: null,
    window: { from: null, to: null },
    warned: new Set(),
    failures: [],
    position: undefined,
    nextPage: 0,
    broken: undefined,
    digests: last?.digests ?? [],
    requestsCommitted: client.requests(),
    committedAt: now,
    startedAt: now,
    commit: { n: (last?.n ?? floor) + 1, loadId: newLoadId({ id, at, ports }) },
    done: [],
  };
}

function aliasesOf({ sticky }: Table, digest: Digest): Map<string, string> {
  const aliases = new Map<string, string>();
  if (sticky) for (const [key, { a }] of digest.entries) if (a !== undefined) aliases.set(a, key);
  return aliases;
}

function oneAtATime(): Run['serially'] {
  let tail: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = tail.then(work);
    tail = done.catch(() => undefined);
    return done;
  };
}

function resultOf(run: Run, status: LoadStatus, failure: CallhouseError | undefined): StreamResult {
  const sum = (of: 'requests' | 'records' | 'changed' | 'deleted' | 'rejected') =>
    run.progress.done.reduce((total, count) => total + count[of], 0);
  const codes: ExitCode[] = failure ? [failure.exitCode] : [];
  return {
    stream: run.id.stream,
    status,
    requests: sum('requests'),
    records: sum('records'),
    changed: sum('changed'),
    deleted: sum('deleted'),
    rejected: sum('rejected'),
    error: failure?.message,
    exitCode: worstOf(codes),
  };
}

/** Reads what a stream knows without running it, for streams that list by it. */
export async function knowStream({ source, name, account, ports, digests }: StreamOptions): Promise<undefined> {
  const id = { source: source.name, account, stream: name };
  const last = (await openCommitLog(ports.store, id)).last();
  if (last) digests.set(name, await readDigest(ports, last.digests, id));
}
