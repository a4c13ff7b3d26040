/** Something that will happen in the world. */
interface Happening {
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
}

/** What is to come, earliest first; of two at the same instant the one planned first. */
export interface EventQueue {
  plan(at: number, happen: () => void): void;
  /** Takes the next happening that is due at or before `limit`. */
  takeUntil(limit: number): Happening | undefined;
}

/** Makes an empty queue (a binary heap: a long history plans hundreds of thousands of happenings). */
export function createEventQueue(): EventQueue {
  const heap: Happening[] = [];
  let planned = 0;
  return {
    plan(at, happen) {
      planned += 1;
      heap.push({ at, order: planned, happen });
      siftUp(heap, heap.length - 1);
    },
    takeUntil(limit) {
      const first = heap[0];
      if (first === undefined || first.at > limit) return undefined;
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) {
        heap[0] = last;
        siftDown(heap, 0);
      }
      return first;
    },
  };
}

function siftUp(heap: Happening[], start: number): void {
  let index = start;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!swapIfEarlier(heap, index, parent)) return;
    index = parent;
  }
}

function siftDown(heap: Happening[], start: number): void {
  let index = start;
  for (;;) {
    const left = 2 * index + 1;
    const right = left + 1;
    const child = isEarlier(heap[right], heap[left]) ? right : left;
    if (!swapIfEarlier(heap, child, index)) return;
    index = child;
  }
}

function swapIfEarlier(heap: Happening[], lower: number, upper: number): boolean {
  const below = heap[lower];
  const above = heap[upper];
  if (below === undefined || above === undefined || !isEarlier(below, above)) return false;
  heap[upper] = below;
  heap[lower] = above;
  return true;
}

function isEarlier(a: Happening | undefined, b: Happening | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
