import { commitStream } from '../../functions/extract/commit/commit-stream.ts';
import { followParentStream, roundsOf } from '../../functions/extract/follow/follow-stream.ts';
import { listPartitions } from '../../functions/extract/plan/plan.ts';
import { planReads } from '../../functions/extract/reads/due-reads.ts';
import { openSession, readKnownStream } from '../../functions/extract/session/open-session.ts';
import type { StreamSession } from '../../functions/extract/session/session.ts';
import { readRecords } from '../../functions/extract/session/sibling-records.ts';
import type { DigestEntry } from '../../functions/lake/digest/digest-entry.ts';
import type { Store } from '../../functions/ports.ts';
import { headers } from '../../functions/source/auth.ts';
import { defineSource, type PerParentStream } from '../../functions/source/source.ts';
import { makePorts } from './ports.ts';
import { unitPartition, unitSession, unitStream } from './session.ts';
import { siblingsWith } from './siblings.ts';

/** Small enough that rows are settled, and segments split, all the time. */
const TUNING = { recentRows: 12, mostRecentRows: 40, shardRows: 20, mostDigests: 3 };

const lists: PerParentStream = {
  kind: 'per-parent',
  parent: 'calls',
  tables: unitStream.tables,
  path: '/lists',
  pageSize: 2,
  readAtAges: ['15m', '1h', '6h', '1d', '7d', '14d'],
  thenEvery: '30d',
  partitions: ({ recordsOf }) => {
    // Other records are asked for by those of the parent, if there is one.
    const listed = [...recordsOf('calls')].filter(([, { deletedAt, group = '' }]) => {
      const user = recordsOf('users').get(group);
      return deletedAt === undefined && user !== undefined && user.deletedAt === undefined;
    });
    return listed.map(([id]) => unitPartition(id));
  },
  ask: () => ({}),
};

const source = defineSource({
  name: 'unit',
  baseUrl: 'https://unit.example',
  auth: headers({ 'x-unit-key': 'UNIT_KEY' }),
  streams: { calls: unitStream, lists },
});

const LISTS = { source: 'unit', account: 'default', stream: 'lists' };
const CALLS = { ...LISTS, stream: 'calls' };

/** A run at this time. */
export interface WorldRun {
  readonly store: Store;
  readonly at: number;
  /** Users whose calls are listed. */
  readonly users: readonly string[];
  /** Those of them that are marked deleted. @default none */
  readonly removed?: readonly string[];
  /** Ages of a call at which its list is read again. */
  readonly ages?: readonly string[];
  /** Whether the run has time left. @default true */
  readonly hasTime?: boolean;
}

async function sessionOf(
  { store, at, users, removed = [], ages = lists.readAtAges, hasTime = true }: WorldRun,
  name: 'calls' | 'lists',
): Promise<StreamSession> {
  const ports = makePorts({ store, clock: { ms: at } });
  const known = await readKnownStream(ports, CALLS);
  const user = { contentHash: 'u', partOn: 0, firstSeenAt: 0 };
  const records = new Map(
    users.map((name) => [name, { ...user, ...(removed.includes(name) && { deletedAt: 1 }) }] as const),
  );
  const siblings = {
    ...siblingsWith((stream) => (stream === 'users' ? records : new Map())),
    knownStream: () => known,
  };
  const { session } = await unitSession({ at, ports, tuning: TUNING, siblings });
  const client = { ...session.client, hasTime: () => hasTime };
  return openSession(
    { ...session, source, client },
    name,
    name === 'calls' ? unitStream : { ...lists, readAtAges: ages },
  );
}

/** A run of the parents' stream that sets these records, in so many commits. */
export async function changeCalls(run: WorldRun, calls: ReadonlyMap<string, DigestEntry>, commits = 1): Promise<void> {
  const session = await sessionOf(run, 'calls');
  const names = [...calls.keys()];
  const each = Math.ceil(names.length / commits);
  for (let commit = 0; commit < commits; commit += 1) {
    const some = names.slice(commit * each, (commit + 1) * each);
    await session.digest.entries.load(some);
    for (const name of some) session.digest.set(name, calls.get(name) as DigestEntry);
    await commitStream(session, 'ok');
  }
}

/** The lists that a run of the following stream reads, in order. */
export async function planRun(run: WorldRun) {
  const session = await followParentStream(await sessionOf(run, 'lists'));
  for await (const own of session.follower ? roundsOf(session) : [session]) {
    const { partitions } = await listPartitions(lists, own.siblings);
    await own.digest.cursors.load(partitions.map(({ id }) => id));
    const [plan] = planReads({ ...own, state: session.progress.state() }, partitions);
    return { session, own, planned: plan?.partitions.map(({ id }) => factsOf(id, own)) ?? [] };
  }
  throw new Error('no round');
}

/** What a plan knows of a list: its call, and how far it was read. */
function factsOf(id: string, { digest, siblings }: Pick<StreamSession, 'digest' | 'siblings'>) {
  return { id, call: siblings.recordsOf('calls').get(id), cursor: digest.cursors.get(id) };
}

/** What the run would plan if it looked at every call and every cursor. */
export async function planOfAll({ store }: WorldRun, session: StreamSession): Promise<ReturnType<typeof factsOf>[]> {
  const known = await readKnownStream(makePorts({ store }), CALLS);
  const own = await readKnownStream(makePorts({ store }), LISTS);
  const { digest } = (await unitSession({ at: session.at })).session;
  for await (const batch of own?.digest.cursors.batches() ?? []) for (const row of batch) digest.setCursor(...row);
  const all = known ? await readRecords(known.digest) : new Map();
  const { siblings } = session;
  const records = siblingsWith((stream) => (stream === 'calls' ? all : siblings.recordsOf(stream)));
  const { partitions } = await listPartitions(lists, records);
  const [plan] = planReads({ ...session, siblings: records, digest, state: session.progress.state() }, partitions);
  return plan?.partitions.map(({ id }) => factsOf(id, { digest, siblings: records })) ?? [];
}

/** Notes that these partitions were read, and commits. @param rereadAt when a text was shown that was hidden before */
export async function readLists(own: StreamSession, ids: readonly string[], rereadAt?: number): Promise<void> {
  const parents = own.siblings.recordsOf('calls');
  for (const id of ids) {
    const parentHash = parents.get(id)?.contentHash ?? '';
    own.digest.setCursor(id, { readAt: own.at, parentHash });
    own.follower?.noteRead(id, parents.get(id));
  }
  const state = () => ({ ...own.texts.state(), ...(rereadAt !== undefined && { rereadAt }) });
  await commitStream({ ...own, texts: { ...own.texts, state } }, 'ok');
}
