import type { Commit } from '../../lake/commit.ts';
import { type CommitLog, openCommitLog, readLastCommit, readState } from '../../lake/commit-log.ts';
import { type DigestOwner, openDigest } from '../../lake/digest/open-digest.ts';
import { type Digest, newDigest } from '../../lake/digest.ts';
import { copyName, newLoadId, type StreamId } from '../../lake/objects.ts';
import { newRawWriter } from '../../lake/raw-pages.ts';
import type { StreamState } from '../../lake/stream-state.ts';
import type { Ports, Store } from '../../ports.ts';
import { newProgress } from '../../results.ts';
import type { Stream } from '../../source/source.ts';
import { dayOf, dayText } from '../../time.ts';
import { newDiff } from '../changes/diff.ts';
import { historyStart, since } from '../plan/plan.ts';
import { rebuildDigest } from '../rebuild-digest.ts';
import { compileDropSensitive } from '../redact/drop-sensitive.ts';
import { compileBeforeHistory } from '../rows/before-history.ts';
import { newRejects } from '../rows/coerce.ts';
import { compileKey, type StableKeys } from '../rows/column-reader.ts';
import { compileErasedKey } from '../rows/erased.ts';
import { firstKeyLoader } from '../rows/first-keys.ts';
import { compileFlatten } from '../rows/flatten.ts';
import { shownTexts } from '../rows/shown-texts.ts';
import { newStager } from '../stage/stager.ts';
import { holdEarlierKeys } from './hold-earlier-keys.ts';
import type { AccountRun, StreamSession } from './session.ts';
import type { KnownStream } from './sibling-records.ts';

/**
 * Begins a run of one stream where its last commit ended.
 * @throws StateError if the log, the digest or the state cannot be read
 * @throws AlreadyRunningError if another run committed in the meantime, or took over
 */
export async function openSession(run: AccountRun, name: string, stream: Stream): Promise<StreamSession> {
  const { ports, at, account, tuning } = run;
  const { store, codec, parquet } = ports;
  const id: StreamId = { source: run.source.name, account, stream: name };
  const log = await openLog(run, id);
  const last = log.last();
  const owner = ownerOf(log, store, id);
  const { digest, seq } = last
    ? { digest: await openDigest(ports, last.digests, owner), seq: last.n }
    : ((ports.readBackFromWarehouse && (await rebuildDigest(ports, stream.tables, account))) ?? {
        digest: newDigest(),
        seq: 0,
      });
  const { texts, state } = await beginTexts(run, stream, { id, last, digest, seq });
  const progress = newProgress({
    state,
    digests: last?.digests ?? [],
    next: { n: seq + 1, loadId: newLoadId(id, at, ports.random) },
    now: ports.now,
    requests: run.client.requests,
  });
  ports.onProgress?.(progress.isFirstLoad());
  const day = dayText(dayOf(at));
  const copy = () => copyName(progress.next());
  const rejects = newRejects();
  const stableKeys = stableKeysOf(digest, at);
  const { optOutWhenAbsent } = run.settings;
  return {
    ...run,
    id,
    stream,
    log,
    digest,
    digestOwner: owner,
    isFollowed: isFollowed(run, name),
    keyOf: compileKey(stream.tables[0], stableKeys, texts),
    loadFirstKeys: stream.tables[0].stableKey && firstKeyLoader(stream.tables[0], digest, texts),
    flatten: compileFlatten(stream.tables, { rejects, stableKeys, texts, optOutWhenAbsent }),
    flattenAgain: once(() => {
      const uncounted = { rejects: newRejects(), texts: { ...texts, noteHidden() {} } };
      return compileFlatten(stream.tables, { ...uncounted, stableKeys, optOutWhenAbsent });
    }),
    isBeforeHistory: beforeHistory(run, stream, digest),
    erasedKeyOf: run.erased && compileErasedKey(run.source, name, { erased: run.erased, texts }),
    diff: newDiff({ ...run, tables: stream.tables, digest, commit: progress.next }),
    stager: newStager({ store, parquet, account, day, name: copy, tuning }),
    raw: newRawWriter({ store, codec, id, day, name: copy, objectBytes: tuning.rawBytes }),
    rejects,
    texts,
    dropSensitive: stream.tables[0].optOut ? compileDropSensitive(stream.tables, texts) : () => {},
    progress,
    ...{ refusedVariants: new Set<string>(), removed: new Map<string, number>() },
    liveIn: ({ id: partition }) => liveRecordsIn(digest, stream, partition),
    warnOnce: warnerOnce(ports, id),
  };
}

/** Opens the log of a stream, and then looks at the lease (why: `Lease.check` in `lake/lease.ts`). */
async function openLog({ ports, tuning, checkLease }: AccountRun, id: StreamId): Promise<CommitLog> {
  const log = await openCommitLog(ports.store, id, tuning.checkpointEvery);
  await checkLease();
  return log;
}

/** The rules for texts, which know what the last commit learned, and the state that a run begins with. */
async function beginTexts(
  { hashKey, at, settings: { safeValues } }: AccountRun,
  stream: Stream,
  { id, last, digest, seq }: { id: StreamId; last: Commit | undefined; digest: Digest; seq: number },
) {
  const state = withoutFarReread(readState(last, id), at);
  const texts = shownTexts({ hashKey, at, safeValues, before: last && state });
  if (last === undefined) return { texts, state: { ...state, began: seq + 1 } };
  // Lakes of versions before `named` hold keys as they were served.
  const earlier =
    state.named === undefined ? await holdEarlierKeys(stream.tables[0], texts, { digest, state, at }) : {};
  return { texts, state: { ...state, ...texts.state(), ...earlier } };
}

/**
 * Corrects `rereadAt` if a run whose clock was ahead has set it. Until that time, each run would read everything again; once is enough.
 */
function withoutFarReread(state: StreamState, at: number): StreamState {
  const { rereadAt } = state;
  const isFar = rereadAt !== undefined && since(rereadAt, at) === Number.POSITIVE_INFINITY;
  return isFar ? { ...state, rereadAt: at - 1 } : state;
}

/**
 * Reads what a stream knows without running it, for streams that list their partitions by it.
 * @throws AlreadyRunningError if another run committed in the meantime
 */
export async function readKnownStream(ports: Ports, id: StreamId): Promise<KnownStream | undefined> {
  const last = await readLastCommit(ports.store, id);
  if (!last) return undefined;
  const digest = await openDigest(ports, last.digests, ownerOf({ last: () => last }, ports.store, id));
  return { digest, n: last.n, changed: readState(last, id).changed };
}

/** What a stream knows after its run. */
export function knownAfter({ digest, log, progress }: StreamSession): KnownStream {
  return { digest, n: log.last()?.n ?? 0, changed: progress.state().changed };
}

function isFollowed({ source: { streams } }: AccountRun, name: string): boolean {
  return Object.values(streams).some((stream) => 'parent' in stream && stream.parent === name);
}

/** Makes a value when it is asked for first, and keeps it. */
function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Who reads the digest. Another run that commits in the meantime may delete digest objects that its commit replaces. */
function ownerOf({ last }: Pick<CommitLog, 'last'>, store: Store, id: StreamId): DigestOwner {
  return { id, isOvertaken: async () => (await readLastCommit(store, id))?.n !== last()?.n };
}

/** The test for records before history. A backfill has none, because it stores whatever its window shows. */
function beforeHistory({ settings, window }: AccountRun, stream: Stream, digest: Digest) {
  const day = historyStart({ stream, settings });
  const column = stream.kind === 'collection' && stream.window?.by;
  if (day === undefined || !column || window) return undefined;
  return compileBeforeHistory(stream.tables[0], { column, day, digest });
}

/** The keys that records had first, by the digest. They are loaded for a page before its keys are read. */
function stableKeysOf({ firstKeys, setFirstKey }: Digest, at: number): StableKeys {
  return {
    get: (by) => firstKeys.get(by)?.key,
    set: (by, key) => setFirstKey(by, { key, firstSeenAt: at }),
  };
}

function warnerOnce({ log }: Ports, id: StreamId): StreamSession['warnOnce'] {
  const said = new Set<string>();
  return (message) => {
    if (said.has(message)) return;
    said.add(message);
    log('warn', message, { ...id });
  };
}

/** Records of a partition that are not marked deleted. */
function liveRecordsIn(digest: Digest, stream: Stream, partition: string): number {
  const isListedIn = stream.kind === 'collection' ? stream.isListedIn : undefined;
  let live = 0;
  for (const [group, count] of digest.counts().live) {
    const isIn = !stream.partitions || group === partition || (group !== undefined && isListedIn?.(group, partition));
    if (isIn) live += count;
  }
  return live;
}
