import { hash } from 'node:crypto';
import { AlreadyRunningError } from '../../errors.ts';
import { type Agenda, newAgenda } from '../../lake/agenda/agenda.ts';
import { openAgenda, type SavedAgenda, saveAgenda } from '../../lake/agenda/agenda-objects.ts';
import { decodeList, type StoredList } from '../../lake/agenda/known-list.ts';
import { LostAgenda } from '../../lake/agenda/segment.ts';
import type { SegmentPorts } from '../../lake/agenda/segment-set.ts';
import { changedAfter } from '../../lake/changed-names.ts';
import { releaseCursors } from '../../lake/digest.ts';
import { type CommitName, segmentKey } from '../../lake/objects.ts';
import type { KnownRecord } from '../../source/source.ts';
import { HOUR_MS } from '../../time.ts';
import type { FollowingStream } from '../plan/next-due.ts';
import type { ParentFollower } from '../session/parent-follower.ts';
import type { StreamSession } from '../session/session.ts';
import type { KnownStream } from '../session/sibling-records.ts';
import { dueAt, listToKeep } from './due-rows.ts';
import { follow } from './follow-changes.ts';
import { parentRecords } from './parent-records.ts';

/** Most partitions of one read. They are in order among each other, and in memory at once. */
const MOST_AT_ONCE = 32_768;

/** What a follower begins with. */
export interface FollowerOptions {
  readonly session: StreamSession;
  readonly stream: FollowingStream;
  /** The stream of the parents. */
  readonly parents: KnownStream;
  /** Ids of the partitions that these parents have. */
  readonly listedIn: (parents: ReadonlyMap<string, KnownRecord>) => Promise<ReadonlySet<string>>;
  /** Identifies what else the list of partitions depends on. */
  readonly listedBy: string;
}

/** Follows the parents of a stream by its agenda. Begins a new agenda if it is missing, or was made by other rules. */
export async function openFollower(options: FollowerOptions): Promise<ParentFollower> {
  const { session } = options;
  const { id, ports, progress, at } = session;
  const segmentPorts: SegmentPorts = {
    store: ports.store,
    keyOf: (part) => segmentKey(id, progress.next().n, progress.next().loadId, part),
  };
  const { agenda: before = [] } = progress.state();
  const basis = basisOf(options);
  const opened = before.length > 0 ? await openAgenda(ports, before, segmentPorts) : undefined;
  // A run whose clock was ahead may have noted wrong times for everything.
  const isUsable = opened && opened.head().basis === basis && opened.head().at - at <= HOUR_MS;
  const names = isUsable ? await changedSince(options, opened.head().followed) : undefined;
  const empty = () => newAgenda({ head: { basis, at, followed: 0 } }, segmentPorts);
  const agenda = names && opened;
  // Until a new agenda is saved, no commit may name the old one.
  if (!agenda) progress.updateState({ agenda: undefined });
  const state = {
    agenda: agenda ?? empty(),
    names: agenda && [...names],
    keys: before,
    isNew: !agenda,
    isReady: false,
  };
  return newFollower({ ...options, ...state, empty, handedOut: new Set() });
}

/** Names of parents that changed after a commit of theirs; undefined if they are not known or too many. */
function changedSince({ session, parents }: FollowerOptions, n: number): Promise<ReadonlySet<string> | undefined> {
  if (n === parents.n) return Promise.resolve(new Set<string>());
  return changedAfter(session.ports, parents.changed, { n, most: session.tuning.recentRows });
}

/** Identifies the rules by which partitions are listed and due, and the log whose commits the agenda follows. */
function basisOf({ session, stream, parents, listedBy }: FollowerOptions): string {
  const rules = stream.kind === 'details' ? stream.declared.again : [stream.readAtAges, stream.thenEvery];
  const { rereadAt } = session.progress.state();
  const basis = [rules ?? [], rereadAt, listedBy, parents.changed?.log];
  return hash('sha256', JSON.stringify(basis), 'hex').slice(0, 32);
}

/** What a follower knows. */
interface FollowerState extends FollowerOptions {
  agenda: Agenda;
  /** Names of parents that have changed; undefined for all, of which the agenda knows nothing. */
  names: readonly string[] | undefined;
  /** Keys of the agenda's log. */
  keys: readonly string[];
  /** The agenda was made again and not saved yet. */
  isNew: boolean;
  /** The agenda knows what has changed. */
  isReady: boolean;
  readonly handedOut: Set<string>;
  /** Makes an agenda that knows nothing. */
  readonly empty: () => Agenda;
}

function newFollower(state: FollowerState): ParentFollower {
  return {
    changedParents: () => parentRecords(state.parents.digest, state.names),
    followChanges: () => followChanges(state),
    async nextDue() {
      for (;;) {
        const found = await findDue(state);
        const due = found.size > 0 ? await judge(state, found) : NO_PARENTS;
        for (const name of due.keys()) state.handedOut.add(name);
        if (due.size > 0 || found.size === 0) return due;
      }
    },
    noteRead(name, parent) {
      if (!parent) return;
      const due = dueAt(state, name, parent);
      state.agenda.set(name, due, { list: listToKeep(state, { name, parent, due }) });
    },
    save: (commit) => save(state, commit),
    segmentKeys: () => state.agenda.segmentKeys(),
  };
}

const NO_PARENTS: ReadonlyMap<string, KnownRecord> = new Map();

/** Notes when the partitions of changed parents are due. */
async function followChanges(state: FollowerState): Promise<void> {
  // A new agenda follows every parent, so there is nothing to run again.
  await unlessLost(
    state,
    () => follow(state),
    async () => {},
  );
  state.isReady = true;
}

/**
 * Runs `work`, which reads the agenda. If a part of the agenda is missing or damaged, makes a new one and runs `again`.
 * @throws AlreadyRunningError if a part of the new one is missing too: another run has deleted it
 */
async function unlessLost<T>(state: FollowerState, work: () => Promise<T>, again = work): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LostAgenda)) throw error;
  }
  // No commit comes before the one that names the new agenda.
  Object.assign(state, { agenda: state.empty(), names: undefined, isNew: true });
  try {
    await follow(state);
    return await again();
  } catch (error) {
    if (!(error instanceof LostAgenda)) throw error;
    throw new AlreadyRunningError(
      'what this run wrote is gone: another run of this account is in progress; this one stopped, and the other continues',
      state.session.id,
    );
  }
}

/** The next names that are due by the agenda. */
function findDue(state: FollowerState): ReturnType<Agenda['due']> {
  const { session, handedOut } = state;
  return unlessLost(state, () => state.agenda.due(session.at, MOST_AT_ONCE, (name) => !handedOut.has(name)));
}

/** The names whose partitions are really due. For the others, which are due later or not listed any more, the agenda is corrected. */
async function judge(
  state: FollowerState,
  found: ReadonlyMap<string, StoredList | undefined>,
): Promise<ReadonlyMap<string, KnownRecord>> {
  const { agenda, listedIn, session } = state;
  const due = new Map<string, KnownRecord>();
  const gone = new Set(found.keys());
  releaseCursors(session.digest);
  for await (const batch of foundParents(state, found)) {
    const listed = await listedIn(batch);
    for (const [name, parent] of batch) {
      gone.delete(name);
      const when = listed.has(name) ? dueAt(state, name, parent) : undefined;
      if (when !== undefined && when <= session.at) due.set(name, parent);
      else agenda.set(name, when);
    }
  }
  for (const name of gone) agenda.set(name, undefined);
  return due;
}

/** The parents of what was found. Their cursors are in memory afterwards. Only those that the agenda does not know are looked up. */
async function* foundParents({ session, parents }: FollowerState, found: ReadonlyMap<string, StoredList | undefined>) {
  const { cursors } = session.digest.parts;
  const known = new Map<string, KnownRecord>();
  const unknown: string[] = [];
  for (const [name, list] of found) {
    if (!list) {
      unknown.push(name);
      continue;
    }
    const { parent, cursor } = decodeList(list);
    known.set(name, parent);
    if (!cursors.recent.has(name)) cursors.settled?.keep(name, cursor);
  }
  await cursors.load(unknown);
  if (known.size > 0) yield known;
  yield* parentRecords(parents.digest, unknown);
}

async function save(state: FollowerState, { n, loadId }: CommitName): Promise<SavedAgenda | undefined> {
  const { agenda, keys: before, isNew, session } = state;
  if (!state.isReady) return undefined;
  try {
    const saved = await saveAgenda(session.ports, agenda, session.tuning, { id: session.id, n, loadId, before, isNew });
    Object.assign(state, { keys: saved.keys, isNew: false });
    return saved;
  } catch (error) {
    if (!(error instanceof LostAgenda)) throw error;
    state.isReady = false;
    session.progress.updateState({ agenda: undefined });
    return undefined;
  }
}
