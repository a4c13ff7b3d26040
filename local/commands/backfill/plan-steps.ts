import type { Window } from '../../../functions/source/page.ts';
import type { Source } from '../../../functions/source/source.ts';
import type { RunTarget } from '../run/select-targets.ts';
import type { Stretch } from './read-window.ts';

/** One run of a backfill. */
export interface Step {
  readonly streams: readonly string[];
  readonly window: Required<Window>;
}

/** Plans one full read of the streams that have no filter on time, then one read per chunk of the others. */
export function planSteps(
  { source, streams }: Pick<RunTarget, 'source' | 'streams'>,
  stretch: Stretch,
): readonly Step[] {
  const names = Object.keys(source.streams).filter((name) => streams?.includes(name) ?? true);
  const unfiltered = names.filter((name) => hasNoTimeFilter(source, name));
  const others = names.filter((name) => !unfiltered.includes(name));
  const once = unfiltered.length > 0 ? [{ streams: unfiltered, window: stretch.window }] : [];
  if (others.length === 0) return once;
  return [...once, ...[...chunksOf(stretch)].map((window) => ({ streams: others, window }))];
}

function hasNoTimeFilter({ streams }: Source, name: string): boolean {
  const stream = streams[name];
  return stream?.kind === 'collection' && !stream.window;
}

/** Adjacent chunks share their boundary: vendors include both ends, so no instant is skipped. */
function* chunksOf({ window, chunkMs }: Stretch): Iterable<Required<Window>> {
  for (let from = window.from.getTime(); from < window.to.getTime(); from += chunkMs) {
    yield { from: new Date(from), to: new Date(Math.min(from + chunkMs, window.to.getTime())) };
  }
}
