import { timesOf } from '../../../functions/extract/pages/outside-window.ts';
import { asksForEnd } from '../../../functions/source/check-paging.ts';
import type { Partition, Window } from '../../../functions/source/page.ts';
import type { Stream, WindowRule } from '../../../functions/source/source.ts';
import { DAY_MS, durationMs } from '../../../functions/time.ts';
import type { OnlineResult, RealAnswer } from './online-answers.ts';

const SPAN_MS = 30 * DAY_MS;
/** Vendors count days in their own time zone. */
const SLACK_MS = DAY_MS;

/** The window to request a stream with that shows not everything without one; undefined for others. @param now ms */
export function windowNeeded({ kind, window }: Stream, now: number): Window | undefined {
  if (!window || (kind !== 'daily' && window.required === undefined)) return undefined;
  return windowUpTo(window, now);
}

function windowUpTo({ longest, as }: WindowRule, end: number): Window {
  const span = longest === undefined ? SPAN_MS : Math.min(SPAN_MS, durationMs(longest));
  // Of days, both ends count.
  return { from: new Date(end - span + (as === 'day' ? DAY_MS : 0)), to: new Date(end) };
}

/** What the first pages of a list showed. */
interface FirstPages {
  readonly answers: readonly RealAnswer[];
  /** They are the complete list, as requested. */
  readonly isComplete: boolean;
}

/**
 * Compares the filter on time with what the list shows: a window around a record has that record and no others, and a list that
 * ended has nothing older.
 * @param request requests the first page of a window
 * @throws CallhouseError if it cannot be had
 */
export async function* judgeWindow(
  stream: Stream,
  partition: Partition,
  { answers, isComplete }: FirstPages,
  request: (window: Window) => Promise<readonly unknown[]>,
): AsyncIterable<OnlineResult> {
  const { window } = stream;
  const times = answers.flatMap(({ records }) => timesOf(stream, records));
  const middle = times[times.length >> 1];
  if (!window) return;
  if (middle === undefined) {
    yield { name: 'window', isOk: undefined, seen: `no record with a time in ${window.by} was listed` };
    return;
  }
  const around = { from: new Date(middle - DAY_MS / 4), to: new Date(middle + DAY_MS / 4) };
  const shown = await request(around);
  const hasEnd = asksForEnd(stream.ask, partition);
  const isOutside = (time: number) =>
    time < around.from.getTime() - SLACK_MS || (hasEnd && time > around.to.getTime() + SLACK_MS);
  const outside = timesOf(stream, shown).filter(isOutside).length;
  const counts =
    shown.length === 0
      ? 'a window of twelve hours around a known record is empty'
      : `${outside} of ${shown.length} records of a window of twelve hours began outside it`;
  const isOk = outside === 0 && shown.length > 0;
  const remedy = 'check window.by and window.as, and from and to in ask';
  yield { name: 'window', isOk, seen: isOk ? counts : `${counts}; ${remedy}` };
  if (!isComplete || window.required !== undefined || stream.kind === 'daily' || !hasEnd) return;
  const older = await request(windowUpTo(window, Math.min(...times) - 2 * SLACK_MS));
  const missing = timesOf(stream, older).length;
  const reach = 'declare window.required, because without a window the list does not show everything';
  const seen = `a window before the oldest record of the list has ${missing} more`;
  yield { name: 'reach', isOk: missing === 0, seen: missing === 0 ? seen : `${seen}; ${reach}` };
}
