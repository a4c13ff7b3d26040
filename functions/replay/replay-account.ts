import { InterruptedError } from '../errors.ts';
import { readCommitsAfter } from '../lake/commit-log.ts';
import type { DigestEntry } from '../lake/digest/digest-entry.ts';
import type { Credentials } from '../ports.ts';
import { type Partition, WHOLE_STREAM } from '../source/page.ts';
import type { KnownRecord, Source, Stream } from '../source/source.ts';
import { type KnownAfter, mergeKnown } from './merge-known.ts';
import { openReplay } from './open-replay.ts';
import { replayCommit } from './replay-commit.ts';
import type { ParentRecords } from './restore-cursors.ts';
import type { ReplayPorts, ReplayRules, StreamReplay } from './stream-replay.ts';

/** The account to replay. */
export interface AccountToReplay {
  readonly source: Source;
  readonly account: string;
  readonly rules: ReplayRules;
  /** Options of the account, which may list partitions. */
  readonly options: Credentials;
}

/** A stream whose staged files were made again, and what it knows now. */
export interface ReplayedStream {
  readonly replay: StreamReplay;
  readonly known: KnownAfter;
}

/** Makes the staged files of an account's streams again. Streams without a commit are left out. Doing it again changes nothing. */
export async function replayAccount(
  { source, account, rules, options }: AccountToReplay,
  ports: ReplayPorts,
): Promise<readonly ReplayedStream[]> {
  const replayed = new Map<string, ReplayedStream>();
  for (const [name, stream] of Object.entries(source.streams)) {
    const id = { source: source.name, account, stream: name };
    const partitions = partitionsOf(stream, replayed, options);
    const replay = await openReplay({ id, source, stream, rules, partitions }, ports);
    if (!replay) continue;
    for await (const commit of readCommitsAfter(ports.store, id, 0)) {
      if (ports.signal?.aborted) throw new InterruptedError('interrupted: run the replay again', id);
      await replayCommit(replay, commit);
    }
    replayed.set(name, { replay, known: mergeKnown(replay, parentsOf(stream, replayed)) });
    ports.log('info', 'made staged files again', { ...id, files: replay.tally.files });
  }
  return [...replayed.values()];
}

/** Every partition that the stream may have had: what was removed, or opted out, was listed once. */
function partitionsOf(
  stream: Stream,
  replayed: ReadonlyMap<string, ReplayedStream>,
  options: Credentials,
): readonly Partition[] {
  const recordsOf = (name: string) => {
    const { known, replay } = replayed.get(name) ?? {};
    // Replays request nothing, so any value does in place of one that was handed on.
    const handed = JSON.stringify(
      Object.fromEntries((replay?.stream.tables[0].handsOn ?? []).map((own) => [own, '.'])),
    );
    return new Map([...(known?.entries ?? [])].map(([key, entry]) => [key, { ...asLive(entry), handed }]));
  };
  return [...(stream.partitions?.({ options, recordsOf }) ?? [WHOLE_STREAM])];
}

function asLive({ deletedAt: _at, optedOut: _out, blanked: _blanked, ...live }: DigestEntry): KnownRecord {
  return live;
}

function parentsOf(stream: Stream, replayed: ReadonlyMap<string, ReplayedStream>): ParentRecords | undefined {
  const parent = 'parent' in stream ? replayed.get(stream.parent) : undefined;
  if (!parent) return undefined;
  const { replay, known } = parent;
  return { before: replay.before?.entries, after: known.entries, changedAt: replay.changedAt };
}
