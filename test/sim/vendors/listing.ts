import { newRandom } from '../random.ts';
import { isVisible, type Rec, type World } from '../world.ts';

/** A request as the vendor sees it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** Identifies the request. */
  readonly number: number;
  /** The fault in the content of this answer. */
  readonly twist?: 'empty' | 'short' | 'repeat' | 'echo0' | 'ends' | undefined;
}

/** What the vendor answers. */
export interface Answered {
  readonly status: number;
  readonly json: unknown;
}

/** How a vendor serves a list. */
export interface Slice {
  readonly records: readonly Rec[];
  readonly size: number;
  /** Counted from 0. */
  readonly page: number;
  readonly total: number;
  readonly pages: number;
}

/** The visible records, in the vendor's order. */
export function listed(world: World, recs: Iterable<Rec>, number: number): Rec[] {
  const all = [...recs].filter(isVisible);
  const { order } = world.vendor;
  if (order === 'none') return all.sort((a, b) => scramble(a) - scramble(b));
  const ties = order === 'ties' ? newRandom(number) : undefined;
  const places = new Map(all.map((rec) => [rec, ties ? ties.next() : rec.order]));
  const at = ({ at: started, created }: Rec) => started ?? created;
  const way = order === 'oldest' ? -1 : 1;
  return all.sort((a, b) => way * (at(b) - at(a) || (places.get(b) ?? 0) - (places.get(a) ?? 0)));
}

function scramble({ order }: Rec): number {
  return Math.imul(order + 1, 0x9e3779b1) >>> 0;
}

/** A page beyond the last one is requested, and the vendor refuses that. */
export class BeyondEnd extends Error {}

/** The requested page of a list, with its fault. @throws BeyondEnd */
export function sliceOf(world: World, recs: Iterable<Rec>, page: number, asked: Asked, wanted: number): Slice {
  const { most, lie } = world.vendor;
  const size = Math.max(1, Math.min(most, wanted));
  const all = listed(world, recs, asked.number);
  const from = asked.twist === 'repeat' ? Math.max(0, page - 1) : asked.twist === 'echo0' ? 0 : page;
  const found = all.slice(from * size, (from + 1) * size);
  const records = asked.twist === 'empty' ? [] : asked.twist === 'short' ? found.slice(1) : found;
  if (world.vendor.refusesBeyond && page > 0 && page * size >= all.length) throw new BeyondEnd();
  const total = asked.twist === 'empty' ? 0 : Math.max(0, all.length + lie);
  return {
    records,
    size,
    page: asked.twist === 'echo0' ? 0 : page,
    total,
    pages: asked.twist === 'ends' ? page + 1 : Math.max(1, Math.ceil(total / size)),
  };
}

/** Records whose start is within the given bounds; a call that never started is in no window. */
export function within(recs: Iterable<Rec>, from: string | null, to: string | null): Rec[] {
  if (from === null && to === null) return [...recs];
  const [least, most] = [from === null ? -8e15 : Date.parse(from), to === null ? 8e15 : Date.parse(to)];
  return [...recs].filter(({ at }) => at !== null && at >= least && at <= most);
}

export const isoOf = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
/** A telephone number that nobody has. */
export const phoneOf = ({ order }: Pick<Rec, 'order'>) => `+1555${String(1_000_000 + order)}`;
/** Sensitive text: no log line, object name or column of `callhouse` may contain it. */
export const secretOf = ({ id, rev }: Pick<Rec, 'id' | 'rev'>) => `SECRET-${id}-r${rev}`;
