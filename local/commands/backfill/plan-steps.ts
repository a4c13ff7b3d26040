import type { Source, Window } from '../../../functions/source/source.ts';
import type { Target } from '../run/select-targets.ts';
import type { Stretch } from './read-window.ts';

/** One run of a backfill: these streams, this stretch. */
export interface Step {
  readonly streams: readonly string[];
  readonly window: Required<Window>;
}

/** A list that knows no filter on time is read whole, once, whatever is asked for; the other streams chunk by chunk. */
export function planSteps({ source, streams }: Pick<Target, 'source' | 'streams'>, stretch: Stretch): readonly Step[] {
  const names = Object.keys(source.streams).filter((name) => streams?.includes(name) ?? true);
  const whole = names.filter((name) => isReadWhole(source, name));
  const others = names.filter((name) => !whole.includes(name));
  const once = whole.length > 0 ? [{ streams: whole, window: stretch.window }] : [];
  if (others.length === 0) return once;
  return [...once, ...[...chunksOf(stretch)].map((window) => ({ streams: others, window }))];
}

function isReadWhole({ streams }: Source, name: string): boolean {
  const stream = streams[name];
  return stream?.kind === 'collection' && !stream.filters;
}

/** Chunks that meet: vendors take both ends in, and finer than a millisecond nothing can be told apart. */
function* chunksOf({ window, chunkMs }: Stretch): Iterable<Required<Window>> {
  for (let from = window.from.getTime(); from < window.to.getTime(); from += chunkMs) {
    yield { from: new Date(from), to: new Date(Math.min(from + chunkMs, window.to.getTime())) };
  }
}
