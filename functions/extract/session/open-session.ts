import type { Table } from '../../../schemas/table.ts';
import { AlreadyRunningError } from '../../errors.ts';
import type { Commit } from '../../lake/commit.ts';
import { openCommitLog, readLastCommit } from '../../lake/commit-log.ts';
import { type Digest, newDigest } from '../../lake/digest.ts';
import { DigestMissingError, readDigest } from '../../lake/digest-objects.ts';
import { newLoadId, type StreamId } from '../../lake/objects.ts';
import { newRawWriter } from '../../lake/raw-pages.ts';
import { isFirstLoad, readState } from '../../lake/stream-state.ts';
import type { Ports } from '../../ports.ts';
import type { Stream } from '../../source/source.ts';
import { dayOf, dayText } from '../../time.ts';
import { newDiff } from '../changes/diff.ts';
import { historyStart } from '../plan/plan.ts';
import { rebuildDigest } from '../rebuild-digest.ts';
import { compileDropSensitive } from '../redact/drop-sensitive.ts';
import { compileBeforeHistory } from '../rows/before-history.ts';
import { newRejects } from '../rows/coerce.ts';
import { compileKey } from '../rows/column-reader.ts';
import { compileFlatten } from '../rows/flatten.ts';
import { type ShownTexts, shownTexts } from '../rows/shown-texts.ts';
import { newStager } from '../stage/stager.ts';
import { holdEarlierKeys } from './hold-earlier-keys.ts';
import { newProgress } from './progress.ts';
import type { AccountRun, StreamSession } from './session.ts';

/**
 * Begins a run of one stream where its last commit ended.
 * @throws StateError if the log, the digest or the state cannot be read
 * @throws AlreadyRunningError if another run committed in the meantime
 */
export async function openSession(run: AccountRun, name: string, stream: Stream): Promise<StreamSession> {
  const { ports, at, account, tuning, hashKey } = run;
  const { store, codec, parquet } = ports;
  const id: StreamId = { source: run.source.name, account, stream: name };
  const log = await openCommitLog(store, id, tuning.checkpointEvery);
  const last = log.last();
  const { digest, seq } = last
    ? { digest: await readLastDigest(ports, last, id), seq: last.n }
    : ((ports.readBackFromWarehouse && (await rebuildDigest(ports, stream.tables, account))) ?? {
        digest: newDigest(),
        seq: 0,
      });
  const { texts, state } = beginTexts(run, stream, { id, last, digest });
  const progress = newProgress({
    state,
    digests: last?.digests ?? [],
    next: { n: seq + 1, loadId: newLoadId(id, at, ports.random) },
    now: ports.now,
    requests: run.client.requests,
  });
  ports.onProgress?.(isFirstLoad(progress.state()));
  const day = dayText(dayOf(at));
  const loadId = () => progress.next().loadId;
  const rejects = newRejects();
  const { optOutWhenAbsent } = run.settings;
  const stableKeys = stableKeysOf(stream.tables[0], digest, texts);
  const { removal } = run;
  return {
    ...run,
    id,
    stream,
    log,
    digest,
    keyOf: compileKey(stream.tables[0], stableKeys, texts),
    flatten: compileFlatten(stream.tables, { rejects, stableKeys, texts, optOutWhenAbsent }),
    flattenAgain: compileFlatten(stream.tables, {
      rejects: newRejects(),
      stableKeys,
      texts: { ...texts, noteHidden() {} },
      optOutWhenAbsent,
    }),
    isBeforeHistory: beforeHistory(run, stream, digest),
    diff: newDiff({ tables: stream.tables, digest, account, at, hashKey, removal, commit: progress.next }),
    stager: newStager({ store, parquet, account, day, loadId, tuning }),
    raw: newRawWriter({ store, codec, id, day, loadId, objectBytes: tuning.rawBytes }),
    rejects,
    texts,
    dropSensitive: stream.tables[0].optOut ? compileDropSensitive(stream.tables, texts) : () => {},
    progress,
    refusedVariants: new Set(),
    liveIn: ({ id: partition }) => liveRecordsIn(digest, stream, partition),
    warnOnce: warnerOnce(ports, id),
  };
}

/** The rules for texts, which know what the last commit learned, and the state that a run begins with. */
function beginTexts(
  { hashKey, at, settings: { safeValues } }: AccountRun,
  stream: Stream,
  { id, last, digest }: { readonly id: StreamId; readonly last: Commit | undefined; readonly digest: Digest },
) {
  const state = readState(last, id);
  const texts = shownTexts({ hashKey, at, safeValues, before: last && state });
  if (last === undefined) return { texts, state };
  // Lakes of versions before `named` hold keys as they were served.
  const earlier = state.named === undefined ? holdEarlierKeys(stream.tables[0], texts, { digest, state, at }) : {};
  return { texts, state: { ...state, ...texts.state(), ...earlier } };
}

/**
 * Reads what a stream knows without running it, for streams that list their partitions by it.
 * @throws AlreadyRunningError if another run committed in the meantime
 */
export async function readDigestOf(ports: Ports, id: StreamId): Promise<Digest | undefined> {
  const last = await readLastCommit(ports.store, id);
  return last && readLastDigest(ports, last, id);
}

/** A run that commits at this moment may delete digest objects that its new commit replaces. */
async function readLastDigest(ports: Ports, last: Commit, id: StreamId): Promise<Digest> {
  try {
    return await readDigest(ports, last.digests, id);
  } catch (error) {
    if (!(error instanceof DigestMissingError)) throw error;
    const now = await readLastCommit(ports.store, id);
    if (now?.n === last.n) throw error;
    throw new AlreadyRunningError(
      'another run committed at the same time; this run stopped, and the other continues',
      id,
    );
  }
}

/** A backfill stores whatever its window shows. */
function beforeHistory({ settings, window }: AccountRun, stream: Stream, digest: Digest) {
  const day = historyStart({ stream, settings });
  const column = stream.kind === 'collection' && stream.window?.by;
  if (day === undefined || !column || window) return undefined;
  return compileBeforeHistory(stream.tables[0], { column, day, digest });
}

function stableKeysOf({ stableKey, columns }: Table, digest: Digest, texts: ShownTexts): Map<string, string> {
  const aliases = new Map<string, string>();
  if (!stableKey) return aliases;
  const held = texts.keyPart(columns[stableKey.by]);
  for (const [key, { alias, deletedAt }] of digest.entries)
    if (alias !== undefined && (deletedAt === undefined || !aliases.has(held(alias)))) aliases.set(held(alias), key);
  return aliases;
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
  for (const [group, count] of digest.liveByGroup()) {
    const isIn = !stream.partitions || group === partition || (group !== undefined && isListedIn?.(group, partition));
    if (isIn) live += count;
  }
  return live;
}
