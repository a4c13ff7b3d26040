import type { Codec, Store } from '../../ports.ts';
import { agendaKey, createObject, type StreamId } from '../objects.ts';
import { type Agenda, type AgendaHead, newAgenda, type RecentDue } from './agenda.ts';
import type { StoredList } from './known-list.ts';
import type { SegmentRef } from './segment.ts';
import type { SegmentPorts } from './segment-set.ts';

/** Where agendas are kept, and how their logs are compressed. */
export interface AgendaPorts {
  readonly store: Store;
  readonly codec: Codec;
}

/** Rows of version 1 have only names and instants. */
const VERSION = 2;

/** One object of an agenda's log. Later ones count more. */
interface StoredAgenda {
  readonly version: number;
  readonly head: AgendaHead;
  /** All segments; absent if they are those of the object before. */
  readonly segments?: readonly (readonly [from: number, rows: number, key: string])[];
  readonly rows: readonly (readonly [name: string, dueAt: number | null, was: number | null, list?: StoredList])[];
}

/** Opens an agenda; undefined if any object of its log is missing or damaged, or of another version. */
export async function openAgenda(
  { store, codec }: AgendaPorts,
  keys: readonly string[],
  ports: SegmentPorts,
): Promise<Agenda | undefined> {
  const recent = new Map<string, RecentDue>();
  let head: AgendaHead | undefined;
  let segments: readonly SegmentRef[] = [];
  for (const key of keys) {
    const stored = await readStored(codec, await store.get(key));
    if (stored === undefined || stored.version > VERSION) return undefined;
    head = stored.head;
    segments = stored.segments?.map(([from, rows, own]) => ({ from, rows, key: own })) ?? segments;
    for (const [name, dueAt, was, list] of stored.rows)
      recent.set(name, { dueAt: dueAt ?? undefined, was: was ?? undefined, list });
  }
  return head && newAgenda({ head, segments, recent }, ports);
}

async function readStored(codec: Codec, body: Uint8Array | undefined): Promise<StoredAgenda | undefined> {
  if (!body) return undefined;
  try {
    return JSON.parse((await codec.expand(body)).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** How many rows and objects an agenda's log has. */
export interface AgendaLimits {
  /** If more rows are recent, they are settled, until half as many stay. */
  readonly recentRows: number;
  /** If there are more objects, they are written together into one. */
  readonly mostDigests: number;
}

/** Which commit an agenda is saved for. */
export interface AgendaSave {
  readonly id: StreamId;
  readonly n: number;
  readonly loadId: string;
  /** Keys of the log before. */
  readonly before: readonly string[];
  /** The agenda was made again, so that nothing of the log before counts. */
  readonly isNew: boolean;
}

/** The objects of a saved agenda's log, oldest first, and those that nothing names any more once its commit counts. */
export interface SavedAgenda {
  readonly keys: readonly string[];
  readonly superseded: readonly string[];
}

/**
 * Writes what changed in an agenda. It counts once a commit names the log.
 * @throws LostAgenda if a segment that must be rewritten is missing or damaged
 */
export async function saveAgenda(
  { store, codec }: AgendaPorts,
  agenda: Agenda,
  { recentRows, mostDigests }: AgendaLimits,
  { id, n, loadId, before, isNew }: AgendaSave,
): Promise<SavedAgenda> {
  const isSettling = agenda.recent.size > recentRows;
  if (!isNew && !isSettling && !agenda.isSettled() && agenda.touched.size === 0)
    return { keys: before, superseded: [] };
  if (isSettling) await agenda.settle(Math.floor(recentRows / 2));
  const isWhole = isNew || agenda.isSettled() || before.length >= mostDigests;
  const names = isWhole ? agenda.recent.keys() : agenda.touched;
  const stored: StoredAgenda = {
    version: VERSION,
    head: agenda.head(),
    ...(isWhole && { segments: agenda.segments().map(({ from, rows, key }) => [from, rows, key] as const) }),
    rows: [...names].map((name) => {
      const { dueAt = null, was = null, list } = agenda.recent.get(name) ?? {};
      return list ? ([name, dueAt, was, list] as const) : ([name, dueAt, was] as const);
    }),
  };
  const key = agendaKey(id, n, loadId);
  await createObject(store, key, await codec.compress(Buffer.from(JSON.stringify(stored))));
  agenda.touched.clear();
  return isWhole
    ? { keys: [key], superseded: [...before, ...agenda.takeSuperseded()] }
    : { keys: [...before, key], superseded: [] };
}
