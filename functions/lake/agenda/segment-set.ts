import type { Store } from '../../ports.ts';
import { doAll } from '../digest/shard-reader.ts';
import { createObject } from '../objects.ts';
import {
  changeRows,
  type DueRow,
  decodeSegment,
  encodeSegment,
  LostAgenda,
  type SegmentChange,
  type SegmentRef,
  splitRows,
} from './segment.ts';

/** Where segments are stored. */
export interface SegmentPorts {
  readonly store: Store;
  /** Key of the n-th new segment, counted from 1. */
  readonly keyOf: (part: number) => string;
}

/** What segments lose and gain, by their places. */
export type SegmentChanges = Map<number, { readonly dropped: Map<string, number>; readonly added: DueRow[] }>;

/** The change of one place, which is empty at first. */
export function changeAt(changes: SegmentChanges, place: number) {
  const change = changes.get(place) ?? { dropped: new Map<string, number>(), added: [] };
  changes.set(place, change);
  return change;
}

/** The segments of an agenda, in the order of time. */
export interface SegmentSet {
  readonly refs: () => readonly SegmentRef[];
  /** @throws LostAgenda if the segment is missing or damaged */
  read(ref: SegmentRef): Promise<readonly DueRow[]>;
  /**
   * Writes segments anew; they count once a commit names the agenda. Those that no save has named are deleted at once.
   * @throws LostAgenda if a segment is missing or damaged
   */
  rewrite(changes: SegmentChanges): Promise<void>;
  /** Keys of the segments, and of those that the last save names still. */
  readonly keys: () => readonly string[];
  /** Keys of segments that were replaced since the last save. */
  takeSuperseded(): readonly string[];
}

/** Segments that are rewritten at the same time. */
const AT_ONCE = 4;

/** @param begin segments as they were saved */
export function newSegmentSet(begin: readonly SegmentRef[], { store, keyOf }: SegmentPorts): SegmentSet {
  const unsaved = new Set<string>();
  let refs = begin;
  let superseded: string[] = [];
  let part = 0;

  async function read({ key }: SegmentRef): Promise<readonly DueRow[]> {
    const bytes = await store.get(key);
    if (!bytes) throw new LostAgenda();
    return decodeSegment(bytes);
  }

  async function write(rows: readonly DueRow[]): Promise<readonly SegmentRef[]> {
    const written: SegmentRef[] = [];
    for (const own of splitRows(rows)) {
      part += 1;
      const key = keyOf(part);
      await createObject(store, key, encodeSegment(own));
      unsaved.add(key);
      written.push({ from: own[0]?.[0] ?? 0, rows: own.length, key });
    }
    return written;
  }

  async function change(ref: SegmentRef | undefined, own: SegmentChange): Promise<readonly SegmentRef[]> {
    const written = await write(changeRows(ref ? await read(ref) : [], own));
    if (ref && unsaved.delete(ref.key)) await store.delete(ref.key);
    else if (ref) superseded.push(ref.key);
    return written;
  }

  return {
    refs: () => refs,
    read,
    async rewrite(changes) {
      const after = new Map<number, readonly SegmentRef[]>();
      const work = [...changes].map(([place, own]) => async () => {
        after.set(place, await change(refs[place], own));
      });
      await doAll(work, AT_ONCE);
      const places = Math.max(refs.length, 1);
      refs = Array.from({ length: places }, (_, place) => after.get(place) ?? refs[place] ?? []).flat();
    },
    keys: () => [...refs.map(({ key }) => key), ...superseded],
    takeSuperseded() {
      const keys = superseded;
      superseded = [];
      unsaved.clear();
      return keys;
    },
  };
}
