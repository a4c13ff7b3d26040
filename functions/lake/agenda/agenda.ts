import type { StoredList } from './known-list.ts';
import { type DueRow, type SegmentRef, segmentAt } from './segment.ts';
import { changeAt, newSegmentSet, type SegmentChanges, type SegmentPorts } from './segment-set.ts';

/** What an agenda was made from. If the basis is different now, the agenda is made again. */
export interface AgendaHead {
  /** Identifies the rules by which partitions are listed and due. */
  readonly basis: string;
  /** The latest scheduled time of a run that changed it, ms. */
  readonly at: number;
  /** Number of the parent stream's commit up to which changes of parents were followed. */
  readonly followed: number;
  /** The hash up to which settled parents are on the agenda, while it is being made. */
  readonly madeTo?: number | undefined;
}

/** A recent row. It replaces every settled row of its name. */
export interface RecentDue {
  /** Undefined if the partition is not due until its parent changes. */
  readonly dueAt: number | undefined;
  /** The instant of its settled row, if it is known. */
  readonly was: number | undefined;
  readonly list?: StoredList | undefined;
}

/** What else is noted of a row. */
export interface DueNotes {
  /** The instant of its settled row, if it has one. */
  readonly was?: number | undefined;
  /** What the partition's plan will be made from if its parent stays as it is. */
  readonly list?: StoredList | undefined;
}

/**
 * When the partitions of a stream are due, in the order of time, so that a run looks only at what is due. It follows from cursors and
 * parent records, and is made again from them if it is missing. A row may be too early, but never too late: a run judges again what is
 * due by it.
 */
export interface Agenda {
  readonly head: () => AgendaHead;
  updateHead(head: AgendaHead): void;
  readonly recent: ReadonlyMap<string, RecentDue>;
  readonly segments: () => readonly SegmentRef[];
  /** @param dueAt ms; undefined for never */
  set(name: string, dueAt: number | undefined, notes?: DueNotes): void;
  /**
   * Names that are due, each with what its plan is made from; undefined where that must be looked up. Of more than `most`, three
   * quarters are the latest, the others the earliest.
   * @throws LostAgenda if a segment is missing or damaged
   */
  due(
    at: number,
    most: number,
    isWanted: (name: string) => boolean,
  ): Promise<ReadonlyMap<string, StoredList | undefined>>;
  /**
   * Moves recent rows into segments, which count once a commit names the agenda. The earliest stay, so many at most.
   * @throws LostAgenda if a segment is missing or damaged
   */
  settle(stay: number): Promise<void>;
  /**
   * Adds rows to the segments of an agenda that is being made. No other settled row may be of these names.
   * @throws LostAgenda if a segment is missing or damaged
   */
  addRows(rows: readonly DueRow[]): Promise<void>;
  /** Names set since the last save. */
  readonly touched: Set<string>;
  /** True if segments were written since the last save, so that the log must name them. */
  readonly isSettled: () => boolean;
  /** Keys of the segments, and of those that the last save names still. */
  readonly segmentKeys: () => readonly string[];
  /** Keys of segments that were replaced since the last save. */
  takeSuperseded(): readonly string[];
}

/** What an agenda begins with. */
export interface AgendaBegin {
  readonly head: AgendaHead;
  readonly segments?: readonly SegmentRef[];
  readonly recent?: Map<string, RecentDue>;
}

/** An agenda as it was saved, or an empty one. */
export function newAgenda(begin: AgendaBegin, ports: SegmentPorts): Agenda {
  const recent = begin.recent ?? new Map<string, RecentDue>();
  const touched = new Set<string>();
  const settledAt = new Map<string, number>();
  const segments = newSegmentSet(begin.segments ?? [], ports);
  let { head } = begin;
  let isSettled = false;
  return {
    head: () => head,
    updateHead(next) {
      head = next;
    },
    recent,
    segments: segments.refs,
    touched,
    set(name, dueAt, { was, list } = {}) {
      const settled = recent.get(name)?.was ?? settledAt.get(name) ?? was;
      recent.set(name, { dueAt, was: settled, list });
      touched.add(name);
    },
    async due(at, most, isWanted) {
      const found = new Map<string, StoredList | undefined>();
      for (const [name, { dueAt, list }] of recent) if (isDue(dueAt, at) && isWanted(name)) found.set(name, list);
      for await (const rows of fromBothEnds(segments.refs(), {
        at,
        most,
        read: segments.read,
        count: () => found.size,
      })) {
        for (const [dueAt, name, list] of rows) {
          if (dueAt > at || recent.has(name) || !isWanted(name)) continue;
          // If a name has two rows, one is out of date.
          found.set(name, found.has(name) ? undefined : list);
          settledAt.set(name, dueAt);
        }
      }
      return found;
    },
    async settle(stay) {
      const moving = movingRows(recent, stay);
      await segments.rewrite(changesOf(segments.refs(), moving));
      for (const [name] of moving) recent.delete(name);
      isSettled ||= moving.length > 0;
    },
    async addRows(rows) {
      const changes: SegmentChanges = new Map();
      for (const row of rows) changeAt(changes, segmentAt(segments.refs(), row[0])).added.push(row);
      await segments.rewrite(changes);
      isSettled ||= rows.length > 0;
    },
    isSettled: () => isSettled,
    segmentKeys: segments.keys,
    takeSuperseded() {
      isSettled = false;
      return segments.takeSuperseded();
    },
  };
}

function isDue(dueAt: number | undefined, at: number): boolean {
  return dueAt !== undefined && dueAt <= at;
}

interface BothEnds {
  readonly at: number;
  readonly most: number;
  readonly read: (ref: SegmentRef) => Promise<readonly DueRow[]>;
  /** Rows that were taken so far. */
  readonly count: () => number;
}

/** Rows of the segments that have due ones. If they are many, the latest come first, and the earliest last. */
async function* fromBothEnds(segments: readonly SegmentRef[], { at, most, read, count }: BothEnds) {
  const left = segments.filter(({ from }) => from <= at);
  while (left.length > 0 && count() < most * (3 / 4)) yield await read(left.pop() as SegmentRef);
  while (left.length > 0 && count() < most) yield await read(left.shift() as SegmentRef);
}

/** The recent rows, except those that are due next. */
function movingRows(recent: ReadonlyMap<string, RecentDue>, stay: number): readonly (readonly [string, RecentDue])[] {
  const rows = [...recent].sort(([, one], [, other]) => (one.dueAt ?? 0) - (other.dueAt ?? 0));
  const gone = rows.filter(([, { dueAt }]) => dueAt === undefined);
  return [...gone, ...rows.filter(([, { dueAt }]) => dueAt !== undefined).slice(stay)];
}

/** What each segment, by its place, loses and gains. */
function changesOf(segments: readonly SegmentRef[], moving: readonly (readonly [string, RecentDue])[]): SegmentChanges {
  const changes: SegmentChanges = new Map();
  const changeOf = (dueAt: number) => changeAt(changes, segmentAt(segments, dueAt));
  for (const [name, { dueAt, was, list }] of moving) {
    if (was !== undefined) changeOf(was).dropped.set(name, was);
    if (dueAt !== undefined) changeOf(dueAt).added.push(list ? [dueAt, name, list] : [dueAt, name]);
  }
  return changes;
}
